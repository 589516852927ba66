package main_test

import (
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// startLimited starts a relay of a shell that limits itself before.
func startLimited(t *testing.T, limit string, env []string, extra ...string) *server {
	t.Helper()
	r := &server{state: t.TempDir()}
	args := append([]string{"-c", limit + ` && exec "$0" "$@"`, binary, "serve", "--listen", "127.0.0.1:0", "--state", r.state, "--no-polo"}, extra...)
	cmd := exec.Command("sh", args...)
	cmd.Env = env
	r.process = startCommand(t, cmd)
	r.url = strings.TrimSuffix(strings.Fields(r.printed("listening"))[1], "/")
	return r
}

// useOf returns one entry of get_limits.
func (s *server) useOf(t *testing.T, name string) (limit, used int64) {
	t.Helper()
	u := must[map[string]structure](t, s, "relay.get_limits")[name]
	return u["limit"].(int64), u["used"].(int64)
}

// With few descriptors the door takes fewer connections and says so; more
// clients than that wait their turn, and the relay still answers, writes its
// dump and calls satellites.
func TestDescriptorsAreShared(t *testing.T) {
	t.Parallel()
	relay := startLimited(t, "ulimit -n 256", cleanEnv(t), "--max-sats", "1000")
	relay.printed("limited    256 descriptors (ulimit -n) are for 42 connections at the door (--max-conns 8192) and 126 kept to satellites (--max-sats 1000)")
	if limit, _ := relay.useOf(t, "connections"); limit != 42 {
		t.Errorf("the door takes %d connections, want 42", limit)
	}
	if limit, _ := relay.useOf(t, "descriptors"); limit != 256 {
		t.Errorf("get_limits tells of %d descriptors, want 256", limit)
	}
	const satellites = 200
	ears := make([]*ear, satellites)
	for i := range ears {
		ears[i] = listen(t, nil).register(t, relay)
	}
	for range 100 { // they come, ask nothing and stay
		c := dialRaw(t, relay)
		t.Cleanup(func() { c.Close() })
	}
	began := time.Now()
	must[string](t, relay, "ping")
	t.Logf("with the door full a ping is answered after %v", time.Since(began))
	ears[0].send(t, relay, text("to all"))
	for _, e := range ears[1:] {
		e.hears(t)
	}
	if _, used := relay.useOf(t, "descriptors"); used > 256-16 {
		t.Errorf("%d of 256 descriptors are open, want some kept back", used)
	}
	listen(t, nil).register(t, relay) // is written to disk
	if code := relay.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// GOMEMLIMIT is taken, told, and kept to: what may be held is fitted to it.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	relay := startLimited(t, "true", cleanEnv(t, "GOMEMLIMIT=64MiB"))
	relay.said(`msg="memory is limited by GOMEMLIMIT" code=SERVE-MEMORY limit=67108864 max_body_memory=16777216 outbox_memory=16777216`)
	if limit, used := relay.useOf(t, "memory"); limit != 64<<10 || used < 1<<10 || used > 24<<10 {
		t.Errorf("memory at rest: %d of %d KiB, want little of 65536", used, limit)
	}
	if limit, _ := relay.useOf(t, "bodies"); limit != 16<<10 {
		t.Errorf("bodies have %d KiB, want 16384", limit)
	}
	if limit, _ := relay.useOf(t, "outbox_memory"); limit != 16<<10 {
		t.Errorf("outboxes have %d KiB, want 16384", limit)
	}
	large := strings.Repeat("x", 1<<20)
	var senders sync.WaitGroup
	for range 3 {
		senders.Go(func() {
			for range 8 {
				var back string
				if err := relay.call(t, &back, "test", large); err == nil && len(back) != len(large) {
					t.Errorf("test gave %d octets back, want %d", len(back), len(large))
				}
			}
		})
	}
	most := int64(0)
	for range 10 {
		_, used := relay.useOf(t, "memory")
		most = max(most, used)
	}
	senders.Wait()
	t.Logf("memory under load: %d KiB", most)
	if most > 96<<10 {
		t.Errorf("memory under load: %d KiB of 65536, want it kept", most)
	}
	plain := startRelay(t)
	if limit, used := plain.useOf(t, "memory"); limit != 1<<31-1 || used < 17<<10 {
		t.Errorf("without GOMEMLIMIT: %d of %d KiB, want no limit and the ballast", used, limit)
	}
}
