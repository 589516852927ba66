package discovery

import (
	"net/netip"
	"slices"
)

// A Publication asks for a service to be offered.
type Publication struct {
	// Service is the id, of 1 to [MaxServiceID] code points; for a user's
	// service without the user.
	Service string
	// Params are told to everybody who asks, as in [Service].
	Params map[string]any
	// Groups are where it is offered, as text that [ParseGroup] takes; none
	// means all configured groups.
	Groups    []string
	Permanent bool // keep it in a file
	Root      bool // a service of the host; for privileged users
}

// fragmented is the reply size in bytes above which a reply may need more than
// one network packet, which MarcoPolo does not provide for.
const fragmented = 1400

// Publish offers a service and returns its id as Marcos ask for it. It happens
// in all groups or, with an error, in none. What it refuses, it refuses with a
// [*Refusal]; the checks and their order are the original's.
func (s *Store) Publish(who Account, p Publication) (id string, err error) {
	if err := s.checkName(who, p); err != nil {
		return "", err
	}
	groups, err := s.publishGroups(p.Groups)
	if err != nil {
		return "", err
	}
	it, err := newItem(Service{ID: p.Service, Params: p.Params})
	if err != nil {
		return "", refuse("The params of the service %s are invalid: %s", cut(p.Service), cutTo(160, err.Error()))
	}
	it.groups, it.wish, it.publisher = groups, p.Groups, who.UID
	if err := s.publishItem(who, it, p); err != nil {
		return "", err
	}
	if len(it.datagram) > fragmented {
		s.users.warn("replies for this service are larger than a network packet and may get lost", "code", "POLO-LARGE",
			"service", it.ID, "bytes", len(it.datagram))
	}
	if p.Root {
		return it.ID, nil
	}
	return who.Name + ":" + it.ID, nil
}

func (s *Store) publishItem(who Account, it *item, p Publication) error {
	switch {
	case !p.Root:
		return s.homes.changeOf(who, func(h *home) error { return h.publishLocked(who, it, p.Permanent) })
	case !who.Privileged:
		return errDenied
	}
	s.root.mu.Lock()
	defer s.root.mu.Unlock()
	return s.root.publishLocked(who, it, p.Permanent)
}

func (s *Store) checkName(who Account, p Publication) error {
	if p.Service == "" {
		return refuseName("", "Must be larger than 1")
	}
	if err := checkID(p.Service); err != nil {
		return refuseName(p.Service, err.Error())
	}
	switch {
	case p.Root && s.ids.match(p.Service):
		return refuseName(p.Service, "has the form of a user's service")
	case !p.Root && !s.ids.finds(who.Name, p.Service):
		return refuseName(p.Service, "could never be found, for user and name do not have the form of a user's service")
	}
	return nil
}

// publishGroups returns the groups that texts name, in the configured order.
func (s *Store) publishGroups(texts []string) ([]netip.Addr, error) {
	return s.parseGroups(texts, func(text string) error {
		return refuseGroup(text, "The instance is not a member of this group")
	})
}

func (s *Store) parseGroups(texts []string, foreign func(text string) error) ([]netip.Addr, error) {
	configured := *s.groups.Load()
	for _, text := range texts {
		group, err := ParseGroup(text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(configured, group) {
			return nil, foreign(text)
		}
	}
	groups, _ := offeredIn(configured, texts)
	return groups, nil
}

// errTooManyServices is the refusal of what would grow without bounds.
var errTooManyServices = refuse("Too many services")

func (s *shelf) publishLocked(who Account, it *item, permanent bool) error {
	s.refreshLocked()
	it.groups, _ = offeredIn(s.groups, it.wish) // they may have changed just now
	if s.takenLocked(it.ID, it.groups) {
		return s.refuseTaken(it.ID)
	}
	switch {
	case permanent:
		if _, err := s.writeLocked(who, it); err != nil {
			return err
		}
	case len(s.dynamic) >= s.capacity:
		return errTooManyServices
	default:
		s.dynamic = append(slices.Clip(s.dynamic), it)
	}
	s.showLocked()
	return nil
}

// takenLocked reports whether id is offered in one of the groups.
func (s *shelf) takenLocked(id string, groups []netip.Addr) bool {
	v := s.view.Load()
	return slices.ContainsFunc(groups, func(g netip.Addr) bool { return v.find(g, id) != nil })
}
