package relay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A plainOutbox is what an outbox should do, put as plainly as can be: it
// looks through everything each time.
type plainOutbox struct {
	count, bytes int
	underWay     *Message
	queue        []*Message
}

func (p *plainOutbox) size() (messages, octets int) {
	for _, m := range p.held() {
		octets += m.size()
	}
	return len(p.held()), octets
}

func (p *plainOutbox) held() []*Message {
	if p.underWay == nil {
		return p.queue
	}
	return append([]*Message{p.underWay}, p.queue...)
}

func (p *plainOutbox) fits(more, octets int) bool {
	n, size := p.size()
	return n+more <= p.count && size+octets <= p.bytes
}

func (p *plainOutbox) Append(m *Message, full QueuePolicy, now time.Time) (lost Losses) {
	if len(p.queue) > 0 && !p.fits(1, m.size()) {
		before := len(p.queue)
		p.queue = slices.DeleteFunc(p.queue, func(m *Message) bool { return m.expired(now) })
		lost.Expired = before - len(p.queue)
	}
	if full == DropNewest && len(p.queue) > 0 && !p.fits(1, m.size()) {
		return Losses{Expired: lost.Expired, Full: 1}
	}
	for p.queue = append(p.queue, m); len(p.queue) > 1 && !p.fits(0, 0); lost.Full++ {
		victim := 0
		if full == NewestPerKey {
			victim = max(0, slices.IndexFunc(p.queue, p.outdated))
		}
		p.queue = slices.Delete(p.queue, victim, victim+1)
	}
	return lost
}

func (p *plainOutbox) outdated(m *Message) bool {
	rest := p.queue[slices.Index(p.queue, m)+1:]
	return m.Key != "" && slices.ContainsFunc(rest, func(o *Message) bool { return o.Key == m.Key && o.Sender == m.Sender })
}

func (p *plainOutbox) Next(now time.Time) (*Message, Losses) {
	var lost Losses
	for p.underWay == nil && len(p.queue) > 0 {
		m := p.queue[0]
		p.queue = p.queue[1:]
		if m.expired(now) {
			lost.Expired++
		} else {
			p.underWay = m
		}
	}
	return p.underWay, lost
}

func (p *plainOutbox) Done(_ string, o Outcome) {
	if o.Verdict == Retry && p.underWay != nil {
		p.queue = append([]*Message{p.underWay}, p.queue...)
	}
	p.underWay = nil
}

func idsOf(list []*Message) string {
	ids := make([]string, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	return strings.Join(ids, " ")
}

// Every policy does what the plain outbox does, whatever comes.
func TestPoliciesByModel(t *testing.T) {
	for _, policy := range queuePolicies {
		for seed := range uint64(40) {
			synctest.Test(t, func(t *testing.T) { playModel(t, policy, rand.New(rand.NewPCG(seed, 7))) })
			if t.Failed() {
				t.Fatalf("%s with seed %d differs from the model", policy, seed)
			}
		}
	}
}

// playModel does the same at random to an outbox and to its model.
func playModel(t *testing.T, policy QueuePolicy, random *rand.Rand) {
	count, bytes := 1+random.IntN(40), 100+random.IntN(6000)
	keys, ttls := 1+random.IntN(12), random.IntN(3)
	b, want := newTestOutbox(count, bytes), &plainOutbox{count: count, bytes: bytes}
	for step := range 400 {
		var got, model string
		switch random.IntN(8) {
		case 0, 1, 2, 3, 4: // more comes than goes
			m := message(t, fmt.Sprint(step), 50+random.IntN(200))
			m.Sender = fmt.Sprint("s", random.IntN(2))
			if k := random.IntN(keys); k > 0 {
				m.Key = fmt.Sprint("k", k)
			}
			if random.IntN(3) < ttls {
				m.TTL = time.Duration(1+random.IntN(30)) * time.Second
			}
			if random.IntN(50) == 0 {
				policy = queuePolicies[random.IntN(len(queuePolicies))] // it registered again
			}
			got, model = fmt.Sprint(b.Append(m, policy, time.Now())), fmt.Sprint(want.Append(m, policy, time.Now()))
		case 5:
			m, lost := b.Next(time.Now())
			n, loses := want.Next(time.Now())
			got, model = fmt.Sprint(m == n, lost), fmt.Sprint(true, loses)
		case 6:
			if m := want.underWay; m != nil {
				o := Outcome{Verdict: []Verdict{Delivered, Dead, Retry, Abandoned}[random.IntN(4)]}
				b.Done(m.ID, o)
				want.Done(m.ID, o)
			}
		case 7:
			time.Sleep(time.Duration(random.IntN(5)) * time.Second)
		}
		n, size := want.size()
		if got != model || idsOf(b.held()) != idsOf(want.held()) || b.Len() != n || b.bytes != size {
			t.Fatalf("step %d: %s, holds %q, %d, %d octets\nwant %s, %q, %d, %d",
				step, got, idsOf(b.held()), b.Len(), b.bytes, model, idsOf(want.held()), n, size)
		}
		if held := heldIn(b); b.room.held.Load() != held {
			t.Fatalf("step %d: the room counts %d octets, want %d", step, b.room.held.Load(), held)
		}
	}
	b.Done(b.idUnderWay(), Outcome{Verdict: Delivered})
	if n := b.waiting.count; b.Clear() != n || b.Len() != 0 || b.bytes != 0 || b.room.held.Load() != 0 || b.waiting.slots != nil || b.triage != nil {
		t.Fatalf("the cleared outbox = %+v, want nothing in it", b)
	}
}

func heldIn(b *memoryOutbox) (octets int64) {
	for _, m := range b.held() {
		octets += m.cost()
	}
	if b.triage != nil {
		octets += int64(b.triage.memory())
	}
	return octets + int64(8*len(b.waiting.slots))
}

func (b *memoryOutbox) idUnderWay() string {
	if b.underWay == nil {
		return ""
	}
	return b.underWay.ID
}

// A flood costs the same for each message, however many wait. What an outbox
// does that costs more is to look through all it holds, for a new triage or
// to close gaps: here these are counted. Nor does it keep more than it must.
func TestFloodIsCheap(t *testing.T) {
	const most, flood = 1000, 20_000
	for _, policy := range queuePolicies {
		for name, shape := range map[string]func(i int, m *Message){
			"no keys":             func(int, *Message) {},
			"one key":             func(_ int, m *Message) { m.Key = "k" },
			"a key for each":      func(i int, m *Message) { m.Key = fmt.Sprint(i) },
			"900 keys":            func(i int, m *Message) { m.Key = fmt.Sprint(i % 900) },
			"first none, then":    func(i int, m *Message) { m.Key = []string{"", "k"}[min(i/999, 1)] },
			"long to live":        func(i int, m *Message) { m.TTL = time.Hour; m.Key = fmt.Sprint(i % 3) },
			"expire by and by":    func(i int, m *Message) { m.TTL = time.Duration(1+i%1500) * time.Second; m.Key = fmt.Sprint(i % 700) },
			"later ones go first": func(i int, m *Message) { m.TTL = time.Duration(2000-i%2000) * time.Second },
		} {
			synctest.Test(t, func(t *testing.T) {
				b := newTestOutbox(most, 1<<30)
				looks, slots, size := 0, 0, 0
				for i := range flood {
					triage, last := b.triage, b.waiting.last
					m := &Message{ID: "1", Sender: "s", arrived: time.Now()}
					shape(i, m)
					b.Append(m, policy, time.Now())
					if i%100 == 0 { // its calls hang, but not for ever
						b.Done(b.idUnderWay(), Outcome{Verdict: Dead})
						b.Next(time.Now())
					}
					if b.triage != triage && b.triage != nil || b.waiting.last < last {
						looks++
					}
					slots = max(slots, len(b.waiting.slots))
					if b.triage != nil {
						size = max(size, b.triage.size(), len(b.triage.newest), len(b.triage.kin))
					}
					time.Sleep(time.Second)
				}
				if limit := flood / most * 3; looks > limit || slots > 4*most || size > 5*most {
					t.Errorf("%s, %s: looked through all %d times, want at most %d; %d slots, a triage of %d, want few times %d",
						policy, name, looks, limit, slots, size, most)
				}
			})
		}
	}
}

// An outbox owns nothing while it is empty, and nothing but itself while it
// holds what is about to be delivered at once.
func TestIdleOutboxAllocatesNothing(t *testing.T) {
	b, m, now := newTestOutbox(1000, 1<<20), message(t, "1", 100), time.Now()
	if n := testing.AllocsPerRun(100, func() {
		b.Append(m, DropOldest, now)
		b.Next(now)
		b.Done("1", Outcome{Verdict: Delivered})
	}); n != 0 {
		t.Errorf("a message through an idle outbox takes %v allocations, want 0", n)
	}
}
