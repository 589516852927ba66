package relay

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// records is a Store of fixed records that takes any change.
type records []Record

func (s records) Load(context.Context) ([]Record, error) { return s, nil }
func (records) Commit(context.Context, Change) error     { return nil }
func (records) Close() error                             { return nil }

// timedOut is a carrier whose calls take what it says, and fail if it says so.
type timedOut struct {
	call func() (took time.Duration, fails bool)

	mu    sync.Mutex
	pings []time.Time // guarded by mu
}

func (*timedOut) Forget(Callback) {}

func (c *timedOut) Send(batch []Delivery, done func(Delivery, Outcome)) {
	for _, d := range batch {
		if d.message == nil {
			c.mu.Lock()
			c.pings = append(c.pings, time.Now())
			c.mu.Unlock()
		}
		go func() {
			took, fails := c.call()
			time.Sleep(took)
			o := Outcome{Verdict: Delivered, Took: took}
			if fails {
				o = Outcome{Verdict: Dead, Reason: "no answer within " + d.Timeout.String()}
			}
			done(d, o)
		}()
	}
}

func (c *timedOut) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.pings)
}

// stopped is a relay with 100 satellites whose heart beats when told.
type stopped struct {
	*Relay
	beats chan time.Time
	log   *strings.Builder
}

func newStopped(t *testing.T, cfg Config, c Carrier) *stopped {
	t.Helper()
	var st records
	for i := range 100 {
		at := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(2000+i))
		st = append(st, Record{Registration: Registration{HostID: at.String(), Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"}}})
	}
	s := &stopped{beats: make(chan time.Time), log: new(strings.Builder)}
	var err error
	if s.Relay, err = New(t.Context(), cfg, st, c, slog.New(slog.NewTextHandler(s.log, nil))); err != nil {
		t.Fatal(err)
	}
	s.deliveries.heart.ticks = s.beats
	ctx, halt := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() { halt(); <-ended })
	return s
}

// live lets the heart beat for a while.
func (s *stopped) live(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(s.deliveries.heart.every) {
		s.beats <- time.Now()
	}
}

func (s *stopped) states() string {
	counts := map[State]int{}
	for _, sat := range s.roster.Satellites() {
		counts[sat.State]++
	}
	return fmt.Sprint(counts)
}

// A relay that stands still for 30 s blames nobody for it, whether failures
// are recorded before or after the beat that finds it; it soon pings again
// those of whom it learned nothing, and not all at once.
func TestLateRelayBlamesNobody(t *testing.T) {
	for _, beatFirst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			stop, goOn := began.Add(time.Minute), began.Add(90*time.Second)
			c := &timedOut{call: func() (time.Duration, bool) {
				switch now := time.Now(); {
				case now.Before(stop) || !now.Before(goOn):
					return time.Millisecond, false
				case beatFirst:
					return goOn.Sub(now) + time.Millisecond, true
				default:
					return goOn.Sub(now) - time.Millisecond, true
				}
			}}
			s := newStopped(t, Config{PingInterval: 10 * time.Second}, c)
			s.live(time.Minute)
			if got := s.states(); got != "map[up:100]" {
				t.Fatalf("states before = %s, want all up", got)
			}
			time.Sleep(time.Until(goOn))
			before := c.count()
			s.live(13 * time.Second)
			if got := s.states(); got != "map[up:100]" {
				t.Errorf("states afterwards = %s, want all up", got)
			}
			if after := c.count() - before; after < 100 {
				t.Errorf("pings within 13 s afterwards = %d, want one of each at least", after)
			}
			counts := s.events.Counts()
			if counts[SatState] != 100 || counts[RelayLate] != 1 || !strings.Contains(s.log.String(), "code=RELAY-LATE") {
				t.Errorf("events = %v, want nobody's state changed since it was first up, and one RELAY-LATE", counts)
			}
			for _, sat := range s.roster.Satellites() {
				if sat.Ping.Fails > 0 || sat.LastError != "" {
					t.Errorf("%s has %d failed pings, %q, want none", sat.HostID, sat.Ping.Fails, sat.LastError)
				}
			}
		})
	}
}

// A message whose delivery failed meanwhile is told of, but counts nowhere.
func TestMessageOfALateRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := &timedOut{call: func() (time.Duration, bool) {
			if time.Since(began) < time.Minute {
				return time.Millisecond, false
			}
			return 30 * time.Second, true
		}}
		s := newStopped(t, Config{PingInterval: time.Hour}, c)
		s.live(time.Minute)
		s.deliveries.post(message(t, "1", 100), s.roster.all()[:1])
		time.Sleep(30 * time.Second)
		s.live(time.Second)
		sat := s.roster.Satellites()[0]
		if sat.State != StateUp || sat.RecvCount != 0 || sat.RecvFails != 0 || sat.Breaker.State != BreakerClosed {
			t.Errorf("satellite = %+v, want it up without a failure", sat)
		}
		if n := s.events.Counts()[DlvFail]; n != 1 {
			t.Errorf("DLV-FAIL events = %d, want 1", n)
		}
	})
}

// What fell due while the relay stood still is not made at once, but spread,
// and put off only once.
func TestPingsAfterLateness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &timedOut{call: func() (time.Duration, bool) { return time.Millisecond, false }}
		var st records
		for i := range 1000 {
			at := netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(2000+i))
			st = append(st, Record{Registration: Registration{HostID: at.String(), Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"}}})
		}
		r, err := New(t.Context(), Config{}, st, c, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		r.pinger.spread(time.Now())
		r.deliveries.heart.beat(time.Now())
		r.pinger.round(time.Now())
		time.Sleep(30 * time.Second)
		r.pinger.round(time.Now())
		if n := c.count(); n > 0 {
			t.Errorf("pings at once = %d, want none", n)
		}
		for i := range 44 {
			time.Sleep(250 * time.Millisecond)
			before := c.count()
			r.pinger.round(time.Now()) // the heart has not beaten yet: it is late all the time
			if n := c.count() - before; n > 100 {
				t.Errorf("pings in round %d = %d, want about 25", i, n)
			}
		}
		if n := c.count(); n < 1000 {
			t.Errorf("pings within 11 s = %d, want one of each", n)
		}
		synctest.Wait()
		time.Sleep(time.Second)
	})
}

// Being late once excuses nothing afterwards.
func TestFailuresAfterLateness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &timedOut{call: func() (time.Duration, bool) { return 5 * time.Second, true }}
		s := newStopped(t, Config{PingInterval: 10 * time.Second}, c)
		s.live(5 * time.Second)
		time.Sleep(30 * time.Second)
		s.live(2 * time.Minute)
		if got := s.states(); got != "map[down:100]" {
			t.Errorf("states = %s, want all down", got)
		}
	})
}

func TestHeartbeat(t *testing.T) {
	for _, test := range []struct {
		ping, notify   time.Duration
		every, allowed time.Duration
	}{
		{5 * time.Second, 5 * time.Second, 500 * time.Millisecond, time.Second},
		{time.Hour, time.Minute, 500 * time.Millisecond, time.Second},
		{time.Second, 5 * time.Second, 100 * time.Millisecond, 200 * time.Millisecond},
		{5 * time.Second, time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond},
	} {
		h := newHeartbeat(Config{PingTimeout: test.ping, NotifyTimeout: test.notify}, nil)
		if h.every != test.every || h.allowed != test.allowed {
			t.Errorf("heartbeat for %v, %v = every %v, %v allowed, want %v, %v", test.ping, test.notify, h.every, h.allowed, test.every, test.allowed)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		told := 0
		h := newHeartbeat(Config{PingTimeout: 5 * time.Second, NotifyTimeout: 5 * time.Second}, func(string) { told++ })
		if h.lateSince(time.Now()) {
			t.Error("late before the first beat, want not")
		}
		h.beat(time.Now())
		began := time.Now()
		time.Sleep(1500 * time.Millisecond) // as late as it may be
		if h.beat(time.Now()); h.lateSince(began) || told != 0 {
			t.Error("late after 1.5 s, want not")
		}
		time.Sleep(1501 * time.Millisecond)
		if !h.lateSince(began) || !h.lateSince(time.Now()) {
			t.Error("not late 1.501 s after a beat, want late before the next one tells")
		}
		h.beat(time.Now())
		if !h.lateSince(began) || h.lateSince(time.Now()) || told != 1 {
			t.Errorf("late since then, now, told = %v, %v, %d, want true, false, 1", h.lateSince(began), h.lateSince(time.Now()), told)
		}
	})
}

// After the relay was late nobody is removed before all were pinged anew.
func TestRemovalAfterLateness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heart := newHeartbeat(Config{PingTimeout: 5 * time.Second, NotifyTimeout: 5 * time.Second}, func(string) {})
		r := &remover{after: time.Hour, window: time.Minute, late: heart.lateSince, down: map[string]time.Time{"a": time.Now()}}
		heart.beat(time.Now())
		time.Sleep(25 * time.Hour)
		for _, beat := range []bool{false, true} {
			if beat {
				heart.beat(time.Now())
			}
			if ids, next := r.due(time.Now()); len(ids) > 0 || next != time.Minute {
				t.Errorf("due after 25 h without a beat = %v, next in %v, want none, in a minute; beat: %v", ids, next, beat)
			}
		}
		for range 61 {
			time.Sleep(time.Second)
			heart.beat(time.Now())
		}
		if ids, _ := r.due(time.Now()); len(ids) != 1 {
			t.Errorf("due a minute later = %v, want it", ids)
		}
	})
}
