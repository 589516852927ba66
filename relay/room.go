package relay

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// A room is the memory that all outboxes share, and the bounds of each.
//
// Receivers share the messages that wait for them, so that outboxes which
// hold the same cost little more than one. But satellites that stopped
// answering at different times and keep their oldest messages hold different
// ones. While all together hold more than they may, the bound of each outbox
// is halved with every new message, which meets the largest first, and every
// outbox gives up its oldest whatever its policy: then all hold the same again.
type room struct {
	count, bytes int   // bounds of one outbox
	most         int64 // bound of all together, each message counted once

	held atomic.Int64 // by all together, in octets: messages, and the outboxes themselves
	each atomic.Int64 // the bound of one outbox now, in octets: bytes or less

	mu sync.Mutex // of one who changes each
}

// messageCost is about what a message takes in memory beside its data, in
// octets.
const messageCost = 1024

func newRoom(cfg Config) *room {
	r := &room{count: cfg.Outbox, bytes: cfg.OutboxBytes, most: int64(cfg.OutboxMemory)}
	r.each.Store(int64(r.bytes))
	return r
}

func (r *room) newOutbox() Outbox { return &memoryOutbox{room: r} }

// share returns the octets one outbox may hold now, and whether that is less
// than usual.
func (r *room) share() (bytes int, tight bool) {
	bytes = int(r.each.Load())
	return bytes, bytes < r.bytes
}

// hold counts m, which one more outbox holds.
func (r *room) hold(m *Message) {
	if m.holders.Add(1) == 1 {
		r.held.Add(m.cost())
	}
}

func (r *room) release(m *Message) {
	if m.holders.Add(-1) == 0 {
		r.held.Add(-m.cost())
	}
}

// grew counts octets added to an outbox or to a message that one holds.
func (r *room) grew(octets int) { r.held.Add(int64(octets)) }

// adjust is told of each new message. It returns in words what people should
// know: that memory gets short, or that it does no more.
func (r *room) adjust() (news string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	each, held := r.each.Load(), r.held.Load()
	usual := int64(r.bytes)
	switch {
	case held > r.most:
		r.each.Store(max(each/2, 1))
		if each == usual {
			return fmt.Sprintf("the outboxes together hold more than %d octets; the fullest give up their oldest messages", r.most)
		}
	case each < usual && held < r.most/2:
		r.each.Store(min(2*each, usual))
		if 2*each >= usual {
			return fmt.Sprintf("the outboxes together hold less than half of %d octets again", r.most)
		}
	}
	return ""
}
