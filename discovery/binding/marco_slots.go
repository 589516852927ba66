package binding

import (
	"net/netip"
	"sync"
)

// slots bound the queries under way, in all and for each client, so that one
// that storms leaves room for the others.
type slots struct {
	all int

	mu    sync.Mutex
	taken int                    // guarded by mu
	of    map[netip.AddrPort]int // guarded by mu: how many of taken each client has
}

func newSlots(all int) *slots { return &slots{all: all, of: make(map[netip.AddrPort]int)} }

func (s *slots) take(client netip.AddrPort) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.all || s.of[client] >= marcoPerClient {
		return false
	}
	s.taken++
	s.of[client]++
	return true
}

func (s *slots) give(client netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.of[client]--; s.of[client] == 0 {
		delete(s.of, client)
	}
}
