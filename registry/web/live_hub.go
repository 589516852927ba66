package web

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"slices"
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
	peer   netip.Prefix
	pieces chan []byte // closed if it was too slow
}

const (
	mostPieces = 16                     // that one watcher may be behind
	everyView  = time.Second            // how often a page is made
	everyStir  = 250 * time.Millisecond // and one that has been stirred
	// idleShare is how much longer than making pages took the hub rests: with
	// 40 it costs less than one fortieth of a core.
	idleShare = 40
	// peerShare is how long pages of one address are made in one round. Who
	// looks at many waits for them, and nobody else does.
	peerShare = everyView / idleShare
)

// join adds a watcher of v, or of the view of the same key that is there. How
// many there are is bounded by whoever lets streams flow.
func (h *hub) join(v *view, peer netip.Prefix, seen string) *watcher {
	h.mu.Lock()
	defer h.mu.Unlock()
	if old := h.views[v.key]; old != nil {
		v = old
	}
	h.views[v.key] = v
	w := &watcher{view: v, peer: peer, pieces: make(chan []byte, mostPieces)}
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
	return w
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
// time for them, those that change with time. Each address has a share of it;
// what that leaves over is made at a later one. It returns how long the hub
// should rest.
func (h *hub) round(l *loop, stirred stirs, timed bool) time.Duration {
	began := time.Now()
	spent := map[netip.Prefix]time.Duration{}
	for _, v := range h.due(stirred, timed) {
		since := time.Now()
		peer, ok := h.payer(v, spent)
		if !ok {
			continue
		}
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
		v.late, v.made = false, since
		h.mu.Unlock()
		spent[peer] += time.Since(since)
	}
	return idleShare * time.Since(began)
}

// due are the pages to be made in a round, those that have waited longest
// first. Until they are made they are late.
func (h *hub) due(stirred stirs, timed bool) []*view {
	h.mu.Lock()
	defer h.mu.Unlock()
	var due []*view
	for _, v := range h.views {
		switch {
		case v.lines == nil, v.stirredBy&stirred != 0, timed && (v.stirredBy == 0 || v.late):
			v.late = true
			due = append(due, v)
		}
	}
	slices.SortFunc(due, func(a, b *view) int { return a.made.Compare(b.made) })
	return due
}

// payer is the address that has spent least of those that watch v, if it may
// spend more. A page that is new is always made.
func (h *hub) payer(v *view, spent map[netip.Prefix]time.Duration) (peer netip.Prefix, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range v.watchers {
		if !ok || spent[w.peer] < spent[peer] {
			peer, ok = w.peer, true
		}
	}
	return peer, v.lines == nil || ok && spent[peer] < peerShare
}
