package main

import (
	"context"
	"sync"
	"sync/atomic"

	"co2/registry/web"
)

// How many changes may wait for all watchers, and for one.
const (
	feedBuffer  = 256
	watchBuffer = 64
)

// A feed tells watchers of changes. Who tells it something goes on at once,
// whatever the watchers do: one goroutine, Run, passes it on to all of them. It
// is safe for concurrent use.
type feed struct {
	changes chan web.Change
	lost    atomic.Int64 // by all, for Run was too slow
	count   atomic.Int64 // of watchers

	mu       sync.Mutex
	watchers map[*watcher]bool // guarded by mu
}

// A watcher is one reader of changes.
type watcher struct {
	changes chan web.Change
	lost    int // changes it was too slow for, since the last it got
}

func newFeed() *feed {
	return &feed{changes: make(chan web.Change, feedBuffer), watchers: map[*watcher]bool{}}
}

// watched reports whether there is anybody to tell.
func (f *feed) watched() bool { return f.count.Load() > 0 }

// tell passes a change on, or counts it as lost.
func (f *feed) tell(c web.Change) {
	select {
	case f.changes <- c:
	default:
		f.lost.Add(1)
	}
}

// Run passes changes on until ctx ends.
func (f *feed) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case c := <-f.changes:
			f.pass(c)
		}
	}
}

func (f *feed) pass(c web.Change) {
	lost := int(f.lost.Swap(0))
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers {
		w.lost += lost
		c.Lost = w.lost
		select {
		case w.changes <- c:
			w.lost = 0
		default:
			w.lost++
		}
	}
}

func (f *feed) watch() (<-chan web.Change, func()) {
	w := &watcher{changes: make(chan web.Change, watchBuffer)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[w] = true
	f.count.Add(1)
	return w.changes, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.watchers[w] {
			delete(f.watchers, w)
			f.count.Add(-1)
			close(w.changes)
		}
	}
}
