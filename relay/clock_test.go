package relay_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

const years = 365 * 24 * time.Hour

// A jumper is a wall clock that goes on and can be set.
type jumper struct{ ahead atomic.Int64 }

func (j *jumper) now() time.Time { return time.Now().Add(time.Duration(j.ahead.Load())) }

func (j *jumper) jump(by time.Duration) { j.ahead.Add(int64(by)) }

// The wall clock does not touch the rate of a sender: it is kept within 1 %
// over jumps of ten years each way, and message ids go on ascending.
func TestRateOverWallClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, burst, queue = 50, 10, 1000
		c, wall := new(carrier), new(jumper)
		r := start(t, relay.Config{Rate: rate, Burst: burst, Now: wall.now}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, object{"message_info": true})
		for i := range queue {
			r.send(a, i)
		}
		began := time.Now()
		for len(c.to(b, "notify")) < queue {
			if time.Since(began) > time.Hour {
				t.Fatalf("notifies after an hour = %d, want %d", len(c.to(b, "notify")), queue)
			}
			for _, by := range []time.Duration{10 * years, -20 * years, 10 * years} {
				time.Sleep(300 * time.Millisecond)
				wall.jump(by)
			}
		}
		calls, last := c.to(b, "notify"), ""
		for i, d := range calls {
			p := notifyStruct(t, d.Delivery)
			equalList(t, "data", p["data"], i)
			if id := p["message_id"].(string); id <= last {
				t.Fatalf("message %d has id %s, the one before %s", i, id, last)
			} else {
				last = id
			}
		}
		took := calls[queue-1].at.Sub(calls[burst-1].at)
		if got := float64(queue-burst) / took.Seconds(); got < rate*0.99 || got > rate*1.01 {
			t.Errorf("messages a second = %v, want %d within 1 %%", got, rate)
		}
	})
}

// Nor does it touch how long messages are worth delivering.
func TestTimeToLiveOverWallClockJumps(t *testing.T) {
	for _, by := range []time.Duration{10 * years, -10 * years} {
		synctest.Test(t, func(t *testing.T) {
			c, wall := new(carrier), new(jumper)
			c.answer = func(d relay.Delivery) relay.Outcome {
				if d.Method == "notify" && len(c.to(d.HostID, "notify")) == 1 {
					time.Sleep(4 * time.Second)
				}
				return good
			}
			r := start(t, relay.Config{PingInterval: -1, Now: wall.now}, c, new(store))
			a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
			r.send(a, 0)
			for i, ttl := range []float64{3.9, 4.1, 60} {
				if err := r.trySend(a, i+1, object{"ttl": ttl}); err != nil {
					t.Fatalf("Call(relay.relay) = %v", err)
				}
			}
			time.Sleep(time.Second)
			wall.jump(by)
			time.Sleep(time.Minute)
			equalList(t, "notified", c.notified(t, b), []any{0, 2, 3})
		})
	}
}

// Times that are told are those of the wall clock; what was before a jump
// stays as it was told.
func TestTimesToldOverWallClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall := new(jumper)
		r := start(t, relay.Config{Now: wall.now}, new(carrier), new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		r.send(a, 0)
		synctest.Wait()
		before := r.find(b)
		wall.jump(-10 * years)
		time.Sleep(10 * time.Minute)
		equal(t, "registered", r.find(b).Registered, before.Registered)
		equal(t, "state since", r.find(b).StateSince, before.StateSince)
		equal(t, "recv_time", r.find(b).RecvTime, before.RecvTime)
		r.send(a, 1)
		synctest.Wait()
		equal(t, "recv_time after the jump", r.find(b).RecvTime, wall.now())
		r.register("192.0.2.3", 2004, nil)
		equalList(t, "oldest registration first", r.ids(), []string{idC, idA, idB})
	})
}
