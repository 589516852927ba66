package main_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestFewDescriptors gives a relay 256 descriptors, a thousand satellites, and
// callers that take every connection there is. It must not spin, and goes on
// answering and delivering. The race detector would take its own share.
func TestFewDescriptors(t *testing.T) {
	if raceEnabled {
		t.Skip("make unit runs it without the race detector")
	}
	const satellites, messages, callers = 1000, 20, 200
	relay := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: []string{"--head-timeout", "1s"}, limit: "256"}
	relay.serve(t)
	c := newCrowd(t, satellites, messages)
	c.register(relay)
	stop := besiege(t, relay, callers)
	eventually(t, "the relay has hardly a descriptor left", func() bool { return relay.descriptors(t) > 160 })
	began, before := time.Now(), relay.cpu(t)
	<-time.After(5 * time.Second)
	share := float64(relay.cpu(t)-before) / float64(time.Since(began))
	t.Logf("soak: a relay without free descriptors, of one core\t%.1f %% (at most 10 %%)", 100*share)
	if share > 0.10 {
		t.Errorf("without free descriptors the relay takes %.1f %% of a core, want at most 10 %%", 100*share)
	}
	began = time.Now()
	ping(t, relay)
	t.Logf("soak: ping by a new connection then\t%v", time.Since(began).Round(time.Millisecond))
	c.send(relay, 0, messages, 10)
	c.wants(messages)
	stop()
	for _, props := range c.props(relay, c.good()...) {
		if props["recv_fails"] != int64(0) || props["state"] != "up" {
			t.Fatalf("%s is %s, %d notifies failed (%s), want it up and none failed", props["host_id"], props["state"], props["recv_fails"], props["last_error"])
		}
	}
	if open := relay.descriptors(t); open > 256 {
		t.Errorf("the relay has %d descriptors, want at most 256", open)
	}
}

// besiege opens so many connections that say nothing, each again as soon as it
// is closed, until stop.
func besiege(t *testing.T, relay *server, callers int) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	addr := relay.addr()
	for range callers {
		all.Go(func() {
			for ctx.Err() == nil {
				sit(ctx, addr)
			}
		})
	}
	stop = sync.OnceFunc(func() {
		cancel()
		all.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// sit holds one connection until it is closed or ctx ends.
func sit(ctx context.Context, addr string) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.Read(make([]byte, 1))
}

// cpu is the time of processors the process has taken.
func (p *process) cpu(t *testing.T) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		t.Skipf("what it takes is not told here: %v", err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	var sum time.Duration
	for _, field := range strings.Fields(after)[11:13] { // utime and stime, in hundredths
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}

// fewFiles is a command under a limit of descriptors, hard and soft.
func fewFiles(limit, program string, args ...string) *exec.Cmd {
	script := "ulimit -n " + limit + ` && exec "$0" "$@"`
	return exec.Command("sh", append([]string{"-c", script, program}, args...)...)
}
