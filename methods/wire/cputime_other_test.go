//go:build !linux

package wire_test

import "time"

var started = time.Now()

// cpuTime is the time of the clock where there is no better one.
func cpuTime() time.Duration { return time.Since(started) }
