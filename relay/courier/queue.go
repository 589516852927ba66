package courier

import (
	"sync"

	"co2/relay"
)

// batchSize is how many deliveries a worker writes before it reads answers.
const batchSize = 128

// An errand is a delivery that no worker has begun.
type errand struct {
	relay.Delivery
	done func(relay.Delivery, relay.Outcome)
}

// A batch is what one worker does in one go. It holds errands, as exchanges
// take twice the room, and a message to many waits in many batches.
type batch struct {
	list [batchSize]errand
	n    int
	next *batch
}

// spare batches are used again; a burst leaves none behind for good.
var spare = sync.Pool{New: func() any { return new(batch) }}

// A queue holds the deliveries that no worker has taken yet. What comes
// alone is put beside others, so that a backlog is done in batches too.
type queue struct {
	workers int    // at most
	start   func() // one more worker

	mu      sync.Mutex
	first   *batch // guarded by mu
	last    *batch // guarded by mu
	size    int    // guarded by mu: batches
	working int    // guarded by mu: workers started that have not been dismissed
	busy    int    // guarded by mu: of these, with a batch
}

func (q *queue) put(list []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range list {
		b := q.last
		if b == nil || b.n == batchSize {
			b = q.growLocked()
		}
		b.list[b.n] = errand{list[i], done}
		b.n++
	}
	for q.working < min(q.workers, q.busy+q.size) {
		q.working++
		q.start()
	}
}

func (q *queue) growLocked() *batch {
	b := spare.Get().(*batch)
	if q.last == nil {
		q.first = b
	} else {
		q.last.next = b
	}
	q.last = b
	q.size++
	return b
}

// take returns the next batch; done says that the worker who asks has done
// one. None dismisses it.
func (q *queue) take(done bool) *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if done {
		q.busy--
	}
	b := q.first
	if b == nil {
		q.working--
		return nil
	}
	if q.first = b.next; q.first == nil {
		q.last = nil
	}
	b.next = nil
	q.size--
	q.busy++
	return b
}

// release gives b back when its errands are somebody else's.
func (b *batch) release() {
	clear(b.list[:b.n])
	b.n = 0
	spare.Put(b)
}
