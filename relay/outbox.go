package relay

import "time"

// An Outbox holds the messages that wait for one satellite, in order. It is
// used by one goroutine at a time. Times are monotonic.
type Outbox interface {
	// Append takes m in. A full outbox gives messages up as full says, m
	// perhaps, and returns how many.
	Append(m *Message, full QueuePolicy, now time.Time) Losses
	// Next returns the message to deliver now, nil if none waits, and what it
	// gave up on the way. The message stays in the outbox until Done.
	Next(now time.Time) (*Message, Losses)
	// Done tells the outcome of the message that Next returned last.
	Done(id string, o Outcome)
	// Clear gives up all messages but the one under way and returns how many.
	Clear() int
	// Oldest is the message that goes next, or the one under way; nil: none
	// waits. It stays in the outbox.
	Oldest() *Message
	// Len is the number of messages waiting, the one under way included.
	Len() int
	// Bytes is their size in octets.
	Bytes() int
}

// A memoryOutbox is an Outbox bounded in messages and octets. Whatever its
// policy, it never gives up the message under way, and takes any message when
// no other waits.
type memoryOutbox struct {
	room     *room
	underWay *Message // taken by Next; nil: none
	waiting  ring     // the others
	bytes    int      // of all
	own      int      // octets of waiting and triage, as counted in the room
	triage   *triage  // of waiting; nil: it has not been full since it was empty
}

func (b *memoryOutbox) Append(m *Message, full QueuePolicy, now time.Time) (lost Losses) {
	defer b.recount()
	most, tight := b.room.share()
	if tight {
		full = DropOldest
	}
	if b.waiting.count > 0 && !b.fits(1, m.size(), most) {
		b.sort(full, now)
		lost.Expired = b.dropExpired(now)
	}
	if full == DropNewest && b.waiting.count > 0 && !b.fits(1, m.size(), most) {
		lost.Full++
		return lost
	}
	b.push(m)
	for b.waiting.count > 1 && !b.fits(0, 0, most) {
		b.sort(full, now)
		b.drop(b.leastWanted(full))
		lost.Full++
	}
	if tight {
		lost.Full, lost.Crowded = 0, lost.Full
	}
	return lost
}

// recount tells the room what the outbox itself takes in memory.
func (b *memoryOutbox) recount() {
	own := 8 * len(b.waiting.slots)
	if b.triage != nil {
		own += b.triage.memory()
	}
	if own != b.own {
		b.room.grew(own - b.own)
		b.own = own
	}
}

// fits reports whether there is room for so many more, of so many octets.
func (b *memoryOutbox) fits(messages, octets, most int) bool {
	return b.Len()+messages <= b.room.count && b.bytes+octets <= most
}

// sort sees to a triage that knows what full asks of it.
func (b *memoryOutbox) sort(full QueuePolicy, now time.Time) {
	keys := full == NewestPerKey
	if b.triage == nil || keys && !b.triage.keys() {
		b.triage = newTriage(&b.waiting, keys, now)
	}
}

func (b *memoryOutbox) dropExpired(now time.Time) (dropped int) {
	for b.triage != nil {
		n := b.triage.nextExpired(&b.waiting, now)
		if n == 0 {
			break
		}
		b.drop(n)
		dropped++
	}
	return dropped
}

// leastWanted returns the number of the message to give up.
func (b *memoryOutbox) leastWanted(full QueuePolicy) int {
	if full == NewestPerKey {
		if n := b.triage.nextOutdated(); n != 0 {
			return n
		}
	}
	return b.waiting.front()
}

func (b *memoryOutbox) push(m *Message) {
	n, renumbered := b.waiting.push(m)
	b.bytes += m.size()
	b.room.hold(m)
	// What the triage knows of messages that left is forgotten from time to
	// time, together with the rest; it is made anew when it is needed.
	if renumbered || b.triage != nil && b.triage.size() > 4*b.waiting.count+leastForgotten {
		b.triage = nil
	}
	if b.triage != nil {
		b.triage.add(n, m)
	}
}

// leastForgotten is how much a triage may know too much of, in entries.
const leastForgotten = 64

// drop gives up waiting message n.
func (b *memoryOutbox) drop(n int) {
	m := b.take(n)
	b.bytes -= m.size()
	b.room.release(m)
}

// take removes waiting message n and returns it.
func (b *memoryOutbox) take(n int) *Message {
	m := b.waiting.take(n)
	switch {
	case b.waiting.count == 0:
		b.triage = nil // an idle satellite keeps no buffer
	case b.triage != nil:
		b.triage.remove(n, m)
	}
	return m
}

func (b *memoryOutbox) Next(now time.Time) (m *Message, lost Losses) {
	defer b.recount()
	if b.underWay != nil {
		return b.underWay, lost
	}
	for b.waiting.count > 0 && b.waiting.at(b.waiting.front()).expired(now) {
		b.drop(b.waiting.front())
		lost.Expired++
	}
	if b.waiting.count > 0 {
		b.underWay = b.take(b.waiting.front())
	}
	return b.underWay, lost
}

func (b *memoryOutbox) Done(id string, o Outcome) {
	defer b.recount()
	m := b.underWay
	if m == nil {
		return
	}
	b.underWay = nil
	if m.ID == id && o.Verdict != Retry {
		b.bytes -= m.size()
		b.room.release(m)
		return
	}
	b.waiting.pushFront(m)
	b.triage = nil // it knows nothing that comes before all others
}

func (b *memoryOutbox) Clear() int {
	defer b.recount()
	n := b.waiting.count
	for b.waiting.count > 0 {
		b.drop(b.waiting.front())
	}
	return n
}

func (b *memoryOutbox) Oldest() *Message {
	if b.underWay != nil || b.waiting.count == 0 {
		return b.underWay
	}
	return b.waiting.at(b.waiting.front())
}

func (b *memoryOutbox) Bytes() int { return b.bytes }

func (b *memoryOutbox) Len() int {
	if b.underWay != nil {
		return b.waiting.count + 1
	}
	return b.waiting.count
}
