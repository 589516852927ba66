package relay_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// hanging is a carrier whose notifies to b end when release is closed.
func hanging(release <-chan struct{}) *carrier {
	return &carrier{answer: func(d relay.Delivery) relay.Outcome {
		if d.HostID == idB && d.Method == "notify" {
			<-release
		}
		return good
	}}
}

// What a satellite asks for when it registers counts, else the relay's setting.
func TestQueuePolicyOfRegistration(t *testing.T) {
	for _, test := range []struct {
		setting relay.QueuePolicy
		asked   any
		policy  string
		got     string // of messages 0 to 9, keys a and b by turns; 0 is under way
	}{
		{"", nil, "drop-oldest", "[0 7 8 9]"},
		{"", "", "drop-oldest", "[0 7 8 9]"},
		{"", "drop-newest", "drop-newest", "[0 1 2 3]"},
		{"", "newest-per-key", "newest-per-key", "[0 7 8 9]"},
		{relay.DropNewest, nil, "drop-newest", "[0 1 2 3]"},
		{relay.DropNewest, "drop-oldest", "drop-oldest", "[0 7 8 9]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			c, st := hanging(release), new(store)
			r := start(t, relay.Config{Outbox: 4, QueuePolicy: test.setting}, c, st)
			a := r.register("192.0.2.1", 2004, nil)
			more := object{}
			if test.asked != nil {
				more["queue"] = test.asked
			}
			b := r.register("192.0.2.2", 2004, more)
			for i := range 10 {
				if err := r.trySend(a, i, object{"key": string("ab"[i%2])}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			var props object
			if err := raw(t, call1(t, r, "relay.get_satellite_props", object{"host_id": b})).Decode(&props); err != nil {
				t.Fatal(err)
			}
			equal(t, "queue", props["queue"], any(test.policy))
			equal(t, "dropped", props["dropped"], any(int64(6)))
			asked, _ := test.asked.(string)
			equal(t, "stored", string(st.record(b).Queue), asked)
			close(release)
			synctest.Wait()
			equalList(t, fmt.Sprintf("notified with %q and %v", test.setting, test.asked), c.notified(t, b), test.got)
		})
	}
}

// The newest of each key is kept however long the others wait; what has no
// key, and what another sender calls by the same key, is no older version.
func TestNewestPerKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := hanging(release)
		r := start(t, relay.Config{Outbox: 5, Rate: -1}, c, new(store))
		a, other := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.3", 2004, nil)
		b := r.register("192.0.2.2", 2004, object{"queue": "newest-per-key"})
		for _, m := range []struct{ from, key, data string }{
			{a, "", "under way"}, {a, "volume", "a1"}, {other, "volume", "o1"}, {a, "", "plain"}, {a, "tempo", "t1"},
			{a, "volume", "a2"}, {a, "volume", "a3"}, {a, "tempo", "t2"}, {other, "volume", "o2"}, {a, "volume", "a4"},
		} {
			if err := r.trySend(m.from, m.data, object{"key": m.key}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		equal(t, "dropped", r.find(b).Dropped, 5)
		equal(t, "lost in all", r.relay.Lost().Full, 5)
		close(release)
		synctest.Wait()
		equalList(t, "notified", c.notified(t, b), "[under way plain t2 o2 a4]")
	})
}

// A satellite may change its mind, and what waits for it stays.
func TestQueuePolicyOfTheLatestRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := hanging(release)
		r := start(t, relay.Config{Outbox: 4}, c, new(store))
		a := r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, object{"queue": "drop-newest"})
		for i := range 6 {
			r.send(a, i)
			synctest.Wait()
		}
		r.register("192.0.2.2", 2004, nil)
		for i := range 2 {
			r.send(a, 6+i)
		}
		synctest.Wait()
		close(release)
		synctest.Wait()
		equalList(t, "notified", c.notified(t, idB), "[0 3 6 7]")
	})
}

func TestUnknownQueuePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{}, new(carrier), new(store))
		const words = ", want drop-oldest, drop-newest or newest-per-key"
		for word, got := range map[string]string{
			"newest": "newest", "Drop-Oldest": "Drop-Oldest", " drop-oldest": `" drop-oldest"`, strings.Repeat("x", 5000): strings.Repeat("x", 64) + "…",
		} {
			_, err := r.call("192.0.2.1", "relay.register", object{"port": 2004, "queue": word})
			wantFault(t, "Call(relay.register)", err, `-32602 key "queue": got `+got+words)
		}
		equal(t, "satellites", len(r.ids()), 0)
	})
	_, err := relay.New(t.Context(), relay.Config{QueuePolicy: "newest"}, new(store), new(carrier), slog.New(slog.DiscardHandler))
	if err == nil || err.Error() != "newest is no queue policy, want drop-oldest, drop-newest or newest-per-key" {
		t.Errorf("New with another policy = %v", err)
	}
}

// A newer co2 may have written words that this one does not know. They stay
// in the dump for it.
func TestQueuePolicyOfANewerDump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := record(idB)
		rec.Queue = "by-weight"
		st := &store{records: map[string]relay.Record{idB: rec}}
		r := start(t, relay.Config{QueuePolicy: relay.DropNewest}, new(carrier), st)
		a := r.register("192.0.2.1", 2004, nil)
		r.send(a, 1)
		synctest.Wait()
		equal(t, "policy", r.find(idB).Policy, relay.DropNewest)
		r.stop()
		equal(t, "recv_count stored", st.record(idB).RecvCount, 1)
		equal(t, "stored", st.record(idB).Queue, "by-weight")
	})
}

// A flood of lost messages is no flood of events, and none is left untold.
func TestLossesAreToldAtIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c := hanging(release)
		r := start(t, relay.Config{Outbox: 3, Rate: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		sum := func() (n int) {
			for _, e := range r.saw(relay.DlvDrop) {
				var k int
				if _, err := fmt.Sscanf(strings.Replace(e.Reason, "messages", "message", 1), "%d message dropped: its outbox is full", &k); err != nil || e.HostID != b {
					t.Fatalf("DLV-DROP event = %+v", e)
				}
				n += k
			}
			return n
		}
		const flood = 2 * 3600
		began := time.Now()
		for i := range flood {
			r.send(a, i)
			time.Sleep(time.Second + time.Millisecond) // never when losses are told
		}
		var at []time.Duration
		for _, e := range r.saw(relay.DlvDrop) {
			at = append(at, e.Time.Sub(began).Round(time.Second)-3*time.Second)
		}
		s := time.Second
		equalList(t, "events of two hours, after", at, []time.Duration{0, 10 * s, 30 * s, 70 * s, 150 * s, 310 * s, 630 * s, 1270 * s, 2550 * s, 4350 * s, 6150 * s})
		events := r.saw(relay.DlvDrop)
		equal(t, "the first", events[0].Reason, "1 message dropped: its outbox is full")
		equal(t, "the second", events[1].Reason, "9 messages dropped: its outbox is full (in the last 10s)")
		time.Sleep(time.Hour)
		equal(t, "told", sum(), flood-3)
		equal(t, "dropped", r.find(b).Dropped, flood-3)
		equal(t, "lost in all", r.relay.Lost(), relay.Losses{Full: flood - 3})
		equal(t, "events after the end", len(r.saw(relay.DlvDrop)), len(events)+1)
		r.send(a, 0)
		synctest.Wait()
		equal(t, "events after one more", len(r.saw(relay.DlvDrop)), len(events)+2)
		r.send(a, 0)
		r.send(a, 0)
		synctest.Wait()
		close(release)
		r.stop() // tells the rest
		equal(t, "told in the end", sum(), r.find(b).Dropped)
	})
}
