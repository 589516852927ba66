package relay_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// Satellites that come and go leave nothing behind: neither goroutines nor
// memory, also when messages were under way to them.
func TestChurnLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &forgetfulCarrier{}
		r := start(t, relay.Config{Rate: -1}, c, &quietStore{})
		a := r.register("192.0.2.1", 2004, nil)
		churn := func(rounds int) (goroutines int, heap uint64) {
			for i := range rounds {
				ids := []string{}
				for n := range 10 {
					ids = append(ids, r.register(fmt.Sprintf("198.51.100.%d", 1+i%200), 3000+n, object{"notify_pass": "x"}))
				}
				r.send(a, i)
				r.send(ids[0], i)
				for _, id := range ids {
					r.deregister(id)
				}
				time.Sleep(time.Second)
			}
			time.Sleep(10 * time.Minute) // what is kept for a while is forgotten
			r.forgetEvents()
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return runtime.NumGoroutine(), m.HeapAlloc
		}
		goroutines, heap := churn(100)
		after, heapAfter := churn(400)
		equal(t, "goroutines", after, goroutines)
		if grown := int64(heapAfter) - int64(heap); grown > 256<<10 {
			t.Errorf("the heap grew by %d octets over 4,000 satellites, from %d", grown, heap)
		}
		equal(t, "satellites", r.relay.Directory().Len(), 1)
	})
}

// A forgetfulCarrier delivers and keeps nothing.
type forgetfulCarrier struct{}

func (*forgetfulCarrier) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	for _, d := range batch {
		go func() {
			time.Sleep(time.Millisecond)
			done(d, good)
		}()
	}
}

func (*forgetfulCarrier) Forget(relay.Callback) {}

// A quietStore keeps nothing either.
type quietStore struct{ store }

func (*quietStore) Commit(context.Context, relay.Change) error { return nil }

// forgetEvents gives up what the rig itself keeps.
func (r *rig) forgetEvents() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	r.log.text = bytes.Buffer{}
}
