package door

import (
	"net/http"
	"net/netip"
	"sync"
)

// streams counts the answers that flow now. They may take part of the room
// alone, and one address half of that: whoever opens many must leave some to
// others. It is safe for concurrent use.
type streams struct {
	max int

	mu      sync.Mutex
	open    int                  // guarded by mu
	perPeer map[netip.Prefix]int // guarded by mu
}

var (
	errManyStreams       = waiting("too many live streams are open; come again later, or reload the page from time to time")
	errManyStreamsOfPeer = waiting("too many live streams are open from your address; close some, or reload the page from time to time")
)

// waiting refuses for want of room; the connection can go on.
func waiting(text string) *Refusal {
	return &Refusal{http.StatusServiceUnavailable, text, retryAfter, false}
}

// enter takes a place for a stream to a peer.
func (s *streams) enter(peer netip.Prefix) *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open >= s.max:
		return errManyStreams
	case s.perPeer[peer] >= (s.max+1)/2:
		return errManyStreamsOfPeer
	}
	s.open++
	s.perPeer[peer]++
	return nil
}

func (s *streams) leave(peer netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	if s.perPeer[peer]--; s.perPeer[peer] == 0 {
		delete(s.perPeer, peer)
	}
}

func (s *streams) used() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}
