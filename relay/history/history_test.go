package history_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
	"co2/relay/history"
)

// What is recorded shows in the second in which it was, once that is over.
func TestClosedBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(history.Config{}, newSource("a", "b"))
		run(t, h)
		time.Sleep(10 * time.Millisecond)
		h.Accepted(message(t, "a", 1), "alice", 1)
		h.Ended(delivered("b", time.Second, time.Second))
		h.Ended(failed(delivered("b", 0, time.Second), "no"))
		h.Ended(relay.Ended{HostID: "b", Method: "notify", Verdict: relay.Abandoned, At: time.Now()})
		equal(t, "in, at once", values(h.Series("", history.In, time.Minute)), "")
		equal(t, "rates, at once", h.Rates(), history.Rates{})
		time.Sleep(2 * time.Second)
		for _, c := range []struct {
			hostID string
			metric history.Metric
			want   string
		}{
			{"", history.In, "1 0"}, {"a", history.In, "1 0"}, {"b", history.In, "0 0"},
			{"", history.Out, "1 0"}, {"a", history.Out, "0 0"}, {"b", history.Out, "1 0"},
			{"", history.Failed, "1 0"}, {"b", history.Failed, "1 0"},
			{"", history.P50, "2 -"}, {"b", history.P99, "2 -"}, {"b", history.Longest, "2 -"}, {"a", history.P50, "- -"},
			{"", history.Waiting, "0 0"}, {"nobody", history.In, ""},
		} {
			equal(t, fmt.Sprintf("series %d of %q", c.metric, c.hostID), values(h.Series(c.hostID, c.metric, time.Minute)), c.want)
		}
		equal(t, "rates", h.Rates(), history.Rates{Over: 2 * time.Second, In: 0.5, Out: 0.5, Failed: 0.5})
		equal(t, "times", h.Times(), history.Times{Over: 2 * time.Second, Delivered: 1, P50: 2 * time.Second, P99: 2 * time.Second, Longest: 2 * time.Second})
		time.Sleep(time.Minute)
		equal(t, "times a minute later", h.Times(), history.Times{Over: time.Minute})
	})
}

// 10 s buckets hold six hours, 1 s buckets ten minutes.
func TestSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(history.Config{}, newSource("a"))
		run(t, h)
		for range 6*3600 + 60 {
			h.Accepted(message(t, "a", 1), "", 0)
			h.Ended(pinged("a", time.Second))
			time.Sleep(time.Second)
		}
		for _, c := range []struct {
			span time.Duration
			step time.Duration
			n    int
		}{
			{0, time.Second, 60}, {time.Second, time.Second, 1}, {10 * time.Minute, time.Second, 600},
			{10*time.Minute + 1, 10 * time.Second, 61}, {6 * time.Hour, 10 * time.Second, 2160}, {30 * time.Hour, 10 * time.Second, 2160},
		} {
			for _, id := range []string{"", "a"} {
				s := h.Series(id, history.In, c.span)
				equal(t, fmt.Sprintf("step of %v", c.span), s.Step, c.step)
				equal(t, fmt.Sprintf("points of %v", c.span), len(s.Points), c.n)
				for i, p := range s.Points {
					if p.Value != 1 || p.Most != 1 || i > 0 && p.Time.Sub(s.Points[i-1].Time) != c.step {
						t.Fatalf("point %d of %v = %v, want one of 1 at each step", i, c.span, p)
					}
				}
				if last := s.Points[len(s.Points)-1].Time; time.Since(last) < c.step || time.Since(last) >= 2*c.step {
					t.Errorf("latest point of %v is %v old, want the last one closed", c.span, time.Since(last))
				}
			}
		}
		equal(t, "pings one by one", len(h.Series("a", history.Ping, 0).Points), 60)
		equal(t, "pings one by one, step", h.Series("a", history.Ping, 0).Step, 0)
		equal(t, "pings of an hour", len(h.Series("a", history.Ping, time.Hour).Points), 360)
	})
}

// When ticks are late, all that was recorded is in its own second, and only
// there something is known of what waits where somebody looked.
func TestLateTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a")
		src.put(relay.Sample{HostID: "a", State: relay.StateUp, Waiting: 3, Oldest: time.Minute})
		looks := 0
		src.look = func() {
			if looks++; looks == 4 {
				time.Sleep(3500 * time.Millisecond)
			}
		}
		h := history.New(history.Config{}, src)
		run(t, h)
		time.Sleep(100 * time.Millisecond)
		for i := range 10 {
			for range i {
				h.Ended(delivered("a", 0, time.Second))
			}
			time.Sleep(time.Second)
		}
		equal(t, "out", values(h.Series("", history.Out, time.Minute)), "0 1 2 3 4 5 6 7 8 9")
		equal(t, "out of a", values(h.Series("a", history.Out, time.Minute)), "0 1 2 3 4 5 6 7 8 9")
		equal(t, "waiting", values(h.Series("", history.Waiting, time.Minute)), "3 - - - 3 3 3 3 3 3")
		equal(t, "oldest of a", values(h.Series("a", history.Oldest, time.Minute)), "60 - - - 60 60 60 60 60 60")
	})
}

// A clock that jumps moves what is shown as a whole and leaves the rest alone.
func TestClockJumps(t *testing.T) {
	const years = 10 * 365 * 24 * time.Hour
	for _, jump := range []time.Duration{years, -years} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var off time.Duration
			clock := func() time.Time {
				mu.Lock()
				defer mu.Unlock()
				return time.Now().Add(off).Round(0)
			}
			h := history.New(history.Config{Now: clock}, newSource("a"))
			run(t, h)
			synctest.Wait()
			for i := range 20 {
				if i == 10 {
					mu.Lock()
					off = jump
					mu.Unlock()
				}
				h.Ended(delivered("a", 0, time.Second))
				h.Ended(pinged("a", time.Second))
				h.Hear(relay.Event{Code: relay.SatState, HostID: "a", State: []relay.State{relay.StateUp, relay.StateDown}[i%2]})
				time.Sleep(time.Second)
			}
			equal(t, "out", values(h.Series("a", history.Out, time.Minute)), strings.TrimSpace(strings.Repeat("1 ", 20)))
			check := func(what string, from, to time.Time) {
				t.Helper()
				if d := to.Sub(from); d < 18*time.Second || d > 20*time.Second || clock().Sub(to) < 0 || clock().Sub(to) > 2*time.Second {
					t.Errorf("%s is from %v to %v at %v, want the latest 20 s", what, from, to, clock())
				}
			}
			for _, m := range []history.Metric{history.Out, history.Ping} {
				s := h.Series("a", m, time.Minute)
				check(fmt.Sprintf("series %d", m), s.Points[0].Time, s.Points[len(s.Points)-1].Time)
			}
			s, _ := h.Satellite("a")
			check("deliveries", s.Deliveries[19].Time, s.Deliveries[0].Time)
			check("states", s.States[1].Time, s.States[len(s.States)-1].Time)
			equal(t, "answered just now", clock().Sub(s.Answered), time.Second)
		})
	}
}

// What a satellite kept goes with it, in full or not, told or not.
func TestSatellitesLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a", "b", "c")
		h := history.New(history.Config{Full: 2}, src)
		run(t, h)
		time.Sleep(2 * time.Second)
		for _, id := range []string{"a", "b"} {
			if s, ok := h.Satellite(id); !ok || !s.Full {
				t.Fatalf("Satellite(%q) = %v, %v, want one in full", id, s, ok)
			}
		}
		src.remove("a")
		h.Hear(relay.Event{Code: relay.SatLeave, HostID: "a"})
		h.Ended(delivered("a", 0, 0)) // a call that was under way
		if _, ok := h.Satellite("a"); ok {
			t.Error("Satellite(a) is there after it left")
		}
		src.remove("b") // without an event
		time.Sleep(time.Minute)
		if _, ok := h.Satellite("b"); ok {
			t.Error("Satellite(b) is there after it left unheard")
		}
		if s, ok := h.Satellite("c"); !ok || !s.Full {
			t.Errorf("Satellite(c) = %v, %v, want it in full, for there is room", s, ok)
		}
		h.Look("a")
		h.Look("b")
		if h.Series("b", history.Ping, time.Hour).Points != nil {
			t.Error("looking at one that left brought it back")
		}
		src.put(relay.Sample{HostID: "d", State: relay.StateUp}) // joined without an event
		time.Sleep(time.Minute)
		if _, ok := h.Satellite("d"); !ok {
			t.Error("Satellite(d) is unknown, want what the roster says")
		}
	})
}

// Of those in full the least of interest make room: idle ones, then those in
// trouble, and those looked at only for others that somebody looks at.
func TestInterest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a", "b", "c", "d", "e", "f")
		h := history.New(history.Config{Full: 2}, src)
		run(t, h)
		time.Sleep(time.Second)
		fulls := func() (list string) {
			for _, id := range src.order {
				if s, _ := h.Satellite(id); s.Full {
					list += id
				}
			}
			return list
		}
		trouble := func(id string) {
			src.put(relay.Sample{HostID: id, State: relay.StateSuspect})
			h.Hear(relay.Event{Code: relay.SatState, HostID: id, State: relay.StateSuspect, Reason: "why"})
			time.Sleep(2 * time.Second)
		}
		look := func(id string) {
			h.Look(id)
			time.Sleep(2 * time.Second)
		}
		equal(t, "at the start", fulls(), "ab")
		trouble("c")
		equal(t, "c in trouble", len(fulls()), 2)
		equal(t, "c in trouble", strings.Contains(fulls(), "c"), true)
		trouble("d")
		equal(t, "c and d in trouble", fulls(), "cd")
		trouble("e")
		equal(t, "one more in trouble", fulls(), "cd")
		look("a")
		equal(t, "a looked at", fulls(), "ad")
		look("b")
		equal(t, "b looked at", fulls(), "ab")
		look("f")
		equal(t, "f looked at", fulls(), "bf")
		time.Sleep(11 * time.Minute)
		equal(t, "when nobody looks any more", fulls(), "cd")
		s, _ := h.Satellite("d")
		equal(t, "d's state", s.States[len(s.States)-1].State, relay.Standing(relay.StateSuspect))
		src.put(relay.Sample{HostID: "c", State: relay.StateUp})
		time.Sleep(3 * time.Second)
		equal(t, "when c is well again", fulls(), "de")
	})
}

// Who gets into trouble is kept in full from that on, with the reason.
func TestReasons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a", "b")
		h := history.New(history.Config{Full: 1}, src)
		run(t, h)
		time.Sleep(time.Second)
		h.Ended(failed(delivered("b", 0, time.Second), "it is tired"))
		h.Hear(relay.Event{Code: relay.SatState, HostID: "b", State: relay.StateSuspect, Reason: "it is tired"})
		src.put(relay.Sample{HostID: "b", State: relay.StateSuspect})
		h.Ended(failed(delivered("b", time.Second, 2*time.Second), strings.Repeat("ü", 1000)))
		s, _ := h.Satellite("b")
		equal(t, "states", len(s.States), 2)
		equal(t, "reason", s.States[1].Reason, "it is tired")
		equal(t, "deliveries", len(s.Deliveries), 2)
		equal(t, "latest", s.Deliveries[0].Reason, strings.Repeat("ü", 256))
		equal(t, "latest waited", s.Deliveries[0].Waited, time.Second)
		equal(t, "latest message", s.Deliveries[0].Message, "1-a")
		equal(t, "older, from before it was kept in full", s.Deliveries[1].Took, time.Second)
		equal(t, "older reason", s.Deliveries[1].Reason, "")
	})
}

// What is kept of one satellite is bounded, in number.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(history.Config{Full: 1}, newSource("full", "other"))
		run(t, h)
		time.Sleep(time.Second)
		for i := range 1000 {
			state := []relay.State{relay.StateUp, relay.StateSuspect, relay.StateNew}[i%3]
			for _, id := range []string{"full", "other"} {
				h.Ended(delivered(id, 0, time.Duration(i)*time.Millisecond))
				h.Ended(pinged(id, time.Second))
				if id == "full" || state != relay.StateSuspect { // which would take the place
					h.Hear(relay.Event{Code: relay.SatState, HostID: id, State: state, Reason: fmt.Sprint(i)})
				}
			}
			h.Accepted(message(t, "full", strings.Repeat("x", 10*i)), "nick", 3)
		}
		for _, c := range []struct {
			id         string
			deliveries int
			reason     string
		}{{"full", 50, "999"}, {"other", 8, ""}} {
			s, _ := h.Satellite(c.id)
			equal(t, c.id+" deliveries", len(s.Deliveries), c.deliveries)
			for i, d := range s.Deliveries {
				if want := time.Duration(999-i) * time.Millisecond; (d.Took - want).Abs() > want/2000 {
					t.Errorf("delivery %d of %s took %v, want %v", i, c.id, d.Took, want)
				}
			}
			equal(t, c.id+" states", len(s.States), 32)
			equal(t, c.id+" latest reason", s.States[31].Reason, c.reason)
			equal(t, c.id+" pings", len(h.Series(c.id, history.Ping, 0).Points), 60)
		}
		list, kept := h.Messages(), 0
		equal(t, "messages", len(list), 200)
		for _, m := range list {
			kept += len(m.Data.String()) + len(m.Start)
		}
		if kept > 1<<20 {
			t.Errorf("payloads kept = %d octets, want at most 1 MiB", kept)
		}
		equal(t, "size of the latest", list[0].Bytes > 9990 && list[0].Data.IsZero(), true)
		equal(t, "kept of the latest", len(list[0].Start), history.PayloadKept)
		if events := h.Events(); len(events) != 200 {
			t.Errorf("events = %d, want 200", len(events))
		}
	})
}

// A short message is kept whole, and a long one is cut between characters.
func TestPayloads(t *testing.T) {
	h := history.New(history.Config{}, newSource())
	h.Accepted(message(t, "a", "short"), "alice", 5)
	h.Accepted(message(t, "a", strings.Repeat("€", 3000)), "alice", 5)
	list := h.Messages()
	equal(t, "short", list[1].Data.String(), "<value><string>short</string></value>")
	equal(t, "start of short", list[1].Start, "")
	equal(t, "nick, receivers", fmt.Sprint(list[1].Nick, list[1].Receivers), "alice5")
	if n := len(list[0].Start); !list[0].Data.IsZero() || n > history.PayloadKept || n < history.PayloadKept-2 || !strings.HasSuffix(list[0].Start, "€") {
		t.Errorf("long is kept as %d octets that end in %q, want a part that ends in a character", n, list[0].Start[n-4:])
	}
}

// Events that repeat are counted, unless something else happened to the
// satellite in between; single failed deliveries are none.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(history.Config{}, newSource("a", "b"))
		hear := func(code relay.Code, id string) { h.Hear(relay.Event{Code: code, HostID: id, Reason: "of " + id}) }
		for range 5 {
			hear(relay.LimitQueue, "a")
			hear(relay.LimitQueue, "b")
			hear(relay.DlvFail, "b")
			time.Sleep(time.Second)
		}
		time.Sleep(5 * time.Second)
		hear(relay.LimitQueue, "a")
		hear(relay.SatPin, "a")
		hear(relay.LimitQueue, "a")
		var got []string
		for _, ev := range h.Events() {
			got = append(got, fmt.Sprintf("%s %s +%d", ev.Code, ev.HostID, ev.More))
		}
		equal(t, "events", strings.Join(got, ", "),
			"LIMIT-QUEUE a +0, SAT-PIN a +0, LIMIT-QUEUE a +0, LIMIT-QUEUE b +4, LIMIT-QUEUE a +4")
	})
}

// A failed ping is a gap, and no ping is nothing at all.
func TestPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a", "b")
		h := history.New(history.Config{Full: 1}, src)
		run(t, h)
		synctest.Wait()
		for i := range 100 {
			for _, id := range src.order {
				p := pinged(id, 20*time.Millisecond)
				if i%2 > 0 {
					p = failed(p, "no")
				}
				h.Ended(p)
			}
			time.Sleep(30 * time.Second)
		}
		want := strings.TrimSpace(strings.Repeat("0.02 - ", 30))
		equal(t, "latest of one in full", values(h.Series("a", history.Ping, 0)), want)
		equal(t, "latest of the other", values(h.Series("b", history.Ping, 0)), want)
		equal(t, "10 minutes", len(h.Series("a", history.Ping, 10*time.Minute).Points), 20)
		equal(t, "50 minutes", values(h.Series("a", history.Ping, 6*time.Hour)), strings.TrimSpace(strings.Repeat("0.02 - ", 50)))
		equal(t, "an hour of who is looked at only now", values(h.Series("b", history.Ping, time.Hour)), want)
		s, _ := h.Satellite("b")
		equal(t, "it is in full", s.Full, true)
		equal(t, "of the relay", values(h.Series("", history.Ping, 6*time.Hour)), strings.TrimSpace(strings.Repeat("0.02 - ", 50)))
	})
}

// A state that no event told is found, but not at once: an event about it may
// be on its way.
func TestStatesThatNobodyTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a")
		h := history.New(history.Config{}, src)
		run(t, h)
		time.Sleep(5 * time.Second)
		h.Hear(relay.Event{Code: relay.SatState, HostID: "a", State: relay.StateDown}) // the source says up still
		time.Sleep(time.Second)
		states := func() (words string) {
			s, _ := h.Satellite("a")
			for _, c := range s.States {
				words += string(c.State) + " "
			}
			return words
		}
		equal(t, "states", states(), "up down ")
		time.Sleep(time.Minute)
		equal(t, "states after a minute", states(), "up down up ")
		h.Hear(relay.Event{Code: relay.SatRejoin, HostID: "a"})
		h.Hear(relay.Event{Code: relay.SatPause, HostID: "a", State: relay.StatePaused})
		h.Hear(relay.Event{Code: relay.SatRejoin, HostID: "a"})
		equal(t, "states of one who joins again while paused", states(), "up down up new paused ")
	})
}

// heap is the memory in use, in octets.
func heap() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// All that is kept of a satellite not in full is at most 1 KB: 60 pings, 8
// outcomes and 32 changes of state; of one in full it has a bound too.
func TestMemory(t *testing.T) {
	const satellites = 10_000
	ids := make([]string, satellites)
	for i := range ids {
		ids[i] = fmt.Sprintf("192.0.%d.%d:2004", i>>8, i&255)
	}
	src := newSource(ids...)
	fill := func(h *history.History) {
		for i := range 64 {
			for _, id := range ids {
				h.Ended(pinged(id, time.Second))
				h.Ended(delivered(id, 0, time.Second))
				h.Hear(relay.Event{Code: relay.SatState, HostID: id, State: []relay.State{relay.StateUp, relay.StateNew}[i%2]})
			}
		}
	}
	before := heap()
	plain := history.New(history.Config{Full: -1}, src)
	fill(plain)
	each := (heap() - before) / satellites
	t.Logf("%d octets for each satellite", each)
	if each > 1000 || each < 700 {
		t.Errorf("a satellite takes %d octets, want at most 1,000 (and so many that all was kept)", each)
	}
	for _, id := range ids {
		plain.Hear(relay.Event{Code: relay.SatLeave, HostID: id})
	}
	if left := (heap() - before) / satellites; left > 100 {
		t.Errorf("a satellite that left leaves %d octets, want its record gone (the index keeps its size)", left)
	}
	runtime.KeepAlive(plain)
	runtime.KeepAlive(src)
}

// What a satellite in full takes when all its rings are full.
func TestMemoryInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const satellites = 20
		ids := make([]string, satellites)
		for i := range ids {
			ids[i] = fmt.Sprint("192.0.2.", i, ":2004")
		}
		before := heap()
		h := history.New(history.Config{}, newSource(ids...))
		run(t, h)
		time.Sleep(time.Second)
		for i := range 60 {
			for _, id := range ids {
				h.Ended(failed(delivered(id, 0, time.Second), fmt.Sprint(i, strings.Repeat("x", 300))))
			}
		}
		time.Sleep(6*time.Hour + time.Minute)
		each := (heap() - before) / satellites
		t.Logf("%d octets for each satellite in full", each)
		if each > 128<<10 || each < 64<<10 {
			t.Errorf("a satellite in full takes %d octets, want at most 128 KiB, and all buckets", each)
		}
		equal(t, "buckets", len(h.Series(ids[0], history.In, 6*time.Hour).Points), 2160)
	})
}

// Everybody at once: writers, readers, those who join and leave.
func TestTogether(t *testing.T) {
	src := newSource()
	for i := range 300 {
		src.put(relay.Sample{HostID: fmt.Sprint(i), State: relay.StateUp})
	}
	h := history.New(history.Config{Full: 20}, src)
	run(t, h)
	var all sync.WaitGroup
	var said [4]int
	for w := range said {
		all.Go(func() {
			for i := range 10_000 {
				id := fmt.Sprint((i*7 + w) % 300)
				switch i % 10 {
				case 0:
					h.Hear(relay.Event{Code: relay.SatLeave, HostID: id})
					h.Hear(relay.Event{Code: relay.SatJoin, HostID: id})
				case 1:
					h.Hear(relay.Event{Code: relay.SatState, HostID: id, State: relay.StateDown})
				case 2:
					h.Accepted(message(t, id, i), "", 3)
				case 3:
					h.Satellite(id)
					h.Look(id)
				case 4:
					h.Series(id, history.Metric(i%9), time.Hour)
					h.Series("", history.Metric(i%9), time.Hour)
				case 5:
					h.Messages()
					h.Events()
					h.Rates()
					h.Times()
					h.State()
				default:
					h.Ended(delivered(id, 0, time.Millisecond))
					said[w]++
				}
			}
		})
	}
	all.Wait()
	want, got := 0, 0.0
	for _, n := range said {
		want += n
	}
	exact := func() bool { return math.Abs(got-float64(want)) <= float64(want)/2000 }
	for began := time.Now(); !exact() && time.Since(began) < time.Minute; { // the second has to be over
		got = 0
		for _, p := range h.Series("", history.Out, 10*time.Minute).Points {
			got += p.Value
		}
	}
	if !exact() {
		t.Errorf("delivered = %v, want %d: none is lost", got, want)
	}
}

// Losses are a rate over ten seconds, whenever they were found.
func TestLossesAreARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := newSource("a")
		src.lost = 1000 // before anybody looked
		h := history.New(history.Config{}, src)
		run(t, h)
		lose := func(n int) {
			src.mu.Lock()
			defer src.mu.Unlock()
			src.lost += n
		}
		time.Sleep(20 * time.Second)
		equal(t, "lost while nothing was", h.Rates().Lost, 0)
		for range 30 {
			lose(4)
			time.Sleep(time.Second)
		}
		equal(t, "lost a second", h.Rates().Lost, 4)
		time.Sleep(5 * time.Second)
		equal(t, "lost a second, five later", h.Rates().Lost, 2)
		time.Sleep(10 * time.Second)
		equal(t, "lost in the end", h.Rates().Lost, 0)
	})
}
