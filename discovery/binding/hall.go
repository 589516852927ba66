package binding

import (
	"sync"
	"time"
)

// A hall holds the connections of one door and bounds them. When it is full, a
// new one takes the place of the one that has waited longest without a whole
// request, so that whoever only keeps places keeps nobody out. A peer whose
// user is known competes with his own connections first.
type hall struct {
	most, mostOfOne int

	mu     sync.Mutex
	inside map[*session]state // guarded by mu
	closed bool               // guarded by mu: nobody comes in, who waits has been sent out
}

// state is what a session does.
type state struct {
	busy  bool      // a request is being answered
	since time.Time // when it last became idle
}

func newHall(most, mostOfOne int) *hall {
	return &hall{most: most, mostOfOne: mostOfOne, inside: make(map[*session]state)}
}

// enter reports whether there is room for s, which is idle then.
func (h *hall) enter(s *session, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	own := func(other *session) bool { return other.peer == s.peer }
	all := func(*session) bool { return true }
	if s.peer.known && h.countLocked(own) >= h.mostOfOne && !h.dismissLocked(own) {
		return false
	}
	if len(h.inside) >= h.most && !h.dismissLocked(all) {
		return false
	}
	h.inside[s] = state{since: now}
	return true
}

func (h *hall) countLocked(which func(*session) bool) (n int) {
	for s := range h.inside {
		if which(s) {
			n++
		}
	}
	return n
}

// dismissLocked sends out the one that has been idle longest.
func (h *hall) dismissLocked(which func(*session) bool) bool {
	var oldest *session
	for s, is := range h.inside {
		if which(s) && !is.busy && (oldest == nil || is.since.Before(h.inside[oldest].since)) {
			oldest = s
		}
	}
	if oldest == nil {
		return false
	}
	delete(h.inside, oldest)
	oldest.drop()
	return true
}

// begin reports whether s may answer the request it has: not if it was sent
// out meanwhile, for then its peer may have gone elsewhere with it.
func (h *hall) begin(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.inside[s]; !ok {
		return false
	}
	h.inside[s] = state{busy: true}
	return true
}

// end makes s idle again, and reports whether it may wait for another request.
func (h *hall) end(s *session, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.inside[s] = state{since: now}
	return true
}

func (h *hall) leave(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.inside, s)
}

// close sends out who waits. Who is busy leaves with the reply.
func (h *hall) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for h.dismissLocked(func(*session) bool { return true }) {
	}
}
