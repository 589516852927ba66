package main

import (
	"slices"
	"sync"

	"co2/registry/web"
)

// Bounds of what is kept of events.
const (
	recentMost  = 200
	watchBuffer = 64 // changes that one watcher may be behind
)

// recentEvents are the latest events and those who watch for more. It is safe
// for concurrent use, and never blocks who adds.
type recentEvents struct {
	mu       sync.Mutex
	list     []web.Event       // guarded by mu; oldest first
	watchers map[*watcher]bool // guarded by mu
}

// A watcher is one reader of changes.
type watcher struct {
	changes chan web.Change
	lost    int
}

func newRecentEvents() *recentEvents { return &recentEvents{watchers: map[*watcher]bool{}} }

func (r *recentEvents) add(ev web.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == recentMost {
		r.list = append(r.list[:0], r.list[1:]...)
	}
	r.list = append(r.list, ev)
	for w := range r.watchers {
		select {
		case w.changes <- web.Change{Time: ev.Time, Event: &ev, Lost: w.lost}:
			w.lost = 0
		default:
			w.lost++
		}
	}
}

func (r *recentEvents) newestFirst() []web.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.list)
	slices.Reverse(list)
	return list
}

func (r *recentEvents) watch() (<-chan web.Change, func()) {
	w := &watcher{changes: make(chan web.Change, watchBuffer)}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers[w] = true
	return w.changes, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.watchers[w] {
			delete(r.watchers, w)
			close(w.changes)
		}
	}
}
