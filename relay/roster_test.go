package relay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods"
	"co2/relay"
)

const (
	idA = "192.0.2.1:2004"
	idB = "192.0.2.2:2004"
	idC = "192.0.2.3:2004"
	idD = "192.0.2.4:2004"
)

func TestRegisterAndRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		r := start(t, relay.Config{}, new(carrier), st)
		equal(t, "register", r.register("192.0.2.1", 2004, object{"nick": "anna", "plugins": []any{"pd.bridge", "chat"}}), idA)
		equal(t, "register", r.register("2001:db8::7", 2004, nil), "[2001:db8::7]:2004")
		equal(t, "Len", r.relay.Directory().Len(), 2)
		a, b := r.find(idA), r.find("[2001:db8::7]:2004")
		equal(t, "nick", a.Nick, "anna")
		equal(t, "nick when none was given", b.Nick, b.HostID)
		equal(t, "URL", b.Callback.URL(), "http://[2001:db8::7]:2004/RPC2")
		equalList(t, "plugins", a.Plugins, []string{"pd.bridge", "chat"})
		equalList(t, "stored", st.ids(), []string{idA, "[2001:db8::7]:2004"})
		r.deregister(idA)
		if _, ok := r.relay.Directory().Find(idA); ok || r.relay.Directory().Len() != 1 {
			t.Errorf("Find(%q) = it, want it gone", idA)
		}
		equalList(t, "stored", st.ids(), []string{"[2001:db8::7]:2004"})
		equal(t, "SAT-JOIN events", len(r.saw(relay.SatJoin)), 2)
		equal(t, "SAT-LEAVE event", r.saw(relay.SatLeave)[0].Nick, "anna")
	})
}

// Registering again under the same id replaces everything but the outbox;
// what becomes of the call under way is nobody's business any more.
func TestRegisterAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan relay.Outcome)
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && d.Method == "notify" && d.Incarnation == 2 {
				return <-hang
			}
			return good
		}}
		st := new(store)
		r := start(t, relay.Config{}, c, st)
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, object{"nick": "old", "notify_pass": "first", "plugins": []any{"x"}})
		r.send(idB, "its own")
		for i := range 3 {
			r.send(idA, i)
		}
		synctest.Wait()
		before := r.find(idB)
		equal(t, "waiting before", before.Waiting, 3)
		equal(t, "send_count before", before.SendCount, 1)
		equal(t, "ping_count before", before.Ping.Count, 1)
		time.Sleep(3 * time.Second)
		r.register("192.0.2.2", 2004, object{"nick": "new", "notify_pass": "second"})
		after := r.find(idB)
		equal(t, "nick", after.Nick, "new")
		equal(t, "plugins", len(after.Plugins), 0)
		equal(t, "ctime moved by", after.Registered.Sub(before.Registered), 3*time.Second)
		equal(t, "traffic", after.Traffic, relay.Traffic{})
		equal(t, "pings", after.Ping.Count, 0)
		equal(t, "state", after.State, relay.StateNew)
		equal(t, "waiting", after.Waiting, 3)
		if after.Incarnation <= before.Incarnation {
			t.Errorf("incarnation = %d after %d, want a greater one", after.Incarnation, before.Incarnation)
		}
		equal(t, "Len", r.relay.Directory().Len(), 2)
		hang <- dead("of the old registration")
		synctest.Wait()
		after = r.find(idB)
		equal(t, "last error", after.LastError, "")
		equal(t, "recv_fails", after.RecvFails, 0)
		equal(t, "recv_count", after.RecvCount, 2)
		equalList(t, "notified", c.notified(t, idB), upTo(3))
		for i, d := range c.to(idB, "notify") {
			want := "second"
			if i == 0 {
				want = "first"
			}
			equal(t, fmt.Sprintf("notify_pass of notify %d", i), notifyStruct(t, d.Delivery)["notify_pass"], any(want))
		}
		equal(t, "calls at once", c.worst, 1)
		equal(t, "SAT-REJOIN events", len(r.saw(relay.SatRejoin)), 1)
		equal(t, "stored nick", st.record(idB).Nick, "new")
	})
}

func TestMaxSats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{MaxSats: 2}, new(carrier), new(store))
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		_, err := r.call("192.0.2.3", "relay.register", object{"port": 2004})
		wantFault(t, "Call(relay.register) of a third", err, "1 registry.Co2RegistryError:this relay takes at most 2 satellites, and has them; try again later or ask its maintainer for a higher max_sats")
		equal(t, "LIMIT-SATS events", len(r.saw(relay.LimitSats)), 1)
		r.register("192.0.2.2", 2004, nil)
		r.deregister(idA)
		r.register("192.0.2.3", 2004, nil)
		equalList(t, "satellites", r.ids(), []string{idB, idC})
	})
}

func TestMaxSatsUnlimited(t *testing.T) {
	for _, max := range []int{-1, 1 << 40} {
		r := newRig(t, relay.Config{MaxSats: max}, new(carrier), new(store))
		n, err := r.call("192.0.2.1", "relay.get_max_satellites")
		if n != 1<<31-1 || err != nil {
			t.Errorf("Call(relay.get_max_satellites) with MaxSats %d = %v, %v, want 2147483647", max, n, err)
		}
	}
}

// A loaded roster may be larger than the limit: all stay, new ones wait.
func TestMaxSatsBelowLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		first := start(t, relay.Config{}, new(carrier), st)
		for i := range 3 {
			first.register(fmt.Sprintf("192.0.2.%d", i+1), 2004, nil)
		}
		first.stop()
		r := start(t, relay.Config{MaxSats: 1}, new(carrier), st)
		equalList(t, "satellites", r.ids(), []string{idA, idB, idC})
		r.register("192.0.2.1", 2004, nil)
		r.deregister(idA)
		if _, err := r.call("192.0.2.1", "relay.register", object{"port": 2004}); err == nil {
			t.Errorf("Call(relay.register) = success, want the limit")
		}
		equal(t, "DUMP-LOAD", first.relay.Events().Counts()[relay.DumpLoad]+r.relay.Events().Counts()[relay.DumpLoad], 1)
	})
}

// blocked is a store whose first commit waits until free is called, so that
// what comes meanwhile makes one batch.
func blocked() (st *store, free func()) {
	gate := make(chan struct{})
	return &store{commit: func(relay.Change) error { <-gate; return nil }}, sync.OnceFunc(func() { close(gate) })
}

// Each change of a batch is judged as if those before it were made.
func TestBatchIsJudgedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, free := blocked()
		free2 := make(chan struct{})
		r := start(t, relay.Config{MaxSats: 2}, new(carrier), st)
		results := make([]string, 9)
		steps := []struct {
			ip, method string
			want       string
		}{
			{"192.0.2.1", "relay.register", "no fault"}, // its commit blocks, the rest gathers
			{"192.0.2.2", "relay.register", "no fault"},
			{"192.0.2.3", "relay.register", "1 registry.Co2RegistryError:this relay takes at most 2 satellites, and has them; try again later or ask its maintainer for a higher max_sats"},
			{"192.0.2.2", "relay.register", "no fault"}, // again: not counted
			{"192.0.2.1", "relay.deregister", "no fault"},
			{"192.0.2.1", "relay.deregister", "1 exceptions.KeyError:192.0.2.1:2004 is not registered"},
			{"192.0.2.3", "relay.register", "no fault"}, // in the place of the first
			{"192.0.2.2", "relay.deregister", "no fault"},
			{"192.0.2.1", "relay.register", "no fault"},
		}
		for i, s := range steps {
			p := object{"port": 2004}
			if s.method == "relay.deregister" {
				p = object{"host_id": s.ip + ":2004"}
			}
			go func() {
				_, err := r.call(s.ip, s.method, p)
				results[i] = faultOf(err)
				free2 <- struct{}{}
			}()
			synctest.Wait()
		}
		equal(t, "visible before the first commit", r.relay.Directory().Len(), 0)
		free()
		for range steps {
			<-free2
		}
		for i, s := range steps {
			if results[i] != s.want {
				t.Errorf("step %d: Call(%q) from %s = %s, want %s", i, s.method, s.ip, results[i], s.want)
			}
		}
		got := r.ids()
		slices.Sort(got)
		equalList(t, "satellites", got, []string{idA, idC})
		equalList(t, "stored", st.ids(), []string{idA, idC})
		equal(t, "commits", len(st.commits()), 2)
	})
}

func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 200
		st := &store{commit: func(relay.Change) error { time.Sleep(20 * time.Millisecond); return nil }}
		r := start(t, relay.Config{}, new(carrier), st)
		var answered atomic.Int32
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				r.register("192.0.2.1", 2000+i, nil)
				answered.Add(1)
				if id := fmt.Sprintf("192.0.2.1:%d", 2000+i); st.record(id).HostID != id {
					t.Errorf("register of %s answered before it was stored", id)
				}
			})
		}
		time.Sleep(19 * time.Millisecond)
		equal(t, "answered within the first commit", answered.Load(), 0)
		equal(t, "visible within the first commit", r.relay.Directory().Len(), 0)
		wg.Wait()
		equal(t, "Len", r.relay.Directory().Len(), n)
		if c := len(st.commits()); c > 3 {
			t.Errorf("%d registrations took %d commits, want at most 3", n, c)
		}
	})
}

func TestFailedCommitChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		st := &store{commit: func(relay.Change) error {
			if broken.Load() {
				return errors.New("no space left in /secret/place")
			}
			return nil
		}}
		c := new(carrier)
		r := start(t, relay.Config{}, c, st)
		r.register("192.0.2.1", 2004, object{"nick": "before"})
		broken.Store(true)
		const want = "-32400 the relay cannot write its dump, so nothing was changed; messages are relayed as before; try again in 5 s or later, and if it lasts tell the relay's maintainer"
		for _, test := range []struct {
			ip, method string
			param      object
		}{
			{"192.0.2.1", "relay.register", object{"port": 2004, "nick": "after"}},
			{"192.0.2.2", "relay.register", object{"port": 2004}},
			{"192.0.2.1", "relay.deregister", object{"host_id": idA}},
		} {
			_, err := r.call(test.ip, test.method, test.param)
			wantFault(t, fmt.Sprintf("Call(%q)", test.method), err, want)
		}
		synctest.Wait()
		equalList(t, "satellites", r.ids(), []string{idA})
		equal(t, "nick", r.find(idA).Nick, "before")
		equal(t, "pings", len(c.to("", "ping")), 1)
		equal(t, "DUMP-FAIL events", len(r.saw(relay.DumpFail)), 1) // the others are counted
		equal(t, "failed commits", r.relay.StoreTrouble().Failed, 3)
		if !r.log.has("no space left in /secret/place") {
			t.Errorf("the log does not tell the cause:\n%s", r.log)
		}
		broken.Store(false)
		r.deregister(idA)
	})
}

// What is refused is refused whether or not others of its batch are stored.
func TestFailedCommitOfBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		st := &store{commit: func(relay.Change) error { <-gate; return errors.New("disk gone") }}
		r := start(t, relay.Config{MaxSats: 1}, new(carrier), st)
		faults := make(chan string)
		for _, ip := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
			go func() {
				_, err := r.call(ip, "relay.register", object{"port": 2004})
				faults <- faultOf(err)[:6]
			}()
			synctest.Wait()
		}
		close(gate)
		got := []string{<-faults, <-faults, <-faults}
		slices.Sort(got)
		equalList(t, "faults", got, []string{"-32400", "-32400", "1 regi"})
		equal(t, "Len", r.relay.Directory().Len(), 0)
	})
}

func TestRegisterWithEndedContext(t *testing.T) {
	r := newRig(t, relay.Config{}, new(carrier), new(store)) // nobody runs it
	ctx, cancel := context.WithCancel(peer(context.Background(), "192.0.2.1"))
	cancel()
	_, err := r.table.Call(ctx, "relay.register", methods.Plain(object{"port": 2004}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Call(relay.register) = %v, want context canceled", err)
	}
}

// A change that Run has taken is answered with its outcome, even to a caller
// whose context ends: what is on disk is registered.
func TestContextEndsDuringCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, free := blocked()
		r := start(t, relay.Config{}, new(carrier), st)
		ctx, cancel := context.WithCancel(peer(context.Background(), "192.0.2.1"))
		done := make(chan error)
		go func() {
			_, err := r.table.Call(ctx, "relay.register", methods.Plain(object{"port": 2004}))
			done <- err
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		free()
		if err := <-done; err != nil {
			t.Errorf("Call(relay.register) = %v, want success", err)
		}
		equalList(t, "satellites", r.ids(), []string{idA})
	})
}

func TestChangesAfterShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		r.register("192.0.2.1", 2004, nil)
		if err := r.stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		const want = "-32002 the relay is shutting down; try again when it is back"
		_, err := r.call("192.0.2.2", "relay.register", object{"port": 2004})
		wantFault(t, "Call(relay.register)", err, want)
		_, err = r.call("192.0.2.1", "relay.deregister", object{"host_id": idA})
		wantFault(t, "Call(relay.deregister)", err, want)
		wantFault(t, "Call(relay.relay)", r.trySend(idA, 1, nil), want)
		equal(t, "LIMIT-QUEUE events", len(r.saw(relay.LimitQueue)), 0)
	})
}

// The registration whose commit is under way when the relay stops is
// finished and answered.
func TestShutdownDuringCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, free := blocked()
		r := start(t, relay.Config{}, new(carrier), st)
		done := make(chan error)
		go func() {
			_, err := r.call("192.0.2.1", "relay.register", object{"port": 2004})
			done <- err
		}()
		synctest.Wait()
		r.halt()
		synctest.Wait()
		free()
		if err := <-done; err != nil {
			t.Errorf("Call(relay.register) = %v, want success", err)
		}
		r.stop()
		equalList(t, "stored", st.ids(), []string{idA})
	})
}

// Oldest first by the wall clock, and the same after a restart, also when
// the clock was set back or stands still.
func TestOrderByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := clock{time: time.Now()}
		st := new(store)
		cfg := relay.Config{Now: at.now}
		r := start(t, cfg, new(carrier), st)
		r.register("192.0.2.3", 2004, nil)
		r.register("192.0.2.2", 2004, nil) // at the same moment
		at.move(time.Hour)
		r.register("192.0.2.1", 2004, nil)
		at.move(-2 * time.Hour)
		r.register("192.0.2.4", 2004, nil)
		want := []string{idD, idB, idC, idA}
		equalList(t, "satellites", r.ids(), want)
		at.move(24 * time.Hour)
		r.register("192.0.2.4", 2004, nil)
		want = []string{idB, idC, idA, idD}
		equalList(t, "satellites after a re-registration", r.ids(), want)
		r.stop()
		equalList(t, "satellites after a restart", start(t, cfg, new(carrier), st).ids(), want)
	})
}

// Copies handed out are nobody else's.
func TestSnapshotsAreCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		r.register("192.0.2.1", 2004, object{"nick": "anna"})
		list := r.relay.Directory().Satellites()
		list[0].Nick = "changed"
		list[0] = relay.Satellite{}
		equal(t, "nick", r.find(idA).Nick, "anna")
	})
}

// Counters reach the store every minute and at the end, but only when they
// changed: an idle relay writes nothing.
func TestCountersAreSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := new(store)
		r := start(t, relay.Config{}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		time.Sleep(10*time.Minute + time.Second)
		equal(t, "commits of an idle relay", len(st.commits()), 2)
		r.send(idA, 1)
		time.Sleep(time.Minute)
		equal(t, "commits", len(st.commits()), 3)
		a, b := st.record(idA), st.record(idB)
		equal(t, "stored traffic of the sender", a.Traffic, relay.Traffic{SendCount: 1, SendTime: a.SendTime})
		equal(t, "stored traffic of the receiver", b.Traffic, relay.Traffic{RecvCount: 1, RecvTime: b.RecvTime})
		time.Sleep(10 * time.Minute)
		equal(t, "commits when idle again", len(st.commits()), 3)
		r.send(idA, 2)
		r.stop()
		equal(t, "stored send_count after Run", st.record(idA).SendCount, 2)
		equal(t, "stored recv_count after Run", st.record(idB).RecvCount, 2)
		after := start(t, relay.Config{}, new(carrier), st)
		equal(t, "loaded traffic", after.find(idA).Traffic, r.find(idA).Traffic)
		equal(t, "loaded pings", after.find(idA).Ping.Count, 0)
		after.stop()
		equal(t, "commits of a relay that did nothing", len(st.commits()), 4)
	})
}

func TestCountersCannotBeSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		st := &store{commit: func(relay.Change) error {
			if broken.Load() {
				return errors.New("disk gone")
			}
			return nil
		}}
		r := start(t, relay.Config{}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		broken.Store(true)
		r.send(idA, 1)
		time.Sleep(90 * time.Second)
		equal(t, "DUMP-FAIL events", len(r.saw(relay.DumpFail)), 1)
		if err := r.stop(); err == nil || err.Error() != "save counters: disk gone" {
			t.Errorf("Run = %v, want save counters: disk gone", err)
		}
	})
}

func TestLoadFails(t *testing.T) {
	_, err := relay.New(t.Context(), relay.Config{}, unreadable{}, new(carrier), nil)
	if !errors.Is(err, errUnreadable) {
		t.Errorf("New = %v, want %v", err, errUnreadable)
	}
}

var errUnreadable = errors.New("cannot be read")

type unreadable struct{ relay.Store }

func (unreadable) Load(context.Context) ([]relay.Record, error) { return nil, errUnreadable }

// Registrations, removals, messages and questions from all sides: for -race,
// and for the sum at the end.
func TestEverybodyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				ip := fmt.Sprintf("192.0.2.%d", i+1)
				for n := range 10 {
					id := r.register(ip, 2004, nil)
					r.send(id, n)
					r.relay.Directory().Satellites()
					r.call(ip, "web.get_satellite_props", object{"host_id": id})
					if i%2 == 0 {
						r.deregister(id)
					}
				}
			})
		}
		wg.Wait()
		equal(t, "Len", r.relay.Directory().Len(), 10)
		equal(t, "SAT-JOIN", len(r.saw(relay.SatJoin)), 10*10+10)
		equal(t, "SAT-REJOIN", len(r.saw(relay.SatRejoin)), 10*9)
	})
}
