package discovery

import (
	"net/netip"
	"slices"
)

// A Withdrawal asks for a service not to be offered any longer.
type Withdrawal struct {
	Service    string   // the id as Marcos ask for it
	Groups     []string // as in [Publication]; none means wherever it is offered
	DeleteFile bool     // of a service in a file: change or remove that, too
}

// Unpublish stops offering a service, in all of the groups or, with an error,
// in none. What it refuses, it refuses with a [*Refusal].
func (s *Store) Unpublish(who Account, w Withdrawal) error {
	groups, err := s.parseGroups(w.Groups, func(text string) error {
		return refuse("The group %s is not available", cut(text))
	})
	if err != nil {
		return err
	}
	return s.root.unpublish(who, w.Service, groups)
}

func (s *shelf) unpublish(who Account, id string, groups []netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.takenLocked(id, groups) {
		return refuse("Could not find service")
	}
	var left []*item
	for _, e := range s.dynamic {
		if e.ID != id {
			left = append(left, e)
			continue
		}
		rest := *e
		rest.groups = slices.DeleteFunc(slices.Clone(e.groups), func(g netip.Addr) bool { return slices.Contains(groups, g) })
		if len(rest.groups) < len(e.groups) && !who.Privileged && who.UID != e.publisher {
			return refuse("Permission denied")
		}
		if len(rest.groups) > 0 {
			left = append(left, &rest)
		}
	}
	s.dynamic = left
	s.showLocked()
	return nil
}
