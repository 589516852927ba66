package relay_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// script is a carrier that answers the calls of one method to one satellite
// with these outcomes in turn, the last for ever; all others are good.
func script(hostID, method string, outcomes ...relay.Outcome) *carrier {
	return &carrier{answer: func(d relay.Delivery) relay.Outcome {
		if d.HostID != hostID || d.Method != method {
			return good
		}
		o := outcomes[0]
		if len(outcomes) > 1 {
			outcomes = outcomes[1:]
		}
		return o
	}}
}

func answered(ms float64) relay.Outcome {
	return relay.Outcome{Verdict: relay.Delivered, Took: time.Duration(ms * float64(time.Millisecond))}
}

// Ping statistics are those of co2.md 9.4.
func TestPingStatistics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outcomes := []relay.Outcome{dead("x"), answered(20), answered(0.5), dead("y"), answered(12.5)}
		hang := time.Second
		c := script(idA, "ping", outcomes...)
		inner := c.answer
		c.answer = func(d relay.Delivery) relay.Outcome {
			time.Sleep(hang)
			return inner(d)
		}
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		synctest.Wait()
		for i, want := range []struct {
			count, fails           int
			current, min, max, avg float64
			state                  relay.State
		}{
			{0, 0, -1, -1, -1, -1, relay.StateNew}, // the first is under way
			{1, 1, -1, -1, -1, -1, relay.StateSuspect},
			{2, 1, 20, 20, 20, 20, relay.StateUp},
			{3, 1, 0.5, 0.5, 20, 10.25, relay.StateUp},
			{4, 2, 0.5, 0.5, 20, 10.25, relay.StateSuspect},
			{5, 2, 12.5, 0.5, 20, 11, relay.StateUp},
		} {
			s := r.find(idA)
			if i > 0 {
				for s.Ping.Count < i {
					time.Sleep(100 * time.Millisecond)
					s = r.find(idA)
				}
			}
			p := s.Ping
			got := fmt.Sprint(p.Count, p.Fails, p.Current, p.Min, p.Max, p.Avg(), s.State)
			equal(t, fmt.Sprintf("statistics after %d pings", i), got,
				fmt.Sprint(want.count, want.fails, want.current, want.min, want.max, want.avg, want.state))
		}
	})
}

// The time of a ping is what the carrier measured; a ping of 0 ms counts.
func TestPingOfNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, script(idA, "ping", answered(0), answered(4)), new(store))
		r.register("192.0.2.1", 2004, nil)
		for r.find(idA).Ping.Count < 2 {
			time.Sleep(time.Second)
		}
		p := r.find(idA).Ping
		equal(t, "statistics", fmt.Sprint(p.Count, p.Current, p.Min, p.Max, p.Avg()), "2 4 0 4 2")
	})
}

func TestMessageCounters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := script(idB, "notify", dead("refused"), good, dead("refused again"))
		r := start(t, relay.Config{PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		equal(t, "traffic before", r.find(a).Traffic, relay.Traffic{})
		began := time.Now()
		at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
		for i := range 3 {
			time.Sleep(time.Second)
			r.send(a, i)
			synctest.Wait()
			s := r.find(a)
			equal(t, "send_count", s.SendCount, i+1)
			equal(t, "send_time is of the latest", s.SendTime.Equal(at(i+1)), true)
			s = r.find(b)
			equal(t, "recv_count", s.RecvCount, i+1)
			equal(t, "recv_fails", s.RecvFails, (i+2)/2)
			if i == 0 {
				equal(t, "recv_time after a failure", s.RecvTime, time.Time{})
				equal(t, "last_error", s.LastError, "refused")
			} else {
				equal(t, "recv_time is of the latest good one", s.RecvTime.Equal(at(2)), true)
			}
		}
		equal(t, "traffic of the sender", r.find(a).RecvCount, 0)
		if err := r.trySend(a, 1, object{"hops": 99}); err == nil {
			t.Error("Call(relay.relay) with 99 hops = OK, want a fault")
		}
		equal(t, "send_count after a refused one", r.find(a).SendCount, 3)
		equal(t, "DLV-FAIL events", len(r.saw(relay.DlvFail)), 2)
	})
}

// new, suspect after a failure, down after three failed pings in a row, up
// after any answer; an event at each change and at no other time.
func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := dead("no route")
		c := script(idA, "ping", good, fail, fail, good, fail, fail, fail, fail, fail, good)
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		want := []relay.State{"up", "suspect", "suspect", "up", "suspect", "suspect", "down", "down", "down", "up"}
		since := time.Time{}
		for i, state := range want {
			s := r.find(idA)
			for s.Ping.Count <= i {
				time.Sleep(100 * time.Millisecond)
				s = r.find(idA)
			}
			equal(t, fmt.Sprintf("state after ping %d", i+1), s.State, state)
			equal(t, "last_error", s.LastError, map[bool]string{true: "", false: "no route"}[state == relay.StateUp])
			if changed := i == 0 || want[i-1] != state; changed == s.StateSince.Equal(since) {
				t.Errorf("state_since after ping %d = %v after %v, want changed = %v", i+1, s.StateSince, since, changed)
			}
			since = s.StateSince
		}
		got := []string{}
		for _, e := range r.saw(relay.SatState) {
			got = append(got, string(e.State))
			if e.HostID != idA || e.Nick != "anna" || (e.Reason == "no route") == (e.State == relay.StateUp) {
				t.Errorf("SAT-STATE event = %+v, want nick, id, and a reason unless up", e)
			}
		}
		equalList(t, "SAT-STATE events", got, []string{"up", "suspect", "up", "suspect", "down", "up"})
		equal(t, "events counted", r.relay.Events().Counts()[relay.SatState], 6)
		equal(t, "in the log", strings.Count(r.log.String(), "code=SAT-STATE"), 6)
	})
}

// Failed notifies make a satellite suspect, not down, and do not lift one
// that is down; an answered one lifts it.
func TestStatesByNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refuses atomic.Bool
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && refuses.Load() {
				return dead("refused")
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: time.Minute}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		synctest.Wait()
		state := func(what string, want relay.State) {
			t.Helper()
			synctest.Wait()
			equal(t, what, r.find(b).State, want)
		}
		refuses.Store(true)
		for i := range 3 { // fewer than open its breaker
			r.send(a, i)
		}
		state("state after 3 failed notifies", relay.StateSuspect)
		time.Sleep(5 * time.Minute)
		state("state after failed pings", relay.StateDown)
		r.send(a, 3)
		state("state after one more failed notify", relay.StateDown)
		refuses.Store(false)
		r.send(a, 4)
		state("state after an answer", relay.StateUp)
		refuses.Store(true)
		r.send(a, 5)
		state("state after a failure: the row began anew", relay.StateSuspect)
	})
}

// A reason comes from the far end: it is cut, made one line, and kept from
// repeating the satellite's password.
func TestReasonsAreTamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reason atomic.Value
		reason.Store(strings.Repeat("é", 300))
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome { return dead(reason.Load().(string)) }}
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, new(store))
		r.register("192.0.2.1", 2004, object{"notify_pass": "pa\"ss"})
		synctest.Wait()
		equal(t, "last_error", r.find(idA).LastError, strings.Repeat("é", 256)+"…")
		const hidden = "the call failed; why is not shown, since the words hold the satellite's notify_pass"
		for _, test := range []struct{ reason, want string }{
			{"two\r\nlines\x1b[31m\u202e", "two  lines [31m "},
			{`fault 1: pa"ss is wrong`, hidden},
			{`fault 1: "pa\"ss" is wrong`, hidden},
			{"fault 1: pass is wrong", "fault 1: pass is wrong"},
		} {
			reason.Store(test.reason)
			time.Sleep(16 * time.Second)
			equal(t, "last_error", r.find(idA).LastError, test.want)
		}
	})
}

// Listeners get each event once, whoever else listens.
func TestEventsReachAllListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{PingInterval: -1}, new(carrier), new(store))
		second := make(chan relay.Event, 10)
		r.relay.Events().Listen(func(e relay.Event) { second <- e })
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		synctest.Wait()
		equal(t, "events", len(second), 2) // joined, up
		e := <-second
		if e.Code != relay.SatJoin || e.HostID != idA || e.Nick != "anna" || !e.Time.Equal(time.Now()) {
			t.Errorf("event = %+v, want SAT-JOIN of anna now", e)
		}
		equal(t, "counts", fmt.Sprint(r.relay.Events().Counts()), "map[SAT-JOIN:1 SAT-STATE:1]")
	})
}
