package relay_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

// use spells one limit as get_limits tells it.
func use(t *testing.T, r *rig, name string) string {
	t.Helper()
	var all map[string]object
	if err := raw(t, call1(t, r, "relay.get_limits")).Decode(&all); err != nil {
		t.Fatal(err)
	}
	u, ok := all[name]
	if !ok {
		t.Fatalf("get_limits tells nothing of %s", name)
	}
	return strings.TrimSpace(fmt.Sprintf("%v of %v %v %v", u["used"], u["limit"], u["unit"], u["by"]))
}

func TestGetLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if d.HostID == idB && d.Method == "notify" {
				time.Sleep(time.Hour)
			}
			return good
		}}
		host := relay.HostUse{Memory: relay.Use[int]{Limit: 65536, Used: 30000, Unit: "KiB"}}
		r := start(t, relay.Config{
			MaxSats: 5, Rate: 2, Burst: 4, Queue: 9, QueueBytes: 9999, Outbox: 7, OutboxBytes: 8888, OutboxMemory: 2 << 20, MaxData: 300, PingInterval: -1,
			Host: func() relay.HostUse { return host },
		}, c, new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		r.register("192.0.2.3", 2004, nil)
		time.Sleep(time.Second)
		r.send(b, strings.Repeat("x", 200))
		for range 10 {
			r.send(a, 1)
			synctest.Wait()
		}
		const message = len(idA) + len("<value><int>1</int></value>")
		largest := len("<value><string></string></value>") + 200
		for name, want := range map[string]string{
			"satellites": "3 of 5 satellites", "burst": "4 of 4 messages " + a, "rate": "0 of 2 messages/s",
			"queue": "6 of 9 messages " + a, "queue_bytes": fmt.Sprintf("%d of 9999 octets %s", 6*message, a),
			"outbox_memory": "5 of 2048 KiB", "outbox": "4 of 7 messages " + b, "data": fmt.Sprintf("%d of 300 octets %s", largest, b),
			"outbox_bytes": fmt.Sprintf("%d of 8888 octets %s", 4*message, b),
			"memory":       "30000 of 65536 KiB",
		} {
			equal(t, name, use(t, r, name), want)
		}
		ofA, _ := r.relay.LimitsOf(a)
		ofB, _ := r.relay.LimitsOf(b)
		none, ok := r.relay.LimitsOf("192.0.2.9:1")
		equal(t, "limits of a", fmt.Sprint(ofA.Rate.Limit, ofA.Burst.Used, ofA.Queue.Used, ofA.QueueBytes.Used, ofA.Outbox.Used), fmt.Sprint(2, 4, 6, 6*message, 0))
		equal(t, "limits of b", fmt.Sprint(ofB.Burst.Used, ofB.Queue.Used, ofB.Outbox, ofB.OutboxBytes), fmt.Sprintf("1 0 {7 4 messages %s} {8888 %d octets %s}", b, 4*message, b))
		equal(t, "limits of nobody", fmt.Sprint(none.Outbox.Limit, ok), "0 false")
		time.Sleep(1200 * time.Millisecond)
		equal(t, "rate in the second after", use(t, r, "rate"), "10 of 2 messages/s "+a)
		time.Sleep(time.Minute)
		for name, want := range map[string]string{"burst": "0 of 4 messages", "rate": "0 of 2 messages/s", "queue": "0 of 9 messages", "queue_bytes": "0 of 9999 octets"} {
			equal(t, name+" later", use(t, r, name), want)
		}
		r.halt()
		time.Sleep(2 * time.Hour)
	})
}

// The satellite that is down longest is told, beside how long it may be.
func TestRemovalAmongLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ill := new(illness)
		c := &carrier{answer: func(d relay.Delivery) relay.Outcome {
			if ill.has(d.HostID) {
				return dead("it is ill")
			}
			return good
		}}
		r := start(t, relay.Config{PingInterval: 10 * time.Second, RemoveAfter: time.Hour}, c, full(idA, idB, idC, idD))
		equal(t, "removal with all up", use(t, r, "removal"), "0 of 3600 s")
		ill.set(true, idB)
		for r.find(idB).State != relay.StateDown {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(10 * time.Minute)
		equal(t, "removal", use(t, r, "removal"), "600 of 3600 s "+idB)
		ill.set(true, idA, idC, idD)
		for r.find(idA).State != relay.StateDown || r.find(idC).State != relay.StateDown || r.find(idD).State != relay.StateDown {
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		if got := use(t, r, "removal"); !regexp.MustCompile(`^\d+ of 3600 s, held ` + idB + `$`).MatchString(got) {
			t.Errorf("removal with all down = %s, want it held", got)
		}
	})
}

// Unlimited is told as 2147483647, and what nobody knows as -1.
func TestGetLimitsUnlimited(t *testing.T) {
	r := newRig(t, relay.Config{MaxSats: -1, Rate: -1, QueueBytes: math.MaxInt}, new(carrier), full(idA))
	r.send(idA, 1)
	for name, want := range map[string]string{
		"satellites": "1 of 2147483647 satellites", "rate": "0 of 2.147483647e+09 messages/s", "burst": "0 of 200 messages",
		"queue_bytes": fmt.Sprintf("%d of 2147483647 octets %s", len(idA+"<value><int>1</int></value>"), idA),
		"removal":     "0 of 2147483647 s",
		"connections": "-1 of 2147483647 connections", "descriptors": "-1 of 2147483647 descriptors",
	} {
		equal(t, name, use(t, r, name), want)
	}
}

// Who waits as long as a refusal says is taken then, and is not made to wait
// without need.
func TestRefusalSaysHowLong(t *testing.T) {
	for _, size := range []int{10, 300, 900, 2000} {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, relay.Config{Rate: 5, Burst: 1, Queue: 50, QueueBytes: 3000, PingInterval: -1}, new(carrier), new(store))
			a := r.register("192.0.2.1", 2004, nil)
			for i := range 30 {
				r.send(a, strings.Repeat("x", 1+i*17%40))
			}
			big := strings.Repeat("x", size)
			err := r.trySend(a, big, nil)
			for err == nil {
				err = r.trySend(a, big, nil)
			}
			text := faultOf(err)
			said := regexp.MustCompile(`takes 50 messages or 3000 octets: .* go out at 5 a second; try again in (\S+)$`).FindStringSubmatch(text)
			if said == nil {
				t.Fatalf("refused with %q, want it to say how long", text)
			}
			wait, err := time.ParseDuration(said[1])
			if err != nil {
				t.Fatal(err)
			}
			if wait > 250*time.Millisecond {
				time.Sleep(wait - 250*time.Millisecond)
				if r.trySend(a, big, nil) == nil {
					t.Errorf("%d octets are taken long before %v are over", size, wait)
				}
				time.Sleep(250 * time.Millisecond)
			} else {
				time.Sleep(wait)
			}
			synctest.Wait()
			if err := r.trySend(a, big, nil); err != nil {
				t.Errorf("%d octets are refused after %v: %v", size, wait, err)
			}
		})
	}
}

// A flood of refusals is a few lines in the log, which add up, and all of it
// in the counters.
func TestRefusalsAreThinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{MaxSats: 2, MaxData: 50, PingInterval: -1}, new(carrier), new(store))
		a, b := r.register("192.0.2.1", 2004, nil), r.register("192.0.2.2", 2004, nil)
		const tries = 2500
		for range tries {
			time.Sleep(10 * time.Millisecond)
			for _, id := range []string{a, b} {
				if err := r.trySend(id, strings.Repeat("x", 100), nil); err == nil {
					t.Fatal("long data is taken")
				}
			}
			if _, err := r.call("192.0.2.3", "relay.register", object{"port": 2004}); err == nil {
				t.Fatal("a third satellite is taken")
			}
		}
		r.stop()
		equal(t, "LIMIT-DATA", r.relay.Events().Counts()[relay.LimitData], 2*tries)
		equal(t, "LIMIT-SATS", r.relay.Events().Counts()[relay.LimitSats], tries)
		for _, of := range []string{"code=LIMIT-DATA satellite=" + a, "code=LIMIT-DATA satellite=" + b, "code=LIMIT-SATS reason"} {
			lines, told := 0, 0
			for line := range strings.Lines(r.log.String()) {
				if !strings.Contains(line, of) {
					continue
				}
				lines++
				more := regexp.MustCompile(`(\d+) more since the last line`).FindStringSubmatch(line)
				if more == nil {
					told++
					continue
				}
				n, _ := strconv.Atoi(more[1])
				told += n
			}
			equal(t, "refusals told of "+of, told, tries)
			if lines > 4 {
				t.Errorf("%d lines in 25 s of %s, want one at once and one each 10 s", lines, of)
			}
		}
	})
}

// What is refused again after a pause is told at once again.
func TestRefusalAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, relay.Config{MaxData: 50, PingInterval: -1}, new(carrier), new(store))
		a := r.register("192.0.2.1", 2004, nil)
		for n := 1; n <= 3; n++ {
			r.trySend(a, strings.Repeat("x", 100), nil)
			equal(t, "lines", strings.Count(r.log.String(), "LIMIT-DATA"), n)
			time.Sleep(time.Minute)
		}
	})
}
