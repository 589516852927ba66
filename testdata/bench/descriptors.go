package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// besides is how many descriptors a process may need beside its connections.
const besides = 500

// descriptors makes sure that a process can have so many connections. Go
// programs and those of peers/ raise their soft limit to the hard one.
func descriptors(conns int) error {
	need := uint64(conns + besides)
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return fmt.Errorf("getrlimit: %w", err)
	}
	if files.Max >= need {
		return nil
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: need, Max: need}); err != nil {
		return fmt.Errorf("%d connections need %d open files and the hard limit is %d: raise it with ulimit -Hn, as root (%w)", conns, need, files.Max, err)
	}
	return nil
}
