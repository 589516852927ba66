package wire_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the processor time of this thread, which other work does not
// lengthen.
func cpuTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}
