package relay

import (
	"slices"
	"sync"
	"sync/atomic"
)

// heads keeps the shared parts of a message's notify, so that each is encoded
// once, however many satellites get it.
type heads struct {
	once  sync.Once
	plain []byte // as sent and without message_info: what nearly all get, without a lock

	mu   sync.Mutex
	made []madeHead   // guarded by mu
	size atomic.Int64 // octets of made; changed under mu
}

type madeHead struct {
	form notifyForm
	head []byte
}

// notifyHead is the shared part of m's notify in a form, and how many octets
// m grew by keeping it. The head is never changed.
func (m *Message) notifyHead(form notifyForm) (head []byte, grew int) {
	h := &m.heads
	if form == (notifyForm{}) {
		h.once.Do(func() { h.plain = form.head(m) })
		return h.plain, 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.IndexFunc(h.made, func(made madeHead) bool { return made.form == form }); i >= 0 {
		return h.made[i].head, 0
	}
	head = form.head(m)
	if int(h.size.Load())+len(head) > m.maxHeads() {
		return head, 0
	}
	h.made = append(h.made, madeHead{form, head})
	h.size.Add(int64(len(head)))
	return head, len(head)
}

// maxHeads bounds the octets kept beside a message that waits for somebody
// slow: a few dialects in full. Were there more, their heads would be encoded
// for each receiver.
func (m *Message) maxHeads() int { return 64<<10 + 4*m.size() }
