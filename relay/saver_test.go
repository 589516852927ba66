package relay_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// fullDisk is a store that can be full.
func fullDisk() (st *store, full *atomic.Bool) {
	full = new(atomic.Bool)
	return &store{commit: func(relay.Change) error {
		if full.Load() {
			return fmt.Errorf("write dump: %w", syscall.ENOSPC)
		}
		return nil
	}}, full
}

// While the disk is full messages go on, changes get a fault that says so, and
// within 5 s after there is space the relay knows it.
func TestDiskFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, full := fullDisk()
		c := new(carrier)
		r := start(t, relay.Config{PingInterval: -1}, c, st)
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		full.Store(true)
		for range 3 {
			_, err := r.call("192.0.2.3", "relay.register", object{"port": 2004})
			wantFault(t, "register", err, "-32400 the relay cannot write its dump (no space left on device), so nothing was changed; messages are relayed as before; try again in 5 s or later, and if it lasts tell the relay's maintainer")
		}
		r.send(a, "on")
		time.Sleep(10 * time.Minute)
		equalList(t, "notified", c.notified(t, b), []any{"on"})
		equal(t, "DUMP-FAIL events", len(r.saw(relay.DumpFail)), 1)
		equal(t, "DUMP-OK events", len(r.saw(relay.DumpOK)), 0)
		equal(t, "unwritten", use(t, r, "unwritten"), "0 of 0 satellites, no write since 2000-01-01T00:00:00Z")
		trouble := r.relay.StoreTrouble()
		if trouble.Failed < 200 || trouble.Failed > 400 || time.Since(trouble.Since) < 9*time.Minute || trouble.Err == nil {
			t.Errorf("StoreTrouble = %+v, want some 300 failures for 10 minutes", trouble)
		}
		full.Store(false)
		for range 5 { // those who are refused for other reasons must not hold it up
			_, err := r.call("192.0.2.3", "relay.deregister", object{"host_id": idC})
			wantFault(t, "deregister", err, "1 exceptions.KeyError:"+idC+" is not registered")
			time.Sleep(time.Second)
		}
		equal(t, "DUMP-OK events", len(r.saw(relay.DumpOK)), 1)
		equal(t, "StoreTrouble", r.relay.StoreTrouble(), relay.StoreTrouble{})
		equal(t, "unwritten", use(t, r, "unwritten"), "0 of 0 satellites")
		r.register("192.0.2.3", 2004, nil)
		equalList(t, "stored", st.ids(), []string{idA, idB, idC})
		equal(t, "lines in the log", strings.Count(r.log.String(), "code=DUMP-"), 2)
		time.Sleep(time.Minute) // the counters of the messages
		before := len(st.commits())
		time.Sleep(10 * time.Minute)
		equal(t, "commits of an idle relay", len(st.commits()), before)
	})
}

// With AcceptWithoutDisk changes are made and written later.
func TestAcceptWithoutDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, full := fullDisk()
		r := start(t, relay.Config{PingInterval: -1, AcceptWithoutDisk: true}, new(carrier), st)
		r.register("192.0.2.1", 2004, nil)
		full.Store(true)
		r.register("192.0.2.2", 2004, object{"nick": "first"})
		r.register("192.0.2.2", 2004, object{"nick": "second"})
		r.deregister(idA)
		r.register("192.0.2.3", 2004, nil)
		r.deregister(idC)
		equalList(t, "satellites", r.ids(), []string{idB})
		equalList(t, "stored", st.ids(), []string{idA})
		equal(t, "owed", r.relay.StoreTrouble().Owed, 3)
		equal(t, "unwritten", use(t, r, "unwritten"), "3 of 2147483647 satellites, no write since 2000-01-01T00:00:00Z")
		r.send(idB, 1)
		time.Sleep(3 * time.Minute) // counters are to be saved too
		equal(t, "owed", r.relay.StoreTrouble().Owed, 3)
		full.Store(false)
		time.Sleep(5 * time.Second)
		equalList(t, "stored", st.ids(), []string{idB})
		equal(t, "stored nick", st.record(idB).Nick, "second")
		equal(t, "StoreTrouble", r.relay.StoreTrouble(), relay.StoreTrouble{})
		if ok := r.saw(relay.DumpOK); len(ok) != 1 || !strings.Contains(ok[0].Reason, "3 satellites") {
			t.Errorf("DUMP-OK = %v, want one that tells of 3 satellites", ok)
		}
		if fail := r.saw(relay.DumpFail); len(fail) != 1 || !strings.Contains(fail[0].Reason, "accepted but not durable") {
			t.Errorf("DUMP-FAIL = %v, want one that warns", fail)
		}
		time.Sleep(time.Minute)
		equal(t, "stored send_count", st.record(idB).SendCount, 1)
	})
}

// What is owed at the end is tried once more, and said if it cannot be written.
func TestOwedAtTheEnd(t *testing.T) {
	for _, free := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			st, full := fullDisk()
			r := start(t, relay.Config{PingInterval: -1, AcceptWithoutDisk: true}, new(carrier), st)
			r.register("192.0.2.1", 2004, nil)
			full.Store(true)
			r.register("192.0.2.2", 2004, nil)
			r.deregister(idA)
			full.Store(!free)
			err := r.stop()
			if (err == nil) != free {
				t.Errorf("Run = %v with a disk that is free: %v", err, free)
			}
			want := []string{idA}
			if free {
				want = []string{idB}
			}
			equalList(t, "stored", st.ids(), want)
		})
	}
}
