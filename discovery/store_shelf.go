package discovery

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// A shelf holds the services of one owner, the host or a user.
type shelf struct {
	log      *slog.Logger
	groups   []netip.Addr // configured
	capacity int

	mu      sync.Mutex
	dynamic []*item // guarded by mu

	view atomic.Pointer[view] // what readers see; replaced under mu
}

// maxRootServices bounds what programs may publish for the host.
const maxRootServices = 1024

func newShelf(groups []netip.Addr, log *slog.Logger) *shelf {
	s := &shelf{log: log, groups: groups, capacity: maxRootServices}
	s.showLocked()
	return s
}

// showLocked makes the present state what readers see.
func (s *shelf) showLocked() {
	s.view.Store(newView(s.groups, slices.Clone(s.dynamic)))
}

// takenLocked reports whether id is offered in one of the groups.
func (s *shelf) takenLocked(id string, groups []netip.Addr) bool {
	v := s.view.Load()
	return slices.ContainsFunc(groups, func(g netip.Addr) bool { return v.find(g, id) != nil })
}
