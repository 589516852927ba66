package main_test

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestChurn has satellites come and go by thousands, with messages to those
// that are there: descriptors, memory and goroutines stay what they were.
// SOAK_CHURN says how many in make soak.
func TestChurn(t *testing.T) {
	t.Parallel()
	first, changes, mayGrow := 200, 1000, 24 // MiB: so much garbage there may be before it is first collected
	if s := os.Getenv("SOAK_CHURN"); s != "" {
		var err error
		if changes, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		first, mayGrow = changes/10, 8
	}
	few, many := churned(t, first), churned(t, changes)
	t.Logf("soak: descriptors after %d and %d registrations\t%d and %d", few.registrations, many.registrations, few.descriptors, many.descriptors)
	t.Logf("soak: resident MiB then\t%d and %d", few.resident, many.resident)
	t.Logf("soak: goroutines then\t%d and %d", few.goroutines, many.goroutines)
	if many.descriptors > few.descriptors+3 {
		t.Errorf("%d descriptors after %d registrations, %d after %d", many.descriptors, many.registrations, few.descriptors, few.registrations)
	}
	if many.goroutines > few.goroutines+3 {
		t.Errorf("%d goroutines after %d registrations, %d after %d", many.goroutines, many.registrations, few.goroutines, few.registrations)
	}
	if !raceEnabled && many.resident > few.resident+mayGrow {
		t.Errorf("%d MiB resident after %d registrations, %d after %d", many.resident, many.registrations, few.resident, few.registrations)
	}
}

// A residue is what is left in a relay when all satellites have gone.
type residue struct {
	registrations, descriptors, resident, goroutines int
}

// churned registers and removes satellites, 50 at a time, and ends the relay
// with SIGQUIT, by which it tells its goroutines.
func churned(t *testing.T, registrations int) residue {
	t.Helper()
	const crew = 50
	relay := startRelay(t, "--rate", "0")
	before := relay.descriptors(t)
	rounds := registrations / crew
	c := newCrowd(t, crew, rounds)
	for i := range rounds {
		for _, m := range c.all {
			m.startsAt(i)
		}
		c.register(relay)
		c.send(relay, i, i+1, 0)
		c.wants(i + 1)
		c.deregister(relay)
	}
	workers := 2 * runtime.NumCPU() // each keeps a descriptor once it was at work
	eventually(t, "the relay has closed what it had open", func() bool { return relay.descriptors(t) <= before+2+workers })
	r := residue{registrations: registrations, descriptors: relay.descriptors(t), resident: relay.memory(t, "VmRSS")}
	relay.signal(syscall.SIGQUIT)
	relay.wait()
	r.goroutines = strings.Count(relay.err.String(), "\ngoroutine ")
	if r.goroutines == 0 {
		t.Fatalf("the relay told no goroutines: %s", &relay.err)
	}
	return r
}

// startsAt says which message comes next.
func (m *fellow) startsAt(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m != m.crowd.all[0] {
		m.next = n
	}
}

func (c *crowd) deregister(relay *server) {
	c.t.Helper()
	c.each(c.all, func(ctx context.Context, m *fellow) error {
		client := m.client(relay)
		defer client.HTTP.CloseIdleConnections()
		return client.Call(ctx, "relay.deregister", nil, structure{"host_id": m.hostID})
	})
}
