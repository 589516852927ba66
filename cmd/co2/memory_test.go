package main_test

import (
	"testing"
)

// TestMemoryStopsGrowing lets the outboxes of bad satellites run over: once
// they are full, messages for them cost nothing more, and the good ones get
// theirs. The race detector would keep memory of its own.
func TestMemoryStopsGrowing(t *testing.T) {
	if raceEnabled {
		t.Skip("make unit runs it without the race detector")
	}
	const (
		good, bad = 20, 90
		full      = 1500 // messages after which the outboxes are full: they hold 1,000
		messages  = 10_000
	)
	relay, canary := startRelay(t, "--rate", "0"), perch(t)
	c := newCrowd(t, good, messages, badOnes(bad, canary.addr())...)
	c.register(relay)
	before := relay.memory(t, "VmRSS")
	c.flood(relay, 0, full)
	atFull := relay.memory(t, "VmRSS")
	c.flood(relay, full, messages)
	after := relay.memory(t, "VmRSS")
	dropped := 0
	for _, props := range c.props(relay, c.all[good:]...) {
		if props["dropped"].(int64) > 0 {
			dropped++
		}
	}
	if dropped < bad/2 {
		t.Errorf("%d of %d bad satellites have run over, want most", dropped, bad)
	}
	t.Logf("soak: resident MiB before messages, with outboxes just full, %d messages later\t%d, %d, %d", messages-full, before, atFull, after)
	if after > atFull+12 {
		t.Errorf("%d MiB resident with outboxes full, %d after %d more messages", atFull, after, messages-full)
	}
}

// flood sends as fast as the good ones can take it.
func (c *crowd) flood(relay *server, first, last int) {
	c.t.Helper()
	for ; first < last; first += 500 {
		c.send(relay, first, min(first+500, last), 0)
		c.wants(min(first+500, last))
	}
}
