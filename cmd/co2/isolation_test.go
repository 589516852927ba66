package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestIsolation has bad satellites of every kind among good ones: the good
// get every message in order, the bad are told of in words, and the relay
// goes nowhere they point to. The times are measured in make soak.
func TestIsolation(t *testing.T) {
	t.Parallel()
	const good, bad, messages = 180, 20, 60
	relay, canary := startRelay(t, "--ping-interval", "2s"), perch(t)
	c := newCrowd(t, good, messages, badOnes(bad, canary.addr())...)
	c.register(relay)
	c.send(relay, 0, messages, 20)
	c.wants(messages)
	for _, m := range c.all[good:] {
		c.isTold(relay, m)
	}
	canary.untouched(t)
	ping(t, relay)
}

// isTold wants that what is wrong with m is in its properties.
func (c *crowd) isTold(relay *server, m *fellow) {
	c.t.Helper()
	var props structure
	says := ""
	defer func() {
		if c.t.Failed() {
			c.t.Logf("%s %s: %q", m.hostID, m.manner.name, says)
		}
	}()
	eventually(c.t, fmt.Sprintf("the relay tells that %s %s", m.hostID, m.manner.name), func() bool {
		props = must[structure](c.t, relay, "relay.get_satellite_props", structure{"host_id": m.hostID})
		says = props["last_error"].(string)
		return props["ping_fails"].(int64)+props["recv_fails"].(int64) > 0 &&
			slices.ContainsFunc(m.manner.words, func(word string) bool { return strings.Contains(says, word) })
	})
	if state := props["state"]; state != "suspect" && state != "down" {
		c.t.Errorf("%s %s and is %s, want suspect or down", m.hostID, m.manner.name, state)
	}
	if calls, fails := props["recv_count"], props["recv_fails"]; calls != fails {
		c.t.Errorf("%s %s, and yet of %d calls only %d failed", m.hostID, m.manner.name, calls, fails)
	}
}
