package relay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// A moody satellite answers as it is told to. The zero one answers well.
type moody struct {
	mu           sync.Mutex
	notify, ping relay.Outcome // guarded by mu; zero: good
}

func (m *moody) set(notify, ping relay.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notify, m.ping = notify, ping
}

func (m *moody) outcome(method string) relay.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	o := m.notify
	if method == "ping" {
		o = m.ping
	}
	if o.Verdict == 0 {
		return good
	}
	return o
}

// A breakerRig is a relay with satellite a, which sends, and b, which is moody.
type breakerRig struct {
	*rig
	test      *testing.T
	c         *carrier
	b         *moody
	uncounted int // notifies to earlier registrations of b
}

func startBreaker(t *testing.T, cfg relay.Config) *breakerRig {
	t.Helper()
	b := new(moody)
	c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
		if d.HostID == idB {
			return b.outcome(d.Method)
		}
		return good
	}}
	cfg.Rate = -1
	r := &breakerRig{test: t, rig: start(t, cfg, c, new(store)), c: c, b: b}
	r.register("192.0.2.1", 2004, nil)
	r.register("192.0.2.2", 2004, object{"nick": "bob"})
	synctest.Wait()
	return r
}

// sendMany sends so many messages, numbered from the first.
func (r *breakerRig) sendMany(first, n int) {
	r.t.Helper()
	for i := range n {
		r.send(idA, first+i)
	}
	synctest.Wait()
}

func (r *breakerRig) notified() int { return len(r.c.to(idB, "notify")) }

func (r *breakerRig) wants(what string, state relay.BreakerState, waiting int) {
	r.t.Helper()
	synctest.Wait()
	s := r.find(idB)
	equal(r.test, what+": breaker", s.Breaker.State, state)
	equal(r.test, what+": waiting", s.Waiting, waiting)
	equal(r.test, what+": reason is told", s.Breaker.Reason != "", state != relay.BreakerClosed)
	equal(r.test, what+": recv_count", s.RecvCount, r.notified()-r.uncounted)
}

// open makes b's breaker open.
func (r *breakerRig) open() {
	r.t.Helper()
	r.b.set(dead("no"), relay.Outcome{})
	r.sendMany(-5, 5)
	r.wants("after 5 failures", relay.BreakerOpen, 0)
}

// told are the events of breakers so far.
func (r *breakerRig) told() []relay.Code {
	r.mu.Lock()
	defer r.mu.Unlock()
	codes := []relay.Code{}
	for _, e := range r.events {
		if slices.Contains([]relay.Code{relay.DlvOpen, relay.DlvTry, relay.DlvClose}, e.Code) {
			codes = append(codes, e.Code)
		}
	}
	return codes
}

func TestBreakerOpensAtFiveInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: -1})
		r.b.set(dead("no"), relay.Outcome{})
		r.sendMany(0, 4)
		r.b.set(good, relay.Outcome{})
		r.sendMany(4, 1)
		r.b.set(dead("no"), relay.Outcome{})
		r.sendMany(5, 4)
		r.wants("after 4, a good one, and 4", relay.BreakerClosed, 0)
		equal(t, "events", len(r.told()), 0)
		r.sendMany(9, 3)
		r.wants("after the fifth in a row", relay.BreakerOpen, 2)
		s := r.find(idB)
		equal(t, "recv_fails", s.RecvFails, 9)
		equal(t, "since", s.Breaker.Since.Equal(time.Now()), true)
		equal(t, "reason", s.Breaker.Reason, "5 deliveries in a row failed, the latest: no")
		if s.Breaker.Retry < 5*time.Second || s.Breaker.Retry > 6250*time.Millisecond {
			t.Errorf("retry = %v, want 5 s and up to a quarter more", s.Breaker.Retry)
		}
		e := r.saw(relay.DlvOpen)
		if len(e) != 1 || e[0].HostID != idB || e[0].Nick != "bob" || !strings.HasPrefix(e[0].Reason, s.Breaker.Reason+"; next try in ") {
			t.Errorf("DLV-OPEN events = %+v, want one of bob with the reason", e)
		}
		equal(t, "in the log as a warning", strings.Contains(r.log.String(), "level=WARN msg=event code=DLV-OPEN satellite="+idB), true)
		var props object
		if err := raw(t, call1(t, r.rig, "relay.get_satellite_props", object{"host_id": idB})).Decode(&props); err != nil {
			t.Fatal(err)
		}
		equal(t, "breaker", props["breaker"], any("open"))
		equal(t, "breaker_reason", props["breaker_reason"], any(s.Breaker.Reason))
		equal(t, "breaker_retry", props["breaker_retry"], any(s.Breaker.Retry.Seconds()))
		equal(t, "breaker_since", props["breaker_since"], any(time.Now().UTC()))
	})
}

// A satellite without ping is there all the same: the fault it answers with
// lets a message be tried.
func TestBreakerWithoutPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{})
		r.open()
		noPing := dead("fault -32601: ping is unknown")
		noPing.Fault = true
		r.b.set(good, noPing)
		r.sendMany(0, 3)
		time.Sleep(10 * time.Second)
		r.wants("after a ping was a fault", relay.BreakerClosed, 0)
		equalList(t, "delivered", r.c.notified(t, idB), []any{-5, -4, -3, -2, -1, 0, 1, 2})
	})
}

// For hours every delivery fails: the tries come one at a time, after times
// that double from 5 s and stay within 5 minutes, whatever the wall clock does.
func TestBreakerBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall := &clock{time: time.Now()}
		r := startBreaker(t, relay.Config{PingInterval: -1, Now: wall.now})
		r.b.set(dead("no"), relay.Outcome{})
		r.sendMany(0, 100)
		for i := range 3 * 60 {
			time.Sleep(time.Minute)
			wall.move(time.Duration(1-2*(i%2)) * 10 * 365 * 24 * time.Hour)
		}
		calls := r.c.to(idB, "notify")
		least := 5 * time.Second
		for i := 5; i < len(calls); i++ {
			gap := calls[i].at.Sub(calls[i-1].at)
			if gap < least || gap > least*5/4 {
				t.Errorf("try %d comes after %v, want %v to %v", i-4, gap, least, least*5/4)
			}
			least = min(2*least, 4*time.Minute)
		}
		if n := len(calls) - 5; n < 6+(3*60-6)/5 || n > 8+3*60/4 {
			t.Errorf("tries in 3 hours = %d, want one in 4 to 5 minutes", n)
		}
		equalList(t, "order", r.c.notified(t, idB), upTo(len(calls)))
		r.wants("after hours", relay.BreakerOpen, 100-len(calls))
		tries := len(calls) - 5
		equal(t, "DLV-TRY events", len(r.saw(relay.DlvTry)), tries)
		equal(t, "DLV-OPEN events", len(r.saw(relay.DlvOpen)), tries+1)
		equal(t, "DLV-FAIL events", len(r.saw(relay.DlvFail)), len(calls))
		equal(t, "DLV-CLOSE events", len(r.saw(relay.DlvClose)), 0)
		equal(t, "reason", strings.HasPrefix(r.saw(relay.DlvOpen)[tries].Reason, "the try failed: no; next try in "), true)
		r.b.set(good, good)
		time.Sleep(5 * time.Minute)
		r.wants("once it answers", relay.BreakerClosed, 0)
		equalList(t, "order", r.c.notified(t, idB), upTo(100))
		r.open()
		if retry := r.find(idB).Breaker.Retry; retry < 5*time.Second || retry > 6250*time.Millisecond {
			t.Errorf("back-off of a breaker that was closed between = %v, want it from the start", retry)
		}
	})
}

// While pings are on, a message is tried after the back-off and a good ping.
func TestBreakerWaitsForAGoodPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: 20 * time.Minute})
		r.open()
		r.sendMany(0, 3)
		r.b.set(dead("no"), dead("gone"))
		pings := len(r.c.to(idB, "ping"))
		time.Sleep(4 * time.Second)
		equal(t, "pings before the back-off is over", len(r.c.to(idB, "ping")), pings)
		time.Sleep(3 * time.Second)
		equal(t, "pings when it is over", len(r.c.to(idB, "ping")), pings+1)
		time.Sleep(2 * time.Hour)
		r.wants("after 2 hours of failed pings", relay.BreakerOpen, 3)
		equal(t, "notifies", r.notified(), 5)
		if n := len(r.c.to(idB, "ping")) - pings; n > 9 {
			t.Errorf("pings in 2 hours = %d, want one in 20 minutes, and one of the breaker", n)
		}
		equal(t, "retry", r.find(idB).Breaker.Retry, 0)
		r.b.set(good, good)
		time.Sleep(25 * time.Minute)
		r.wants("after a good ping", relay.BreakerClosed, 0)
		equalList(t, "events", r.told(), []relay.Code{relay.DlvOpen, relay.DlvTry, relay.DlvClose})
		equal(t, "why it was tried", r.saw(relay.DlvTry)[0].Reason, "its back-off is over and it answers pings: the next message is tried")
		equal(t, "why it closed", r.saw(relay.DlvClose)[0].Reason, "a message was delivered")
	})
}

// A good ping before the end of the back-off brings no message forward, and
// one that failed since counts for more.
func TestBreakerAsksTheLatestPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: time.Second})
		r.open()
		r.sendMany(0, 1)
		time.Sleep(4 * time.Second) // good pings
		equal(t, "notifies before the back-off is over", r.notified(), 5)
		r.b.set(good, dead("gone"))
		time.Sleep(time.Hour)
		r.wants("after good, then failed pings", relay.BreakerOpen, 1)
		equal(t, "notifies", r.notified(), 5)
		r.b.set(good, good)
		time.Sleep(2 * time.Second)
		r.wants("after a good one", relay.BreakerClosed, 0)
	})
}

// Good pings alone close nothing.
func TestBreakerClosesByADeliveryOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: 10 * time.Second})
		r.open()
		time.Sleep(2 * time.Hour)
		r.wants("after good pings and no message", relay.BreakerHalfOpen, 0)
		equal(t, "state", r.find(idB).State, relay.StateUp)
		equalList(t, "events", r.told(), []relay.Code{relay.DlvOpen, relay.DlvTry})
		r.sendMany(0, 2) // at once, not at some later time
		r.wants("after the try", relay.BreakerOpen, 1)
		equal(t, "notifies", r.notified(), 6)
		r.b.set(good, good)
		time.Sleep(15 * time.Second)
		r.wants("after a good delivery", relay.BreakerClosed, 0)
		equalList(t, "events", r.told(), []relay.Code{relay.DlvOpen, relay.DlvTry, relay.DlvOpen, relay.DlvTry, relay.DlvClose})
	})
}

func TestBreakerAndPause(t *testing.T) {
	for _, interval := range []time.Duration{-1, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			r := startBreaker(t, relay.Config{PingInterval: interval})
			r.open()
			r.sendMany(0, 3)
			r.b.set(good, good)
			r.mustOrder("pause", idB)
			calls := func() int { return r.notified() + len(r.c.to(idB, "ping")) }
			before := calls()
			time.Sleep(time.Hour)
			equal(t, "calls while it is paused", calls(), before)
			r.mustOrder("resume", idB)
			time.Sleep(time.Minute)
			r.wants("after the pause", relay.BreakerClosed, 0)
			equalList(t, "notified", r.c.notified(t, idB)[5:], upTo(3))
		})
	}
}

// A satellite that registers again begins anew.
func TestBreakerAndRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: time.Hour})
		r.open()
		r.sendMany(0, 3)
		r.b.set(good, good)
		r.uncounted = r.notified()
		r.register("192.0.2.2", 2004, nil)
		r.wants("after it registered again", relay.BreakerClosed, 0)
		equalList(t, "notified", r.c.notified(t, idB)[5:], upTo(3))
		equalList(t, "events", r.told(), []relay.Code{relay.DlvOpen, relay.DlvClose})
		equal(t, "why it closed", r.saw(relay.DlvClose)[0].Reason, "it registered again")
		r.b.set(dead("no"), good)
		r.sendMany(3, 4)
		r.uncounted = r.notified()
		r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		r.sendMany(7, 4)
		r.wants("after 4 failures of each of two registrations", relay.BreakerClosed, 0)
	})
}

// What the relay itself gives up tells nothing of the satellite; a try that
// it gives up is made again as soon as it could have been.
func TestBreakerAndAbandonedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: -1})
		given := relay.Outcome{Verdict: relay.Abandoned, Reason: "no descriptor is left"}
		r.b.set(given, given)
		r.sendMany(0, 20)
		equal(t, "breaker after 20 abandoned calls", r.find(idB).Breaker.State, relay.BreakerClosed)
		r.b.set(dead("no"), given)
		r.sendMany(0, 4)
		r.b.set(given, given)
		r.sendMany(0, 5)
		equal(t, "breaker after 4 failures and 5 abandoned calls", r.find(idB).Breaker.State, relay.BreakerClosed)
		r.b.set(dead("no"), given)
		r.sendMany(0, 1)
		equal(t, "breaker after the fifth failure", r.find(idB).Breaker.State, relay.BreakerOpen)
		r.b.set(given, given)
		for i := range 5 {
			r.sendMany(0, 1)
			before := r.notified()
			time.Sleep(r.find(idB).Breaker.Retry + time.Millisecond)
			equal(t, fmt.Sprintf("calls of abandoned try %d", i), r.notified()-before, 1)
			equal(t, "breaker", r.find(idB).Breaker.State, relay.BreakerOpen)
		}
		equal(t, "recv_count", r.find(idB).RecvCount, 5)
		equal(t, "dropped: what was abandoned", r.find(idB).Dropped, 30)
		equal(t, "told", strings.HasPrefix(r.saw(relay.DlvDrop)[0].Reason, "1 message dropped: the relay itself could not call it"), true)
		r.b.set(good, good)
		r.sendMany(0, 1)
		time.Sleep(6500 * time.Millisecond)
		equal(t, "breaker", r.find(idB).Breaker.State, relay.BreakerClosed)
	})
}

// A call to be repeated counts as failed, and its message stays the first.
func TestBreakerAndRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{PingInterval: -1})
		r.b.set(relay.Outcome{Verdict: relay.Retry, Reason: "busy"}, good)
		r.sendMany(0, 3)
		time.Sleep(time.Minute)
		r.wants("after calls to be repeated", relay.BreakerOpen, 3)
		equalList(t, "notified at first", r.c.notified(t, idB)[:5], []any{0, 0, 0, 0, 0})
		r.b.set(good, good)
		time.Sleep(5 * time.Minute)
		r.wants("once it answers", relay.BreakerClosed, 0)
		got := r.c.notified(t, idB)
		equalList(t, "notified at last", got[len(got)-3:], upTo(3))
	})
}

// An open breaker holds up nothing when the relay stops; what it held back is
// told as lost.
func TestBreakerAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{Grace: time.Minute})
		r.open()
		r.sendMany(0, 7)
		stopped := time.Now()
		r.stop()
		equal(t, "Run ended after", time.Since(stopped), 0)
		e := r.saw(relay.DlvDrop)
		if len(e) != 1 || e[0].HostID != idB || e[0].Reason != "7 messages dropped: the relay stops" {
			t.Errorf("DLV-DROP events = %+v, want one of 7 messages", e)
		}
		s := r.find(idB)
		equal(t, "dropped", s.Dropped, 7)
		equal(t, "waiting", s.Waiting, 0)
	})
}

// Satellites that fail and answer by turns, with and without pings: nothing
// stays off once they answer, nobody is called more than once at a time, and
// every receiver has what it got in order.
func TestNothingStaysOff(t *testing.T) {
	for _, interval := range []time.Duration{-1, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			const most = 20
			moods := map[string]*moody{}
			for i := range most {
				moods[fmt.Sprintf("192.0.2.2:%d", 3000+i)] = new(moody)
			}
			random := rand.New(rand.NewPCG(1, 2))
			c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
				time.Sleep(time.Millisecond)
				if m := moods[d.HostID]; m != nil {
					return m.outcome(d.Method)
				}
				return good
			}}
			r := start(t, relay.Config{PingInterval: interval, Rate: -1}, c, new(store))
			r.register("192.0.2.1", 2004, nil)
			for i := range most {
				r.register("192.0.2.2", 3000+i, nil)
			}
			choices := []relay.Outcome{good, good, dead("no"), dead("no"), {Verdict: relay.Abandoned, Reason: "ours"}}
			n := 0
			for range 400 {
				for i := range most {
					if m := moods[fmt.Sprintf("192.0.2.2:%d", 3000+i)]; random.IntN(10) == 0 {
						m.set(choices[random.IntN(len(choices))], choices[random.IntN(len(choices))])
					}
				}
				for range random.IntN(4) {
					r.send(idA, n)
					n++
				}
				time.Sleep(time.Duration(random.IntN(20)) * time.Second)
			}
			if len(r.saw(relay.DlvOpen)) < most {
				t.Fatalf("breakers opened %d times, want more for this to show something", len(r.saw(relay.DlvOpen)))
			}
			for _, m := range moods {
				m.set(good, good)
			}
			time.Sleep(5*time.Minute + 2*max(interval, 0))
			r.send(idA, n) // some have nothing to try
			time.Sleep(time.Second)
			for id := range moods {
				s := r.find(id)
				if s.Breaker.State != relay.BreakerClosed || s.Waiting != 0 {
					t.Errorf("%s with pings every %v: breaker %s, %d waiting, want closed and none", id, interval, s.Breaker.State, s.Waiting)
				}
				last := -1
				for _, data := range c.notified(t, id) {
					if k := int(data.(int64)); k < last {
						t.Fatalf("%s got message %d after %d", id, k, last)
					} else {
						last = k
					}
				}
				equal(t, "last message", last, n)
			}
			equal(t, "calls at once", c.worst, 1)
		})
	}
}
