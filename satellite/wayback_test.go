package satellite_test

import (
	"testing"
	"time"

	"co2/satellite"
)

// Whether it was reached the relay says; an old one leaves that to its pings.
func TestReached(t *testing.T) {
	for _, test := range []struct {
		name string
		p    satellite.Props
		want bool
	}{
		{"it says ok", satellite.Props{WayBack: "ok"}, true},
		{"ok, though pings failed since", satellite.Props{WayBack: "ok", PingCount: 2, PingFails: 2}, true},
		{"it says why not", satellite.Props{WayBack: "http://192.0.2.1:2004/RPC2 cannot be reached: refused"}, false},
		{"old: nothing is known", satellite.Props{}, false},
		{"old: all failed", satellite.Props{PingCount: 2, PingFails: 2}, false},
		{"old: one did not", satellite.Props{PingCount: 2, PingFails: 1}, true},
	} {
		if got := test.p.Reached(); got != test.want {
			t.Errorf("%s: Reached = %v, want %v", test.name, got, test.want)
		}
	}
}

// FirstPing waits until something is known, or the relay does not call at all.
func TestFirstPingReturns(t *testing.T) {
	for name, told := range map[string]structure{
		"an old relay has pinged": {"ping_count": 1},
		"the way back is known":   {"ping_count": 0, "way_back": "ok"},
		"it is paused":            {"ping_count": 0, "paused": true},
		"it flaps":                {"ping_count": 0, "flapping": true},
	} {
		inBubble(t, satellite.Config{}, nil, func(t *testing.T, b *bubble) {
			since := time.Now()
			b.relay.set(func(r *relayStub) {
				r.answer = func(method string) any {
					switch {
					case method != "relay.get_satellite_props":
						return nil
					case time.Since(since) < time.Second:
						return structure{"ping_count": 0}
					}
					return told
				}
			})
			if _, err := b.node.FirstPing(t.Context()); err != nil || time.Since(since) < time.Second || time.Since(since) > 2*time.Second {
				t.Errorf("%s: FirstPing = %v after %v, want it after a second", name, err, time.Since(since))
			}
		})
	}
}

// structure is a struct of XML-RPC.
type structure = map[string]any
