package main_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStopped stops a relay with SIGSTOP for longer than its pings may take,
// in the midst of them. When it goes on nobody is suspect or down for it, and
// messages go on. In make soak, by SOAK_STOPPED=30s, it stops for longer.
func TestStopped(t *testing.T) {
	t.Parallel()
	const satellites, messages = 40, 20
	stopped := 8 * time.Second
	if s := os.Getenv("SOAK_STOPPED"); s != "" {
		var err error
		if stopped, err = time.ParseDuration(s); err != nil {
			t.Fatal(err)
		}
	}
	relay := startRelay(t, "--ping-interval", "1s")
	c := newCrowd(t, satellites, messages)
	for _, m := range c.all {
		m.slow = 300 * time.Millisecond // so that many pings are under way at any time
	}
	c.register(relay)
	c.untilPinged(2)
	c.send(relay, 0, messages/2, 10)
	relay.signal(syscall.SIGSTOP)
	<-time.After(stopped)
	before := c.pingCounts()
	relay.signal(syscall.SIGCONT)
	c.send(relay, messages/2, messages, 10)
	c.wants(messages)
	c.untilPinged(2, before...)
	worst := 0
	for _, props := range c.props(relay, c.all...) {
		if props["state"] != "up" || props["last_error"] != "" || props["ping_fails"] != int64(0) || props["recv_fails"] != int64(0) {
			t.Errorf("%s is %s (%q), with %d of %d pings and %d of %d notifies failed, want it up and none failed",
				props["host_id"], props["state"], props["last_error"], props["ping_fails"], props["ping_count"], props["recv_fails"], props["recv_count"])
			worst++
		}
	}
	for _, line := range strings.Split(relay.err.String(), "\n") {
		if strings.Contains(line, "SAT-STATE") && !strings.Contains(line, "state=up") {
			t.Errorf("the log tells %s", line)
		}
	}
	t.Logf("soak: satellites blamed for a relay stopped for %v\t%d of %d", stopped, worst, satellites)
}

func (c *crowd) pingCounts() []int {
	counts := make([]int, len(c.all))
	for i, m := range c.all {
		counts[i] = m.pinged()
	}
	return counts
}

// untilPinged waits until all good ones have been pinged so often, more than
// before.
func (c *crowd) untilPinged(times int, before ...int) {
	c.t.Helper()
	eventually(c.t, "all are pinged", func() bool {
		for i, m := range c.all {
			want := times
			if len(before) > 0 {
				want += before[i]
			}
			if m.manner == nil && m.pinged() < want {
				return false
			}
		}
		return true
	})
}
