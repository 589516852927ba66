package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A pidFile holds the number of a running daemon, and is locked as long as
// that runs: a number that was left behind is never taken for a process. The
// kernel drops the lock with the process.
type pidFile struct{ file *os.File }

// takePidFile writes the number of this process. It is an error if another
// daemon has the file.
func takePidFile(path string) (*pidFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("pid file: %w", err)
	}
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
		if err != nil {
			return nil, fmt.Errorf("pid file: %w", err)
		}
		if err := lockPid(f); err != nil {
			return nil, errors.Join(fmt.Errorf("pid file %s: %w", path, err), f.Close())
		}
		p := &pidFile{f}
		if !p.inPlace() { // its daemon took it away between our opening and locking it
			f.Close()
			continue
		}
		if err := writePid(f); err != nil {
			return nil, errors.Join(fmt.Errorf("pid file %s: %w", path, err), f.Close())
		}
		return p, nil
	}
}

// inPlace reports whether the file that is locked is the one that others find.
func (p *pidFile) inPlace() bool {
	ours, err := p.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(p.file.Name())
	return err == nil && os.SameFile(ours, there)
}

func lockPid(f *os.File) error {
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if pid, bad := readPid(f); bad == nil {
			return fmt.Errorf("process %d runs already", pid)
		}
		return fmt.Errorf("another process has it: %w", err)
	}
	return nil
}

func writePid(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// remove takes the file away, unless it is another's by now, and frees it.
func (p *pidFile) remove() error {
	if p == nil {
		return nil
	}
	if !p.inPlace() {
		return p.file.Close()
	}
	return errors.Join(os.Remove(p.file.Name()), p.file.Close())
}

// errNotRunning is returned for a pid file that no running daemon has.
var errNotRunning = errors.New("no daemon runs with this pid file")

// runningPid returns the number of the daemon that has the file.
func runningPid(path string) (int, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: %w", path, errNotRunning)
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		return 0, fmt.Errorf("%s: %w", path, cmp.Or(err, errNotRunning)) // we could have it, so nobody else has
	}
	pid, err := readPid(f)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return pid, nil
}

// readPid reads no more than a number is long.
func readPid(f *os.File) (int, error) {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return 0, errors.New("holds no number of a process")
	}
	return pid, nil
}
