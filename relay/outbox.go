package relay

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// An Outbox holds the messages that wait for one satellite, in order. It is
// used by one goroutine at a time.
type Outbox interface {
	// Append takes m in. A full outbox gives up its oldest waiting messages
	// and returns how many.
	Append(m *Message) (dropped int)
	// Next returns the message to deliver now, nil if none waits, and how
	// many expired ones it gave up on the way. It stays in the outbox until Done.
	Next(now time.Time) (m *Message, dropped int)
	// Done tells the outcome of the message that Next returned last.
	Done(id string, o Outcome)
	// Len is the number of messages waiting, the one under way included.
	Len() int
}

// A QueuePolicy says what a full outbox gives up.
type QueuePolicy string

// A Verdict says what becomes of a message after a call.
type Verdict uint8

// The verdicts. Retry leaves the message at the head of its outbox.
// Abandoned gives it up like Dead, but for a cause that lies with the relay
// (it stops, it has no descriptor left), so it says nothing of the satellite.
const (
	Delivered Verdict = iota + 1
	Retry
	Dead
	Abandoned
)

// An Outcome is how a call to a satellite ended.
type Outcome struct {
	Verdict Verdict
	Reason  string        // in words, unless Delivered
	Took    time.Duration // from the start of the call to the end of the answer
}

// maxReason is how much of a reason is kept, in characters.
const maxReason = 256

// presentable makes a reason fit to be shown: one line of bounded length, and
// never the satellite's own password, which its answer may repeat.
func presentable(reason, pass string) string {
	quoted := strconv.Quote(pass)
	if pass != "" && (strings.Contains(reason, pass) || strings.Contains(reason, quoted[1:len(quoted)-1])) {
		return "the call failed; why is not shown, since the words hold the satellite's notify_pass"
	}
	runes := []rune(reason)
	for i, c := range runes {
		if !unicode.IsPrint(c) {
			runes[i] = ' '
		}
	}
	if len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return string(runes)
}

// A memoryOutbox is an Outbox bounded in messages and octets. It drops its
// oldest when full, but never the one that is under way, and always keeps the
// newest, however large.
type memoryOutbox struct {
	maxCount, maxBytes int
	queue              []*Message
	bytes              int
	underWay           bool // queue[0] is
}

func (b *memoryOutbox) Append(m *Message) (dropped int) {
	first := 0
	if b.underWay {
		first = 1
	}
	for len(b.queue) > first && (len(b.queue) >= b.maxCount || b.bytes+m.size() > b.maxBytes) {
		b.remove(first)
		dropped++
	}
	b.queue = append(b.queue, m)
	b.bytes += m.size()
	return dropped
}

func (b *memoryOutbox) Next(now time.Time) (m *Message, dropped int) {
	for len(b.queue) > 0 && b.queue[0].expired(now) {
		b.remove(0)
		dropped++
	}
	if b.underWay = len(b.queue) > 0; b.underWay {
		m = b.queue[0]
	}
	return m, dropped
}

func (b *memoryOutbox) Done(id string, o Outcome) {
	if b.underWay && o.Verdict != Retry && b.queue[0].ID == id {
		b.remove(0)
	}
	b.underWay = false
}

func (b *memoryOutbox) Len() int { return len(b.queue) }

func (b *memoryOutbox) remove(i int) {
	b.bytes -= b.queue[i].size()
	if i == 0 {
		b.queue[0] = nil
		b.queue = b.queue[1:]
	} else {
		b.queue = append(b.queue[:i], b.queue[i+1:]...)
	}
	if len(b.queue) == 0 {
		b.queue = nil // an idle satellite keeps no buffer
	}
}
