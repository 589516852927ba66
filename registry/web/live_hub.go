package web

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"
)

// A hub makes the pages that are looked at, again and again, while somebody
// does. It is safe for concurrent use. Its one goroutine runs while there is a
// watcher.
type hub struct {
	network Network
	pages   http.Handler // all of them
	now     func() time.Time
	epoch   string // of all ids; another one after a restart
	assets  string // where the pages' files are

	mu    sync.Mutex
	views map[string]*view // guarded by mu; those that have watchers
	loop  *loop            // guarded by mu; nil: nobody watches
}

func newHub(s Site, a *assets) *hub {
	return &hub{network: s.Network, now: s.now, epoch: rand.Text()[:8], assets: a.base, views: map[string]*view{}}
}

// A loop is one run of a hub's goroutine.
type loop struct {
	stop  chan struct{} // closed: nobody watches any more
	ended chan struct{}
	kick  chan struct{} // there is a new view
}

// A watcher is one reader of a view.
type watcher struct {
	view   *view
	pieces chan []byte // closed if it was too slow
}

const (
	mostViews  = 64                     // different pages at once
	mostPieces = 16                     // that one watcher may be behind
	everyView  = time.Second            // how often a page is made
	everyStir  = 250 * time.Millisecond // and one that has been stirred
	// idleShare is how much longer than making pages took the hub rests: with
	// 40 it costs less than one fortieth of a core.
	idleShare = 40
)

var errManyViews = errors.New("too many different pages are being kept up to date; come again later, or reload the page from time to time")

// join adds a watcher of v, or of the view of the same key that is there.
func (h *hub) join(v *view, seen string) (*watcher, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.views[v.key]; old != nil {
		v = old
	} else if len(h.views) >= mostViews {
		return nil, errManyViews
	}
	h.views[v.key] = v
	w := &watcher{view: v, pieces: make(chan []byte, mostPieces)}
	v.watchers[w] = true
	if h.loop == nil {
		h.loop = &loop{make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)}
		go h.run(h.loop)
	}
	if v.lines == nil {
		select {
		case h.loop.kick <- struct{}{}:
		default:
		}
	} else if seen != v.id(h) {
		w.pieces <- v.page(h)
	}
	return w, nil
}

// leave takes a watcher out. The last one waits for the goroutine.
func (h *hub) leave(w *watcher) {
	h.mu.Lock()
	delete(w.view.watchers, w)
	if len(w.view.watchers) == 0 && h.views[w.view.key] == w.view {
		delete(h.views, w.view.key)
	}
	last := h.loop
	if len(h.views) > 0 || last == nil {
		h.mu.Unlock()
		return
	}
	h.loop = nil
	h.mu.Unlock()
	close(last.stop)
	<-last.ended
}

// What stirs a page that changes with what happens, not with time.
type stirs uint8

const (
	stirsMessages stirs = 1 << iota
	stirsEvents
)

// run makes pages until nobody watches.
func (h *hub) run(l *loop) {
	defer close(l.ended)
	changes, stop := h.network.Watch()
	defer stop()
	var stirred stirs
	tick, stir := time.NewTimer(everyView), time.NewTimer(time.Hour)
	defer tick.Stop()
	defer stir.Stop()
	stir.Stop()
	waits := false // for stir
	rest := h.round(l, 0, false)
	for {
		select {
		case <-l.stop:
			return
		case c, ok := <-changes:
			if !ok {
				changes = nil
				continue
			}
			if stirred |= c.stirs(); !waits {
				stir.Reset(max(rest, everyStir))
				waits = true
			}
		case <-stir.C:
			rest = h.round(l, stirred, false)
			stirred, waits = 0, false
		case <-l.kick:
			rest = h.round(l, 0, false)
		case <-tick.C:
			rest = h.round(l, stirred, true)
			tick.Reset(max(rest, everyView))
		}
	}
}

// stirs are the pages that a change is on.
func (c Change) stirs() stirs {
	var s stirs
	if c.Message != nil || c.Lost > 0 {
		s |= stirsMessages
	}
	if c.Event != nil || c.Lost > 0 {
		s |= stirsEvents
	}
	return s
}

// round makes the pages that are new, those that were stirred, and, if it is
// time for them, those that change with time. It returns how long the hub
// should rest.
func (h *hub) round(l *loop, stirred stirs, timed bool) time.Duration {
	began := time.Now()
	for _, v := range h.due(stirred, timed) {
		text, ok := v.text(h.pages)
		lines := linesOf(text)
		points := v.points(h.network, lines)
		h.mu.Lock()
		switch {
		case h.loop != l: // nobody watches any more
		case ok:
			v.publish(h, lines, points)
		default:
			v.giveUp()
		}
		h.mu.Unlock()
	}
	return idleShare * time.Since(began)
}

func (h *hub) due(stirred stirs, timed bool) []*view {
	h.mu.Lock()
	defer h.mu.Unlock()
	var due []*view
	for _, v := range h.views {
		switch {
		case v.lines == nil, v.stirredBy&stirred != 0, timed && v.stirredBy == 0:
			due = append(due, v)
		}
	}
	return due
}
