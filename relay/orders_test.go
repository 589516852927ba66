package relay_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// order gives an operator's order from the loopback.
func (r *rig) order(name, hostID string, more ...string) error {
	r.t.Helper()
	p := object{"host_id": hostID}
	if len(more) > 0 {
		p["reason"] = more[0]
	}
	result, err := r.call("127.0.0.1", "relay."+name, p)
	if err == nil && result != "OK" {
		r.t.Errorf("Call(relay.%s) = %v, want OK", name, result)
	}
	return err
}

func (r *rig) mustOrder(name, hostID string, more ...string) {
	r.t.Helper()
	if err := r.order(name, hostID, more...); err != nil {
		r.t.Fatalf("Call(relay.%s) = %v", name, err)
	}
}

// A paused satellite gets neither messages nor pings, through registrations
// and restarts; what waited comes when the pause ends.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, st := new(carrier), new(store)
		r := start(t, relay.Config{PingInterval: 10 * time.Second}, c, st)
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, object{"nick": "bob"})
		time.Sleep(time.Minute)
		r.mustOrder("pause", idB, "it is being mended")
		began := time.Now()
		calls := func() int { return len(c.to(idB, "ping")) + len(c.to(idB, "notify")) }
		before := calls()
		check := func(what string) {
			t.Helper()
			s := r.find(idB)
			equal(t, what+": state", s.State, relay.StatePaused)
			equal(t, what+": paused", s.Paused, true)
			equal(t, what+": calls", calls(), before)
		}
		equal(t, "state_since", r.find(idB).StateSince.Equal(began), true)
		r.send(idA, 0)
		time.Sleep(time.Hour)
		check("after an hour")
		equal(t, "waiting", r.find(idB).Waiting, 1)
		r.register("192.0.2.2", 2004, nil)
		time.Sleep(time.Hour)
		check("after it registered again")
		equal(t, "paused in the store", st.record(idB).Paused, true)
		r.stop()
		r = start(t, relay.Config{PingInterval: 10 * time.Second}, c, st)
		time.Sleep(time.Hour)
		check("after a restart")
		r.send(idA, 1)
		time.Sleep(time.Minute)
		r.mustOrder("resume", idB)
		synctest.Wait()
		equal(t, "state after the first answer", r.find(idB).State, relay.StateUp)
		equal(t, "pings at once", len(c.to(idB, "ping")) > 0, true)
		equalList(t, "notified", c.notified(t, idB), []any{1})
		time.Sleep(time.Minute)
		if n := calls() - before; n < 6 {
			t.Errorf("calls in a minute after the pause = %d, want pings as before", n)
		}
		equal(t, "paused in the store", st.record(idB).Paused, false)
	})
}

// The reason of a pause is kept with it, over a restart too. A later one takes
// its place, none leaves it, and it goes with the pause.
func TestPauseReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		r := start(t, relay.Config{}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		for i, step := range []struct{ order, reason, want string }{
			{"pause", "", ""}, {"pause", "new strings", "new strings"}, {"pause", "", "new strings"},
			{"pause", "it is late", "it is late"}, {"pin", "for ever", "it is late"}, {"resume", "done", ""}, {"pause", "again", "again"},
		} {
			r.mustOrder(step.order, idA, step.reason)
			if got := r.find(idA).PauseReason; got != step.want {
				t.Errorf("reason after step %d, %s %q = %q, want %q", i, step.order, step.reason, got, step.want)
			}
		}
		events := r.saw(relay.SatPause)
		if n := len(events); n != 4 || !strings.HasSuffix(events[2].Reason, ": it is late") {
			t.Errorf("SAT-PAUSE events = %v, want one for each pause that changed something", events)
		}
		r.register("192.0.2.1", 2004, nil)
		r.stop()
		r = start(t, relay.Config{}, new(carrier), st)
		equal(t, "reason after a restart", r.find(idA).PauseReason, "again")
	})
}

// What the call under way shows does not end the pause, but counts.
func TestPauseDuringACall(t *testing.T) {
	for _, o := range []relay.Outcome{good, dead("refused")} {
		synctest.Test(t, func(t *testing.T) {
			hang := make(chan relay.Outcome)
			c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
				if d.HostID == idB && d.Method == "notify" {
					return <-hang
				}
				return good
			}}
			r := start(t, relay.Config{PingInterval: time.Second}, c, new(store))
			r.register("192.0.2.1", 2004, nil)
			r.register("192.0.2.2", 2004, nil)
			r.send(idA, 0)
			time.Sleep(time.Minute) // a ping is due after the call
			r.mustOrder("pause", idB)
			pings := len(c.to(idB, "ping"))
			hang <- o
			time.Sleep(time.Minute)
			s := r.find(idB)
			equal(t, "state", s.State, relay.StatePaused)
			equal(t, "recv_count", s.RecvCount, 1)
			equal(t, "pings", len(c.to(idB, "ping")), pings)
		})
	}
}

// Orders are told once each, with who gave them and why; giving one again
// changes nothing and writes nothing.
func TestOrdersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		r := start(t, relay.Config{PingInterval: -1}, new(carrier), st)
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		synctest.Wait()
		before := len(st.commits())
		for _, name := range []string{"pause", "pause", "pin", "pin", "unpin", "unpin", "resume", "resume"} {
			r.mustOrder(name, idA, "since "+name)
		}
		synctest.Wait()
		equal(t, "writes", len(st.commits())-before, 4)
		for code, want := range map[relay.Code]string{
			relay.SatPause: "paused pause", relay.SatPin: "paused pin", relay.SatUnpin: "paused unpin", relay.SatResume: "new resume",
		} {
			events := r.saw(code)
			if len(events) != 1 {
				t.Errorf("%s events = %d, want 1", code, len(events))
				continue
			}
			state, name, _ := strings.Cut(want, " ")
			e := events[0]
			equal(t, "event", fmt.Sprint(e.HostID, e.Nick, e.State, e.Reason), fmt.Sprint(idA, "anna", state, "by an operator at 127.0.0.1: since "+name))
		}
		equal(t, "marks at the end", st.record(idA).Marks, relay.Marks{})
	})
}

func TestRemoveByOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		r := start(t, relay.Config{PingInterval: -1}, new(carrier), st)
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		r.mustOrder("pin", idA)
		r.mustOrder("remove", idA, "it is gone")
		equalList(t, "satellites", r.ids(), []string{})
		equalList(t, "stored", st.ids(), []string{})
		equal(t, "SAT-LEAVE events", len(r.saw(relay.SatLeave)), 0)
		e := r.saw(relay.SatRemove)[0]
		equal(t, "SAT-REMOVE event", fmt.Sprint(e.HostID, e.Nick, e.Reason), idA+"annaby an operator at 127.0.0.1: it is gone")
		r.register("192.0.2.1", 2004, nil)
		equal(t, "marks of who comes again", r.find(idA).Marks, relay.Marks{})
	})
}

func TestOrdersThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		st := &store{commit: func(relay.Change) error {
			if broken.Load() {
				return errors.New("disk gone")
			}
			return nil
		}}
		r := start(t, relay.Config{PingInterval: -1}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		for _, name := range []string{"pause", "resume", "pin", "unpin", "remove"} {
			wantFault(t, name+" of nobody", r.order(name, idD), "1 exceptions.KeyError:"+idD+" is not registered")
			_, err := r.call("192.0.2.1", "relay."+name, object{"host_id": idA})
			wantFault(t, name+" by a satellite", err, "-32004 relay."+name+" is for operator access only")
			wantFault(t, name+" with a long reason", r.order(name, idA, strings.Repeat("x", 257)), `-32602 key "reason": got 257 octets, want at most 256`)
			wantFault(t, name+" with an odd reason", r.order(name, idA, "a\nb"), `-32602 key "reason": got control characters, want printable text`)
		}
		broken.Store(true)
		for _, name := range []string{"pause", "pin", "remove"} {
			wantFault(t, name+" without a disk", r.order(name, idA), "-32400 the relay cannot write its dump, so nothing was changed; messages are relayed as before; try again in 5 s or later, and if it lasts tell the relay's maintainer")
		}
		equal(t, "marks", r.find(idA).Marks, relay.Marks{})
		equal(t, "state", r.find(idA).State == relay.StatePaused, false)
		for _, code := range []relay.Code{relay.SatPause, relay.SatPin, relay.SatRemove} {
			equal(t, string(code)+" events", len(r.saw(code)), 0)
		}
	})
}

// Orders, registrations and removals that share one write are each decided
// as if those before were made.
func TestOrdersInOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var gated atomic.Bool
		st := &store{commit: func(relay.Change) error {
			if gated.Load() {
				<-gate
			}
			return nil
		}}
		r := start(t, relay.Config{PingInterval: -1}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		gated.Store(true)
		done := make(chan error)
		go func() { done <- r.order("pin", idA) }()
		synctest.Wait() // the write of the first hangs; those that follow share the next
		for _, name := range []string{"pause", "remove", "unpin"} {
			go func() { done <- r.order(name, idA) }()
			synctest.Wait()
		}
		go func() { gate <- struct{}{}; gate <- struct{}{} }()
		faults := 0
		for range 4 {
			if err := <-done; err != nil {
				faults++
				wantFault(t, "unpin", err, "1 exceptions.KeyError:"+idA+" is not registered")
			}
		}
		equal(t, "faults", faults, 1)
		equalList(t, "satellites", r.ids(), []string{})
		equalList(t, "stored", st.ids(), []string{})
	})
}
