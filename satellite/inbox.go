package satellite

import (
	"context"
	"sync"
	"time"

	"co2/methods/wire"
)

// inboxWait is how long a message waits for a place in a full inbox: less
// than the 5 s after which a relay gives up, so that the relay hears the
// fault and what it counts as failed is not received after all.
const inboxWait = 4 * time.Second

// An inbox holds the messages that wait for Receive.
type inbox struct {
	messages chan Message

	mu     sync.Mutex
	closed bool           // guarded by mu
	takers sync.WaitGroup // puts under way; none is added once closed
}

func newInbox(size int) *inbox { return &inbox{messages: make(chan Message, size)} }

// put takes m in, or returns a fault when there is no place for it in time.
func (b *inbox) put(ctx context.Context, m Message) error {
	if !b.enter() {
		return &wire.Fault{Code: wire.Busy, String: "this satellite is leaving"}
	}
	defer b.takers.Done()
	full := time.NewTimer(inboxWait)
	defer full.Stop()
	select {
	case b.messages <- m:
		return nil
	case <-full.C:
	case <-ctx.Done():
	}
	return &wire.Fault{Code: wire.Busy, String: "this satellite is busy with earlier messages"}
}

func (b *inbox) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.takers.Add(1)
	}
	return !b.closed
}

// close lets each return once all that was taken in has been handed on.
func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.takers.Wait()
	close(b.messages)
}

// each hands the messages on, one at a time, until the inbox is closed.
func (b *inbox) each(receive func(Message)) {
	for m := range b.messages {
		receive(m)
	}
}
