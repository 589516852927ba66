package relay_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// times are when the calls were made, since the first.
func times(calls []call) []time.Duration {
	list := make([]time.Duration, len(calls))
	for i, c := range calls {
		list[i] = c.at.Sub(calls[0].at).Round(time.Microsecond)
	}
	return list
}

func TestRateAndBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 10, Burst: 5, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 25 {
			r.send(a, i)
		}
		synctest.Wait()
		equal(t, "delivered at once", len(c.to(b, "notify")), 5)
		time.Sleep(2*time.Second + time.Millisecond)
		calls := c.to(b, "notify")
		equalList(t, "notified", c.notified(t, b), upTo(25))
		for i, at := range times(calls) {
			want := time.Duration(max(0, i-4)) * 100 * time.Millisecond
			if at != want {
				t.Errorf("message %d went out after %v, want %v", i, at, want)
			}
		}
		// The bucket is empty now; it fills at the rate and no further than burst.
		time.Sleep(199 * time.Millisecond)
		for i := range 3 {
			r.send(a, i)
		}
		synctest.Wait()
		equal(t, "delivered after 200 ms", len(c.to(b, "notify"))-25, 2)
		time.Sleep(time.Hour)
		for i := range 7 {
			r.send(a, i)
		}
		synctest.Wait()
		equal(t, "delivered after an hour", len(c.to(b, "notify"))-28, 5)
	})
}

// Each sender has a bucket of its own.
func TestRateOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 1, Burst: 1, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 50 {
			r.send(a, i)
		}
		time.Sleep(500 * time.Millisecond)
		r.send(b, "quick")
		synctest.Wait()
		equalList(t, "notified", c.notified(t, a), []any{"quick"})
		equal(t, "delivered of the busy one", len(c.to(b, "notify")), 1)
		r.deregister(a)
		r.deregister(b)
	})
}

func TestUnlimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: -1, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 900 {
			r.send(a, i)
		}
		synctest.Wait()
		equalList(t, "notified", c.notified(t, b), upTo(900))
	})
}

func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 10, Burst: 2, Queue: 3, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 2 {
			r.send(a, i)
		}
		synctest.Wait() // these two are gone
		for i := range 3 {
			r.send(a, 2+i)
		}
		time.Sleep(30 * time.Millisecond)
		octets := 3 * len(idA+"<value><int>0</int></value>")
		wantFault(t, "Call(relay.relay)", r.trySend(a, 9, nil), fmt.Sprintf(
			"1 registry.Co2RegistryError:the queue of %s is full, it takes 3 messages or 16777216 octets: 3 messages of %d octets wait and go out at 10 a second; try again in 70ms", a, octets))
		equal(t, "send_count", r.find(a).SendCount, 5)
		if e := r.saw(relay.LimitQueue); len(e) != 1 || e[0].HostID != a {
			t.Errorf("LIMIT-QUEUE events = %v, want one of %s", e, a)
		}
		r.send(b, "others are not concerned")
		time.Sleep(70 * time.Millisecond)
		synctest.Wait()
		r.send(a, 5)
		time.Sleep(time.Minute)
		equalList(t, "notified", c.notified(t, b), upTo(6))
	})
}

func TestQueueFullInOctets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, relay.Config{QueueBytes: 1000, Rate: 1, Burst: 1}, new(carrier), full(idA))
		r.send(idA, strings.Repeat("x", 2000)) // one is always taken
		if got := faultOf(r.trySend(idA, 1, nil)); !strings.Contains(got, "is full, it takes 1000 messages or 1000 octets: 1 messages of 20") {
			t.Errorf("Call(relay.relay) = %s, want a full queue", got)
		}
	})
}

// Without a rate the text tells none.
func TestQueueFullUnlimited(t *testing.T) {
	r := newRig(t, relay.Config{Rate: -1, Queue: 1}, new(carrier), full(idA)) // nobody runs it
	r.send(idA, 1)
	want := fmt.Sprintf("1 registry.Co2RegistryError:the queue of %s is full, it takes 1 messages or 16777216 octets: 1 messages of %d octets wait; try again in 1ms",
		idA, len(idA+"<value><int>1</int></value>"))
	wantFault(t, "Call(relay.relay)", r.trySend(idA, 2, nil), want)
}

// The sender has its 'OK' already: what was accepted is delivered, in order,
// even when it leaves at once (co2.md 9.2).
func TestDeliversAfterDeregister(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 20, Burst: 3, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 100 {
			r.send(a, i)
		}
		r.deregister(a)
		synctest.Wait()
		if n := len(c.to(b, "notify")); n >= 100 {
			t.Fatalf("%d messages went out at once, want the rate to hold some", n)
		}
		time.Sleep(10 * time.Second)
		equalList(t, "notified", c.notified(t, b), upTo(100))
		equal(t, "notifies to the one that left", len(c.to(a, "notify")), 0)
	})
}

// A sender that registers again is limited as before.
func TestRateOutlivesRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 1, Burst: 2, PingInterval: -1}, c, new(store))
		b := r.register("192.0.2.2", 2004, nil)
		for range 5 {
			a := r.register("192.0.2.1", 2004, nil)
			r.send(a, 1)
			r.deregister(a)
		}
		synctest.Wait()
		equal(t, "delivered at once", len(c.to(b, "notify")), 2)
	})
}

// When the relay stops, what waits for the rate goes out at once.
func TestFlushAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := new(carrier)
		r := start(t, relay.Config{Rate: 1, Burst: 1, PingInterval: -1}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		for i := range 300 {
			r.send(a, i)
			if i%3 == 0 {
				r.send(b, i/3)
			}
		}
		stopped := time.Now()
		if err := r.stop(); err != nil {
			t.Errorf("Run = %v", err)
		}
		equal(t, "Run ended after", time.Since(stopped), 0)
		equalList(t, "notified", c.notified(t, b), upTo(300))
		equalList(t, "notified", c.notified(t, a), upTo(100))
	})
}

// full is a store with these satellites.
func full(ids ...string) *store {
	s := new(store)
	for _, id := range ids {
		s.Commit(context.Background(), relay.Change{Put: []relay.Record{record(id)}})
	}
	return s
}
