package relay

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A thinning keeps events that repeat out of the log: who is refused again
// and again tries again and again. Of one code and one satellite the first is
// logged at once, the others as a number every thinEvery.
type thinning struct {
	mu   sync.Mutex
	kept map[repeated]*repeats // guarded by mu
}

// repeated is what makes two events alike.
type repeated struct {
	code   Code
	hostID string
}

// repeats are the events since the last line in the log.
type repeats struct {
	n    int
	last Event
}

// thinEvery is the least time between two lines in the log that tell of the
// same kind of refusal of the same satellite.
const thinEvery = 10 * time.Second

func (ev Event) isRefusal() bool {
	return ev.Code == LimitSats || ev.Code == LimitQueue || ev.Code == LimitData
}

// keep reports whether ev is told later, as one of a number.
func (t *thinning) keep(ev Event) bool {
	if !ev.isRefusal() {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := repeated{ev.Code, ev.HostID}
	if r := t.kept[key]; r != nil {
		r.n++
		r.last = ev
		return true
	}
	t.kept[key] = &repeats{}
	return false
}

// take returns what was kept, as events to be logged, and forgets those that
// did not repeat.
func (t *thinning) take() []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []Event
	for key, r := range t.kept {
		if r.n == 0 {
			delete(t.kept, key)
			continue
		}
		r.last.Reason = fmt.Sprintf("%d more since the last line; the latest: %s", r.n, r.last.Reason)
		list = append(list, r.last)
		*r = repeats{}
	}
	return list
}

// run logs what is kept until ctx ends, and then the rest.
func (e *Events) run(ctx context.Context) {
	tick := time.NewTicker(thinEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		for _, ev := range e.thin.take() {
			e.write(ev)
		}
	}
}
