package relay_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

func TestFirstPingAtRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{}, c, new(store))
		time.Sleep(12345 * time.Millisecond)
		began := time.Now()
		r.register("192.0.2.1", 2004, nil)
		synctest.Wait()
		if p := c.to(idA, "ping"); len(p) != 1 || !p[0].at.Equal(began) {
			t.Fatalf("pings = %v, want one at %v", p, began)
		}
		equal(t, "state", r.find(idA).State, relay.StateUp)
		time.Sleep(time.Second)
		r.register("192.0.2.1", 2004, nil)
		synctest.Wait()
		equal(t, "pings after a second registration", len(c.to(idA, "ping")), 2)
		time.Sleep(14 * time.Second)
		equal(t, "pings before half an interval is over", len(c.to(idA, "ping")), 2)
	})
}

// Over a day every interval but the first stays within the jitter, and the
// pings of satellites that came together do not stay together.
func TestPingIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const (
			interval = 30 * time.Second
			jitter   = 3 * time.Second
			step     = time.Second / 4 // how exactly times are kept
		)
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: interval}, c, new(store))
		ids := []string{}
		for i := range 4 {
			ids = append(ids, r.register("192.0.2.1", 2004+i, nil))
		}
		time.Sleep(24 * time.Hour)
		at := map[time.Time]int{}
		for _, id := range ids {
			pings := c.to(id, "ping")
			if n, least := len(pings), int(24*time.Hour/(interval+step)); n < least || n > 24*120+20 {
				t.Errorf("pings of %s in a day = %d, want %d to %d", id, n, least, 24*120+20)
			}
			shortest, longest := time.Hour, time.Duration(0)
			if first := pings[1].at.Sub(pings[0].at); first < interval/2 || first > interval*3/2+step {
				t.Errorf("after the first ping %v passed, want the interval, more or less by half", first)
			}
			for i := 2; i < len(pings); i++ {
				between := pings[i].at.Sub(pings[i-1].at)
				shortest, longest = min(shortest, between), max(longest, between)
				at[pings[i].at]++
			}
			if shortest < interval-jitter || longest > interval+jitter+step {
				t.Errorf("between pings = %v to %v, want %v to %v", shortest, longest, interval-jitter, interval+jitter+step)
			}
			if longest-shortest < jitter {
				t.Errorf("between pings = %v to %v, want it spread", shortest, longest)
			}
		}
		together := 0
		for _, n := range at {
			if n == len(ids) {
				together++
			}
		}
		if together > 50 {
			t.Errorf("all satellites were pinged at once %d times in a day, want seldom", together)
		}
	})
}

// Many that come together, or with a start, are pinged evenly over the
// interval from then on.
func TestPingsAreSpread(t *testing.T) {
	const (
		many     = 2000
		interval = 30 * time.Second
		slots    = 30
	)
	ids := []string{}
	for i := range many {
		ids = append(ids, fmt.Sprintf("192.0.2.1:%d", 2000+i))
	}
	for name, together := range map[string]bool{"registered together": true, "after a start": false} {
		synctest.Test(t, func(t *testing.T) {
			st := new(store)
			if !together {
				st = full(ids...)
			}
			c := new(carrier)
			r := start(t, relay.Config{PingInterval: interval}, c, st)
			began := time.Now()
			for i := 0; together && i < many; i++ {
				r.register("192.0.2.1", 2000+i, nil)
			}
			time.Sleep(4*interval + time.Millisecond)
			var counts [slots]int
			for _, p := range c.to("", "ping") {
				if at := p.at.Sub(began); at >= 3*interval && at < 4*interval {
					counts[(at-3*interval)*slots/interval]++
				}
			}
			const mean = many / slots // with a deviation of 8
			for slot, n := range counts {
				if n < mean/3 || n > 2*mean {
					t.Errorf("%s: pings in second %d of an interval = %d, want about %d; all: %v", name, slot, n, mean, counts)
					break
				}
			}
		})
	}
}

// After a restart the first pings are spread over at most 10 s, or the
// interval if that is shorter; then the interval holds.
func TestSpreadAfterRestart(t *testing.T) {
	for _, test := range []struct{ interval, within time.Duration }{
		{30 * time.Second, 11 * time.Second}, {2 * time.Second, 2100 * time.Millisecond}, {-1, 11 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ids := []string{}
			for i := range 100 {
				ids = append(ids, fmt.Sprintf("192.0.2.%d:2004", i+1))
			}
			c := new(carrier)
			r := start(t, relay.Config{PingInterval: test.interval}, c, full(ids...))
			began := time.Now()
			time.Sleep(11500 * time.Millisecond)
			moments := map[time.Duration]bool{}
			for _, id := range ids {
				pings := c.to(id, "ping")
				if len(pings) == 0 {
					t.Errorf("interval %v: no ping of %s", test.interval, id)
					continue
				}
				at := pings[0].at.Sub(began)
				moments[at] = true
				if at > test.within {
					t.Errorf("interval %v: first ping of %s after %v, want within %v", test.interval, id, at, test.within)
				}
			}
			if len(moments) < 9 {
				t.Errorf("interval %v: first pings at %d moments, want them spread", test.interval, len(moments))
			}
			if test.interval < 0 {
				time.Sleep(time.Hour)
				equal(t, "pings with the interval off", len(c.to("", "ping")), len(ids))
			}
			equal(t, "Len", r.relay.Directory().Len(), len(ids))
		})
	}
}

// A satellite that does not answer the first ping after a start or after it
// registered is pinged again within 10 s, until three have failed: it need not
// wait for its place in the interval to be known.
func TestFirstPingsThatFail(t *testing.T) {
	const soon = 10*time.Second + time.Second/2
	for _, test := range []struct {
		name     string
		interval time.Duration
		fails    int // pings of each satellite that fail before one is answered
		within   time.Duration
		pings    int // of each by then
		state    relay.State
	}{
		{"one fails", 30 * time.Second, 1, 2 * soon, 2, relay.StateUp},
		{"two fail", 30 * time.Second, 2, 3 * soon, 3, relay.StateUp},
		{"three fail", time.Hour, 3, 20 * time.Minute, 3, relay.StateDown}, // then the interval holds
		{"pings are off", -1, 1, time.Hour, 1, relay.StateSuspect},
	} {
		synctest.Test(t, func(t *testing.T) {
			ids := []string{}
			for i := range 50 {
				ids = append(ids, fmt.Sprintf("192.0.2.%d:2004", i+1))
			}
			c := new(carrier)
			c.answer = func(d relay.Delivery) relay.Outcome {
				if len(c.to(d.HostID, "ping")) <= test.fails {
					return dead("connection refused")
				}
				return good
			}
			r := start(t, relay.Config{PingInterval: test.interval}, c, full(ids...))
			ids = append(ids, r.register("198.51.100.1", 2004, nil))
			time.Sleep(test.within)
			for _, id := range ids {
				if s := r.find(id); s.State != test.state {
					t.Errorf("%s: %s is %s after %v, want %s", test.name, id, s.State, test.within, test.state)
				}
			}
			if test.fails == 3 || test.interval < 0 {
				equal(t, test.name+": pings", len(c.to("", "ping")), test.pings*len(ids))
			}
		})
	}
}

func TestIntervalOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		time.Sleep(24 * time.Hour)
		equal(t, "pings", len(c.to(idA, "ping")), 1)
	})
}

func TestShortInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: 20 * time.Millisecond}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		time.Sleep(time.Second)
		if n := len(c.to(idA, "ping")); n < 40 || n > 60 {
			t.Errorf("pings in 1 s = %d, want about 50", n)
		}
	})
}

// Pings that fall due faster than the satellite answers leave room for
// messages: the two take turns.
func TestPingsLeaveRoomForMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(relay.Delivery) relay.Outcome {
			time.Sleep(2 * time.Second)
			return good
		}}
		r := start(t, relay.Config{PingInterval: time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 5 {
			r.send(a, i)
		}
		time.Sleep(30 * time.Second)
		equalList(t, "notified", c.notified(t, b), upTo(5))
		if n := len(c.to(b, "ping")); n < 5 {
			t.Errorf("pings within 30 s = %d, want them to go on", n)
		}
	})
}

// A busy satellite is pinged once, after the call under way and before the
// next message.
func TestPingOfBusySatellite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && d.Method == "notify" {
				<-hang
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		r.send(a, 0)
		r.send(a, 1)
		time.Sleep(time.Minute + 100*time.Millisecond) // several pings fell due, none does now
		equal(t, "pings during the call", len(c.to(b, "ping")), 1)
		hang <- struct{}{}
		synctest.Wait()
		equal(t, "pings after it", len(c.to(b, "ping")), 2)
		equal(t, "notifies after it", len(c.to(b, "notify")), 2)
		methods := []string{}
		for _, d := range c.calls {
			if d.HostID == b {
				methods = append(methods, d.Method)
			}
		}
		equalList(t, "calls", methods, []string{"ping", "notify", "ping", "notify"})
		equal(t, "calls at once", c.worst, 1)
		close(hang)
	})
}
