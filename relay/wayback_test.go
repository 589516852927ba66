package relay_test

import (
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// The way back is unknown until a call has ended, then fine for good or,
// until one arrives, words that name the address tried, the error and where
// the registration came from; they are told once a registration.
func TestWayBack(t *testing.T) {
	const words = "http://192.0.2.1:2004/RPC2 cannot be reached: no route; the registration came from 192.0.2.1"
	synctest.Test(t, func(t *testing.T) {
		fail := dead("no route")
		c := script(idA, "ping", fail, fail, good, fail, fail, good)
		inner := c.answer
		c.answer = func(d relay.Delivery) relay.Outcome {
			time.Sleep(time.Second)
			return inner(d)
		}
		st := new(store)
		r := start(t, relay.Config{PingInterval: time.Minute}, c, st)
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		equal(t, "before the first call has ended", r.find(idA).WayBack, "")
		for i, want := range []string{words, words, relay.WayBackOK, relay.WayBackOK} {
			for r.find(idA).Ping.Count <= i {
				time.Sleep(time.Second)
			}
			equal(t, "way_back", r.find(idA).WayBack, want)
		}
		told := r.saw(relay.SatWayBack)
		if len(told) != 1 || told[0].Reason != words || told[0].Nick != "anna" {
			t.Errorf("SAT-WAYBACK events = %+v, want one", told)
		}
		equal(t, "in the log", r.log.has("code=SAT-WAYBACK satellite="+idA), true)
		r.register("192.0.2.1", 2004, nil)
		equal(t, "after registering again", r.find(idA).WayBack, "")
		time.Sleep(2 * time.Second)
		equal(t, "way_back", r.find(idA).WayBack, words)
		equal(t, "SAT-WAYBACK events", len(r.saw(relay.SatWayBack)), 2)
	})
}

// Who was there before the relay started is not told of as a newcomer.
func TestWayBackAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, script(idA, "ping", dead("no route")), full(idA))
		time.Sleep(15 * time.Second)
		equal(t, "way_back is told", r.find(idA).WayBack != "", true)
		equal(t, "SAT-WAYBACK events", len(r.saw(relay.SatWayBack)), 0)
	})
}
