package relay

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A crowd is a relay's outboxes without the rest.
type crowd struct {
	*deliveries
	roster *Roster
	n      int

	mu     sync.Mutex
	events []Event // guarded by mu
}

func newCrowd(cfg Config, c Carrier) *crowd {
	cfg = cfg.withDefaults()
	events := newEvents(slog.New(slog.DiscardHandler))
	k := &crowd{roster: newRoster(cfg, nil, events), deliveries: newDeliveries(cfg, c, events)}
	k.roster.newOutbox = k.room.newOutbox
	events.Listen(func(e Event) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.events = append(k.events, e)
	})
	return k
}

// add makes a member. A paused one is never called.
func (k *crowd) add(policy QueuePolicy, paused bool) *member {
	k.n++
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), uint16(k.n))
	k.roster.mu.Lock()
	defer k.roster.mu.Unlock()
	m := k.roster.addLocked(Registration{HostID: at.String(), Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, Queue: policy})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sat.Paused, m.sat.MessageInfo = paused, k.n%2 == 0
	return m
}

func (k *crowd) saw(code Code) (reasons []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range k.events {
		if e.Code == code {
			reasons = append(reasons, e.Reason)
		}
	}
	return reasons
}

// atOnce is a carrier whose calls succeed at once.
type atOnce struct {
	mu   sync.Mutex
	ends sync.WaitGroup
	got  map[string]int // guarded by mu; notifies by host id
}

func (c *atOnce) Forget(Callback) {}

func (c *atOnce) Send(batch []Delivery, done func(Delivery, Outcome)) {
	for _, d := range batch {
		c.ends.Go(func() {
			c.mu.Lock()
			if d.message != nil {
				c.got[d.HostID]++
			}
			c.mu.Unlock()
			done(d, Outcome{Verdict: Delivered})
		})
	}
}

// Satellites that stop taking messages at different times and keep their
// oldest would hold more and more different ones. All together stay within
// the bound; who answers loses nothing by it, nor does who has little waiting.
func TestOutboxesTogetherAreBounded(t *testing.T) {
	for _, policy := range queuePolicies {
		synctest.Test(t, func(t *testing.T) {
			const most, size = 1 << 20, 2000
			c := &atOnce{got: map[string]int{}}
			k := newCrowd(Config{Outbox: 50, OutboxBytes: 50 * size, OutboxMemory: most}, c)
			good := k.add("", false)
			worst, messages := int64(0), 0
			for range 40 {
				k.add(policy, true)
				for range 50 {
					k.post(message(t, fmt.Sprint(messages), size), k.roster.all())
					c.ends.Wait()
					worst = max(worst, k.room.held.Load())
					messages++
				}
			}
			// A message costs twice its size and messageCost; the bound is seen
			// once a message, and takes as many to act as a share can be halved.
			if slack := int64(20 * (2*size + messageCost)); worst > most+slack {
				t.Errorf("%s: the outboxes held %d octets, want at most %d and few messages", policy, worst, most)
			}
			news := k.saw(LimitRoom)
			switch {
			case policy == DropNewest && (worst < most || len(news) == 0 || !strings.Contains(news[0], "more than 1048576 octets")):
				t.Errorf("%s: at most %d held, told as %q; want the bound to be met and told", policy, worst, news)
			case policy != DropNewest && len(news) != 0:
				t.Errorf("%s: told %q, want no trouble where all hold the same", policy, news)
			}
			equalInt(t, "to the good one", c.got[good.sat.HostID], messages)
			equalInt(t, "lost by the good one", good.snapshot().Dropped, 0)
			for _, m := range k.roster.all() {
				m.mu.Lock()
				m.sat.Paused = false
				m.mu.Unlock()
				k.wake(m)
			}
			c.ends.Wait()
			equalInt(t, "octets held once all is delivered", int(k.room.held.Load()), 0)
			for range 40 {
				k.post(message(t, "x", size), k.roster.all())
			}
			c.ends.Wait()
			bytes, tight := k.room.share()
			if news := k.saw(LimitRoom); bytes != 50*size || tight || len(news)%2 != 0 {
				t.Errorf("%s: in the end an outbox may hold %d octets, told as %q; want as many as at first", policy, bytes, news)
			}
		})
	}
}

// Where messages are small it is the outboxes themselves that take memory.
func TestSmallMessagesAreBoundedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, members = 1 << 19, 40
		k := newCrowd(Config{OutboxMemory: most}, &atOnce{got: map[string]int{}})
		for range members {
			k.add(NewestPerKey, true)
		}
		worst := int64(0)
		for i := range 1500 {
			m := message(t, "x", 40)
			m.Key = fmt.Sprint(i)
			k.post(m, k.roster.all())
			worst = max(worst, k.room.held.Load())
		}
		waiting := k.roster.all()[0].snapshot().Waiting
		if worst < most || worst > most*3/2 || waiting < 10 || len(k.saw(LimitRoom)) == 0 {
			t.Errorf("%d octets held at most, %d messages wait for each, told %q; want little more than %d held, and some waiting",
				worst, waiting, k.saw(LimitRoom), most)
		}
		k.abandon(k.roster.all())
		if held := k.room.held.Load(); held != 0 {
			t.Errorf("octets held by empty outboxes = %d, want 0", held)
		}
	})
}

func equalInt(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %d, want %d", what, got, want)
	}
}

// What is counted is what is held, whoever comes, goes, fails and registers
// again while messages flow from several goroutines.
func TestRoomCountsWhatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &slowly{}
		for range 3000 {
			c.verdicts = append(c.verdicts, []Verdict{Delivered, Delivered, Dead, Retry, Abandoned}[rand.N(5)])
		}
		k := newCrowd(Config{Outbox: 5, PingInterval: -1}, c)
		ctx, stop := context.WithCancel(t.Context())
		var alarms, senders sync.WaitGroup
		alarms.Go(func() { k.alarms.Run(ctx, k.ring) })
		for i := range 20 {
			k.add(queuePolicies[i%3], false)
		}
		for s := range 3 {
			senders.Go(func() {
				for i := range 200 {
					m := message(t, fmt.Sprint(s, i), 100+i)
					m.Key = fmt.Sprint(i % 3)
					k.post(m, k.roster.all())
					time.Sleep(time.Duration(rand.N(700)) * time.Millisecond)
				}
			})
		}
		for range 60 {
			time.Sleep(2 * time.Second)
			all := k.roster.all()
			m := all[rand.N(len(all))]
			k.roster.drop(&change{hostID: m.sat.HostID, code: SatLeave})
			k.add(queuePolicies[rand.N(3)], false)
		}
		senders.Wait()
		time.Sleep(time.Hour)
		if held := k.room.held.Load(); held != 0 {
			t.Errorf("octets held when nothing waits = %d, want 0", held)
		}
		stop()
		alarms.Wait()
		if n := len(k.alarms.list); n != 0 {
			t.Errorf("alarms left = %d, want none", n)
		}
	})
}
