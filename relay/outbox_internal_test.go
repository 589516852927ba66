package relay

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
)

// message makes a message of size octets.
func message(t *testing.T, id string, size int) *Message {
	t.Helper()
	data, err := wire.NewRaw(strings.Repeat("x", size-len("<value><string></string></value>")))
	if err != nil {
		t.Fatal(err)
	}
	return &Message{ID: id, Data: data, arrived: time.Now()}
}

// held are the messages in b, the one under way first.
func (b *memoryOutbox) held() []*Message {
	list := []*Message{}
	if b.underWay != nil {
		list = append(list, b.underWay)
	}
	for n := b.waiting.left + 1; n <= b.waiting.last; n++ {
		if m := b.waiting.at(n); m != nil {
			list = append(list, m)
		}
	}
	return list
}

func (b *memoryOutbox) ids() string {
	ids := []string{}
	for _, m := range b.held() {
		ids = append(ids, m.ID)
	}
	return strings.Join(ids, " ")
}

// newTestOutbox makes an outbox with these bounds, alone in its room.
func newTestOutbox(count, bytes int) *memoryOutbox {
	return newRoom(Config{Outbox: count, OutboxBytes: bytes, OutboxMemory: 1 << 30}).newOutbox().(*memoryOutbox)
}

func TestMemoryOutboxBounds(t *testing.T) {
	for _, test := range []struct {
		name            string
		count, bytes    int
		underWay        bool
		sizes           []int // a is the first
		want            string
		dropped, octets int
	}{
		{"room", 3, 1000, false, []int{100, 100, 100}, "a b c", 0, 300},
		{"one too many", 3, 1000, false, []int{100, 100, 100, 100}, "b c d", 1, 300},
		{"one too many while one is under way", 3, 1000, true, []int{100, 100, 100, 100}, "a c d", 1, 300},
		{"octets", 9, 300, false, []int{100, 100, 100, 150}, "c d", 2, 250},
		{"octets while one is under way", 9, 300, true, []int{100, 100, 100, 150}, "a d", 2, 250},
		{"octets exactly", 9, 300, false, []int{100, 200}, "a b", 0, 300},
		{"larger than all", 9, 300, false, []int{100, 100, 999}, "c", 2, 999},
		{"larger than all while one is under way", 9, 300, true, []int{100, 100, 999}, "a c", 1, 1099},
		{"one place", 1, 1000, false, []int{100, 100}, "b", 1, 100},
		{"one place while one is under way", 1, 1000, true, []int{100, 100, 100}, "a c", 1, 200},
	} {
		b := newTestOutbox(test.count, test.bytes)
		dropped := 0
		for i, size := range test.sizes {
			dropped += b.Append(message(t, string(rune('a'+i)), size), DropOldest, time.Now()).Full
			if test.underWay && i == 0 {
				b.Next(time.Now())
			}
		}
		if b.ids() != test.want || dropped != test.dropped || b.bytes != test.octets || b.Len() != len(b.held()) {
			t.Errorf("%s: outbox = %q of %d octets, %d dropped, want %q of %d, %d dropped",
				test.name, b.ids(), b.bytes, dropped, test.want, test.octets, test.dropped)
		}
	}
}

func TestMemoryOutboxDone(t *testing.T) {
	b := newTestOutbox(9, 9999)
	for _, id := range []string{"a", "b"} {
		b.Append(message(t, id, 100), DropOldest, time.Now())
	}
	for i, step := range []struct {
		id      string
		verdict Verdict
		want    string
	}{
		{"a", Retry, "a b"}, {"b", Delivered, "a b"}, {"a", Dead, "b"}, {"b", Delivered, ""},
	} {
		b.Next(time.Now())
		if b.Done(step.id, Outcome{Verdict: step.verdict}); b.ids() != step.want {
			t.Errorf("outbox after step %d = %q, want %q", i, b.ids(), step.want)
		}
	}
	if m, lost := b.Next(time.Now()); m != nil || lost.Sum() != 0 || b.bytes != 0 || b.waiting.slots != nil || b.room.held.Load() != 0 {
		t.Errorf("empty outbox = %v, lost %v, %d octets, %v, %d held, want nothing", m, lost, b.bytes, b.waiting.slots, b.room.held.Load())
	}
	b.Done("a", Outcome{Verdict: Delivered}) // nothing is under way
}

// A latestOutbox is another Outbox: it keeps the newest message of each key.
type latestOutbox struct {
	queue    []*Message
	underWay *Message
}

func (b *latestOutbox) Append(m *Message, _ QueuePolicy, _ time.Time) Losses {
	same := func(o *Message) bool { return o.Key == m.Key && o != b.underWay }
	before := len(b.queue)
	b.queue = append(slices.DeleteFunc(b.queue, same), m)
	return Losses{Full: before + 1 - len(b.queue)}
}

func (b *latestOutbox) Next(time.Time) (*Message, Losses) {
	b.underWay = nil
	if len(b.queue) > 0 {
		b.underWay = b.queue[0]
	}
	return b.underWay, Losses{}
}

func (b *latestOutbox) Done(_ string, o Outcome) {
	if o.Verdict != Retry {
		b.queue = b.queue[1:]
	}
	b.underWay = nil
}

func (b *latestOutbox) Clear() int { return 0 }

func (b *latestOutbox) Oldest() *Message {
	if len(b.queue) == 0 {
		return nil
	}
	return b.queue[0]
}

func (b *latestOutbox) Len() int { return len(b.queue) }

func (b *latestOutbox) Bytes() (n int) {
	for _, m := range b.queue {
		n += m.size()
	}
	return n
}

// slowly is a carrier whose calls take a second and end as verdicts say.
type slowly struct {
	verdicts []Verdict

	mu   sync.Mutex
	keys []string // guarded by mu; of the notifies
}

func (c *slowly) Forget(Callback) {}

func (c *slowly) Send(batch []Delivery, done func(Delivery, Outcome)) {
	for _, d := range batch {
		c.mu.Lock()
		o := Outcome{Verdict: Delivered}
		if d.message != nil {
			c.keys = append(c.keys, d.message.Key+d.message.ID)
			if len(c.verdicts) > 0 {
				o.Verdict, c.verdicts = c.verdicts[0], c.verdicts[1:]
			}
		}
		c.mu.Unlock()
		go func() {
			time.Sleep(time.Second)
			done(d, o)
		}()
	}
}

// Deliveries work with any outbox: here the newest per key, and a first call
// that is to be repeated.
func TestAnotherOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &slowly{verdicts: []Verdict{Retry, Delivered}}
		cfg := Config{}.withDefaults()
		roster := newRoster(cfg, nil, newEvents(slog.New(slog.DiscardHandler)))
		roster.newOutbox = func() Outbox { return new(latestOutbox) }
		d := newDeliveries(cfg, c, roster.events)
		at := netip.MustParseAddrPort("192.0.2.1:2004")
		m := roster.addLocked(Registration{HostID: at.String(), Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"}})
		for i, key := range []string{"x", "x", "y", "x", "y", "z"} {
			msg := message(t, fmt.Sprint(i), 100)
			msg.Key = key
			d.post(msg, roster.all())
		}
		if s := m.snapshot(); s.Waiting != 4 || s.Dropped != 2 {
			t.Errorf("waiting, dropped = %d, %d, want 4, 2", s.Waiting, s.Dropped)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got, want := fmt.Sprint(c.keys), "[x0 x0 x3 y4 z5]"; got != want {
			t.Errorf("notifies = %s, want %s", got, want)
		}
		if s := m.snapshot(); s.RecvCount != 5 || s.RecvFails != 1 || s.Waiting != 0 {
			t.Errorf("recv_count, recv_fails, waiting = %d, %d, %d, want 5, 1, 0", s.RecvCount, s.RecvFails, s.Waiting)
		}
	})
}
