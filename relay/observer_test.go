package relay_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// An observer is a relay.Observer that keeps what it hears, and asks the relay
// back, which only works when no lock is held.
type observer struct {
	relay *relay.Relay

	mu       sync.Mutex
	accepted []string      // guarded by mu
	ended    []relay.Ended // guarded by mu
}

func (o *observer) Accepted(m *relay.Message, nick string, receivers int) {
	o.relay.Held()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.accepted = append(o.accepted, fmt.Sprintf("%s of %s (%s) to %d", m.Data, m.Sender, nick, receivers))
}

func (o *observer) Ended(e relay.Ended) {
	o.relay.Directory().Find(e.HostID)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = append(o.ended, e)
}

// of returns what ended for one satellite, in words.
func (o *observer) of(hostID string) (list []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.ended {
		if e.HostID == hostID {
			list = append(list, fmt.Sprintf("%s %d %q waited %v took %v", e.Method, e.Verdict, e.Reason, e.Waited, e.Took))
		}
	}
	return list
}

func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			time.Sleep(2 * time.Second)
			if d.HostID == idB && d.Method == "notify" {
				return relay.Outcome{Verdict: relay.Dead, Reason: "no", Took: 2 * time.Second}
			}
			return relay.Outcome{Verdict: relay.Delivered, Took: 2 * time.Second}
		}}
		r := newRig(t, relay.Config{PingInterval: -1}, c, new(store))
		o := &observer{relay: r.relay}
		r.relay.Observe(o)
		r.run()
		r.register("192.0.2.1", 2004, object{"nick": "alice"})
		r.register("192.0.2.2", 2004, object{"notify_pass": "s3cret"})
		time.Sleep(3 * time.Second)
		r.send(idA, 1)
		r.send(idA, 2)
		r.trySend("192.0.2.9:1", 3, nil) // refused: nobody hears of it
		time.Sleep(5 * time.Second)
		synctest.Wait()
		equalList(t, "accepted", o.accepted, []string{
			"<value><int>1</int></value> of 192.0.2.1:2004 (alice) to 1", "<value><int>2</int></value> of 192.0.2.1:2004 (alice) to 1",
		})
		equalList(t, "ended of a", o.of(idA), []string{`ping 1 "" waited 0s took 2s`})
		equalList(t, "ended of b", o.of(idB), []string{
			`ping 1 "" waited 0s took 2s`, `notify 3 "no" waited 0s took 2s`, `notify 3 "no" waited 2s took 2s`,
		})
		equal(t, "sender", o.ended[2].Sender, idA)
		equal(t, "order of ids", o.ended[2].Message < o.ended[3].Message, true)
		equal(t, "ended at", o.ended[3].At.Sub(o.ended[2].At), 2*time.Second)
	})
}

// What an observer hears of a call names no password, and tells when the
// satellite has left meanwhile.
func TestObserverOfTheGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.Method == "ping" {
				return good
			}
			time.Sleep(time.Second)
			return dead("you said s3cret")
		}}
		r := newRig(t, relay.Config{PingInterval: -1}, c, new(store))
		o := &observer{relay: r.relay}
		r.relay.Observe(o)
		r.run()
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, object{"notify_pass": "s3cret"})
		r.send(idA, 1)
		synctest.Wait()
		r.deregister(idB)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		last := o.ended[len(o.ended)-1]
		equal(t, "gone", last.Gone, true)
		equal(t, "reason", last.Reason, "the call failed; why is not shown, since the words hold the satellite's notify_pass")
	})
}

// Samples and Held tell what waits, and for how long.
func TestSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.Method == "notify" {
				time.Sleep(time.Minute)
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: -1, Rate: 0.1, Burst: 1, NotifyTimeout: time.Hour}, c, new(store))
		r.register("192.0.2.1", 2004, nil)
		r.register("192.0.2.2", 2004, nil)
		equal(t, "held before", r.relay.Held(), relay.Held{})
		for i := range 3 {
			r.send(idA, i)
			time.Sleep(time.Second)
		}
		synctest.Wait()
		held := r.relay.Held()
		equal(t, "held", fmt.Sprint(held.Senders, held.Messages, held.Oldest), "1 2 2s")
		time.Sleep(20 * time.Second)
		equal(t, "held when all went out", r.relay.Held(), relay.Held{})
		var list []string
		for s := range r.relay.Samples() {
			list = append(list, fmt.Sprint(s.HostID, " ", s.State, " ", s.Breaker, " ", s.Waiting, " ", s.Oldest))
		}
		equalList(t, "samples", list, []string{
			"192.0.2.1:2004 up closed 0 0s", "192.0.2.2:2004 up closed 3 23s",
		})
		time.Sleep(time.Hour) // the carrier is still at it
	})
}
