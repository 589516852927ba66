package relay_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// Who registers again more than 15 times within a minute is answered all the
// same, but neither pinged nor told of for five minutes; begin and end are
// told once.
func TestFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: 30 * time.Second}, c, new(store))
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		for range 15 {
			time.Sleep(time.Second)
			r.register("192.0.2.1", 2004, object{"nick": "anna"})
		}
		equal(t, "flapping after 15", r.find(idA).Flapping, false)
		equal(t, "SAT-REJOIN events", len(r.saw(relay.SatRejoin)), 15)
		time.Sleep(time.Second)
		began := time.Now()
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		equal(t, "flapping after 16", r.find(idA).Flapping, true)
		pings := len(c.to(idA, "ping"))
		for range 30 {
			time.Sleep(time.Second)
			equal(t, "host id", r.register("192.0.2.1", 2004, object{"nick": "berta"}), idA)
		}
		equal(t, "nick of the latest", r.find(idA).Nick, "berta")
		time.Sleep(time.Until(began.Add(5*time.Minute - time.Second)))
		equal(t, "pings meanwhile", len(c.to(idA, "ping")), pings)
		equal(t, "flapping before the end", r.find(idA).Flapping, true)
		time.Sleep(2 * time.Second)
		equal(t, "flapping after the end", r.find(idA).Flapping, false)
		equal(t, "pings after the end", len(c.to(idA, "ping")), pings+1)
		equal(t, "SAT-REJOIN events", len(r.saw(relay.SatRejoin)), 15)
		equal(t, "SAT-SETTLE events", len(r.saw(relay.SatSettle)), 1)
		flap := r.saw(relay.SatFlap)
		if len(flap) != 1 || !flap[0].Flapping || !strings.Contains(flap[0].Reason, "more than 15 times within 1m0s") {
			t.Errorf("SAT-FLAP events = %+v, want one", flap)
		}
		time.Sleep(time.Minute)
		if n := len(c.to(idA, "ping")) - pings; n < 2 {
			t.Errorf("pings within a minute after the end = %d, want more", n)
		}
	})
}

// 15 a minute are no flapping, however long; and who goes on flaps on.
func TestFlappingBounds(t *testing.T) {
	for _, test := range []struct {
		name  string
		every time.Duration
		flaps int
	}{{"15 a minute", 4100 * time.Millisecond, 0}, {"20 a minute", 3 * time.Second, 1}} {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, relay.Config{PingInterval: 30 * time.Second}, new(carrier), new(store))
			for began := time.Now(); time.Since(began) < 17*time.Minute; time.Sleep(test.every) {
				r.register("192.0.2.1", 2004, nil)
			}
			equal(t, test.name+": SAT-FLAP events", len(r.saw(relay.SatFlap)), test.flaps)
			equal(t, test.name+": flapping", r.find(idA).Flapping, test.flaps > 0)
			equal(t, test.name+": SAT-SETTLE events", len(r.saw(relay.SatSettle)), 0)
			time.Sleep(6 * time.Minute)
			equal(t, test.name+": flapping at last", r.find(idA).Flapping, false)
			equal(t, test.name+": SAT-SETTLE events at last", len(r.saw(relay.SatSettle)), test.flaps)
		})
	}
}

// Who flaps gets its messages.
func TestFlappingGetsMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		r.register("192.0.2.2", 2004, nil)
		for range 20 {
			r.register("192.0.2.1", 2004, nil)
		}
		equal(t, "flapping", r.find(idA).Flapping, true)
		r.send(idB, 0)
		synctest.Wait()
		equalList(t, "notified", c.notified(t, idA), upTo(1))
		equal(t, "state", r.find(idA).State, relay.StateUp)
		r.deregister(idA)
		r.register("192.0.2.1", 2004, nil)
		equal(t, "flapping after it left and came anew", r.find(idA).Flapping, false)
	})
}

// Flapping ends with a pause that lasted longer.
func TestFlappingEndsInAPause(t *testing.T) {
	for _, interval := range []time.Duration{30 * time.Second, -1} {
		synctest.Test(t, func(t *testing.T) {
			c := new(carrier)
			r := start(t, relay.Config{PingInterval: interval}, c, new(store))
			for range 17 {
				r.register("192.0.2.1", 2004, nil)
			}
			equal(t, "flapping", r.find(idA).Flapping, true)
			r.mustOrder("pause", idA)
			time.Sleep(10 * time.Minute)
			pings := len(c.to(idA, "ping"))
			r.mustOrder("resume", idA)
			synctest.Wait()
			equal(t, "flapping after the pause", r.find(idA).Flapping, false)
			equal(t, "SAT-SETTLE events", len(r.saw(relay.SatSettle)), 1)
			equal(t, "pings after the pause", len(c.to(idA, "ping"))-pings, 1)
		})
	}
}
