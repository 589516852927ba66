package relay_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// failing is a carrier that reaches all satellites but those named, and keeps
// whom it was told to forget.
type failing struct {
	carrier
	mu        sync.Mutex
	away      map[string]bool // guarded by mu
	forgotten []string        // guarded by mu
}

func newFailing(away ...string) *failing {
	c := &failing{away: map[string]bool{}}
	c.set(true, away...)
	c.answer = func(d relay.Delivery) relay.Outcome {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.away[d.HostID] {
			return dead("no route")
		}
		return good
	}
	return c
}

func (c *failing) set(away bool, ids ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.away[id] = away
	}
}

func (c *failing) Forget(to relay.Callback) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgotten = append(c.forgotten, to.Addr.String())
}

// gone returns whom it was told to forget.
func (c *failing) gone() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.forgotten)
}

// crowd is n host ids.
func crowd(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("192.0.2.%d:2004", i+1)
	}
	return ids
}

// removal returns the two properties, words first.
func (r *rig) removal(hostID string) string {
	r.t.Helper()
	props, err := r.call("192.0.2.9", "relay.get_satellite_props", object{"host_id": hostID})
	if err != nil {
		r.t.Fatal(err)
	}
	members, err := raw(r.t, props).Members()
	if err != nil {
		r.t.Fatal(err)
	}
	var words string
	var in float64
	for _, m := range members {
		switch m.Name {
		case "removal":
			err = errors.Join(err, m.Value.Decode(&words))
		case "remove_in":
			err = errors.Join(err, m.Value.Decode(&in))
		}
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return fmt.Sprintf("%s|%.0f", words, in)
}

// untilDown waits until a satellite is down.
func (r *rig) untilDown(hostID string) {
	r.t.Helper()
	for began := time.Now(); r.find(hostID).State != relay.StateDown; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Hour {
			r.t.Fatalf("%s is %s after an hour, want down", hostID, r.find(hostID).State)
		}
	}
}

// A satellite that is down for the time that was set goes, on disk too, and
// anew counted from every good answer; a pinned one stays.
func TestRemoveAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := crowd(20)
		c, st := newFailing(idA, idB), full(ids...)
		r := start(t, relay.Config{RemoveAfter: 6 * time.Hour, PingInterval: 5 * time.Minute}, c, st)
		r.mustOrder("pin", idB)
		equal(t, "removal of who is new", r.removal(idA), "|-1")
		r.untilDown(idA)
		r.untilDown(idB)
		equal(t, "removal of who is up", r.removal(idC), "|-1")
		equal(t, "removal of who is pinned", r.removal(idB), "not removed: it is pinned|-1")
		time.Sleep(5*time.Hour + time.Minute)
		equal(t, "removal after 5 h", strings.Contains(r.removal(idA), " min|3"), true)
		c.set(false, idA)
		time.Sleep(6 * time.Minute)
		equal(t, "removal of who came back", r.removal(idA), "|-1")
		c.set(true, idA)
		r.untilDown(idA)
		equal(t, "removal of who went again", r.removal(idA), "removed in 6 h|21600")
		time.Sleep(6*time.Hour - time.Second)
		equal(t, "satellites after 6 h but a second", r.relay.Directory().Len(), 20)
		equal(t, "removal then", r.removal(idA), "removed in 1 s|1")
		time.Sleep(2 * time.Second)
		equal(t, "satellites after 6 h", r.relay.Directory().Len(), 19)
		equal(t, "stored", len(st.ids()), 19)
		equalList(t, "forgotten by the carrier", c.gone(), []string{idA})
		e := r.saw(relay.SatRemove)
		if len(e) != 1 || e[0].HostID != idA || e[0].Reason != "it was down for 6 h without one good answer" {
			t.Errorf("SAT-REMOVE events = %+v, want one of %s", e, idA)
		}
		time.Sleep(4 * time.Hour)
		equal(t, "satellites later", r.relay.Directory().Len(), 19)
		r.mustOrder("unpin", idB)
		time.Sleep(time.Second)
		equal(t, "satellites when none is pinned", r.relay.Directory().Len(), 18)
		equal(t, "REMOVAL-HOLD events", len(r.saw(relay.RemovalHold)), 0)
	})
}

// Without the setting nobody goes, and nobody who is paused goes with it.
func TestNobodyIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{PingInterval: 10 * time.Minute}, newFailing(idA), full(crowd(20)...))
		r.untilDown(idA)
		time.Sleep(4 * time.Hour)
		equal(t, "satellites", r.relay.Directory().Len(), 20)
		equal(t, "removal", r.removal(idA), "|-1")
	})
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{RemoveAfter: time.Hour, PingInterval: 5 * time.Minute}, newFailing(idA), full(crowd(20)...))
		r.untilDown(idA)
		r.mustOrder("pause", idA)
		time.Sleep(3 * time.Hour)
		equal(t, "satellites", r.relay.Directory().Len(), 20)
		equal(t, "removal", r.removal(idA), "|-1")
		r.mustOrder("resume", idA)
		r.untilDown(idA)
		time.Sleep(time.Hour + time.Second)
		equal(t, "satellites an hour after the pause", r.relay.Directory().Len(), 19)
	})
}

// When many go down at once nobody is removed, until most are back.
func TestHoldEndsWhenMostAreBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := crowd(20)
		c := newFailing()
		r := start(t, relay.Config{RemoveAfter: 5 * time.Minute}, c, full(ids...))
		time.Sleep(time.Hour)
		c.set(true, ids[:5]...)
		for _, id := range ids[:5] {
			r.untilDown(id)
		}
		began := time.Now()
		time.Sleep(time.Second)
		state := r.relay.Removal()
		if !state.Held || state.Down != 5 || state.After != 5*time.Minute || state.HeldFor > time.Hour || state.HeldFor < 58*time.Minute || !strings.Contains(state.Reason, "of 20 satellites") {
			t.Errorf("Removal = %+v, want it held for about an hour", state)
		}
		held := r.saw(relay.RemovalHold)
		if len(held) != 1 || !strings.Contains(held[0].Reason, "went down within 1m5s; none is removed until most are back, for 1 h at most") {
			t.Errorf("REMOVAL-HOLD events = %+v, want one", held)
		}
		equal(t, "in the log", r.log.has("level=WARN msg=event code=REMOVAL-HOLD"), true)
		if words := r.removal(idA); !strings.Contains(words, "held: of 20 satellites") {
			t.Errorf("removal = %q, want it to tell of the hold", words)
		}
		time.Sleep(30 * time.Minute)
		equal(t, "satellites while it is held", r.relay.Directory().Len(), 20)
		c.set(false, ids[:3]...)
		time.Sleep(2 * time.Minute)
		equal(t, "held with 2 of 20 down", r.relay.Removal().Held, false)
		equalList(t, "satellites soon after", r.ids(), append(ids[:3:3], ids[5:]...))
		goes := r.saw(relay.RemovalGoes)
		if len(goes) != 1 || goes[0].Reason != "of 20 satellites 2 are still down that went down at once" || goes[0].Time.Sub(began) > 35*time.Minute {
			t.Errorf("REMOVAL-GOES events = %+v, want one", goes)
		}
	})
}

// A hold ends after an hour, also when nobody came back, and the same
// satellites do not begin another one.
func TestHoldEndsAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := crowd(20)
		c := newFailing()
		r := start(t, relay.Config{RemoveAfter: 5 * time.Minute}, c, full(ids...))
		time.Sleep(time.Hour)
		c.set(true, ids[:10]...)
		for len(r.saw(relay.RemovalHold)) == 0 {
			time.Sleep(time.Second)
		}
		time.Sleep(time.Hour - 2*time.Second)
		equal(t, "satellites within the hour", r.relay.Directory().Len(), 20)
		time.Sleep(holdLooks)
		equal(t, "satellites after it", r.relay.Directory().Len(), 10)
		equal(t, "SAT-REMOVE events", len(r.saw(relay.SatRemove)), 10)
		equal(t, "REMOVAL-HOLD events", len(r.saw(relay.RemovalHold)), 1)
		equal(t, "REMOVAL-GOES events", len(r.saw(relay.RemovalGoes)), 1)
		equal(t, "held", r.relay.Removal().Held, false)
	})
}

// holdLooks is how late the end of a hold may be found, and some more.
const holdLooks = 35 * time.Second

// What counts as many at once: 3 and 15 % within the window.
func TestWhatHolds(t *testing.T) {
	for _, test := range []struct {
		name      string
		all, away int
		apart     time.Duration
		cfg       relay.Config
		held      bool
	}{
		{"2 of 4", 4, 2, 0, relay.Config{}, false},
		{"3 of 20", 20, 3, 0, relay.Config{}, true},
		{"3 of 21", 21, 3, 0, relay.Config{}, false},
		{"all", 20, 20, 0, relay.Config{}, true},
		{"one by one", 20, 20, 10 * time.Minute, relay.Config{}, false},
		{"one by one within a longer window", 20, 3, 10 * time.Minute, relay.Config{MassDownWindow: time.Hour}, true},
		{"another share", 20, 3, 0, relay.Config{MassDown: 0.16}, false},
		{"another number", 20, 3, 0, relay.Config{MassDownLeast: 4}, false},
		{"switched off", 20, 20, 0, relay.Config{MassDown: -1}, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ids := crowd(test.all)
			c := newFailing()
			r := start(t, test.cfg, c, full(ids...))
			time.Sleep(time.Hour)
			for _, id := range ids[:test.away] {
				c.set(true, id)
				time.Sleep(test.apart)
			}
			time.Sleep(3 * time.Minute)
			equal(t, test.name+": down", r.relay.Removal().Down, test.away)
			equal(t, test.name+": held", r.relay.Removal().Held, test.held)
		})
	}
}

// When the store fails the satellite stays, and goes later.
func TestRemovalWithoutADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		st := full(crowd(20)...)
		st.commit = func(c relay.Change) error {
			if broken.Load() && len(c.Remove) > 0 {
				return errors.New("disk full")
			}
			return nil
		}
		r := start(t, relay.Config{RemoveAfter: time.Hour}, newFailing(idA, idB), st)
		r.untilDown(idA)
		r.untilDown(idB)
		time.Sleep(90 * time.Minute)
		equal(t, "satellites without a disk", r.relay.Directory().Len(), 20)
		if n := len(r.saw(relay.DumpFail)); n < 10 || n > 100 {
			t.Errorf("tries within 30 min = %d, want about one a minute", n)
		}
		equal(t, "removal", r.removal(idA), "removed in 0 s|0")
		broken.Store(false)
		time.Sleep(2 * time.Minute)
		equal(t, "satellites when the disk is back", r.relay.Directory().Len(), 18)
	})
}

// The wall clock moves nobody: not into another state, and not out.
func TestWallClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := clock{time: time.Now()}
		c := newFailing(idA)
		r := start(t, relay.Config{RemoveAfter: 24 * time.Hour, Now: at.now}, c, full(crowd(20)...))
		time.Sleep(time.Hour)
		states := len(r.saw(relay.SatState))
		for _, years := range []int{10, -20, 10} {
			at.move(time.Duration(years) * 365 * 24 * time.Hour)
			before := len(c.to("", "ping"))
			time.Sleep(time.Hour)
			equal(t, "changes of state", len(r.saw(relay.SatState)), states)
			equal(t, "satellites", r.relay.Directory().Len(), 20)
			if n := len(c.to("", "ping")) - before; n < 2370 || n > 2430 {
				t.Errorf("pings in an hour = %d, want about 2400", n)
			}
		}
	})
}
