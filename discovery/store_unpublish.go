package discovery

import (
	"net/netip"
	"slices"
)

// A Withdrawal asks for a service not to be offered any longer.
type Withdrawal struct {
	Service string   // the id as Marcos ask for it
	Groups  []string // as in [Publication]; none means wherever it is offered
	// DeleteFile takes the groups out of the file of a static service, too,
	// and removes a file that is left without groups or never named any.
	// Otherwise the service comes back with a reload or a change of the file.
	DeleteFile bool
}

// Unpublish stops offering a service, in all of the groups or, with an error,
// in none. Root services may be unpublished by privileged users and by whom
// they are of, users' services by privileged users and the user. What it
// refuses, it refuses with a [*Refusal].
func (s *Store) Unpublish(who Account, w Withdrawal) error {
	groups, err := s.parseGroups(w.Groups, func(text string) error {
		return refuse("The group %s is not available", cut(text))
	})
	if err != nil {
		return err
	}
	u := unpublishing{who: who, id: w.Service, groups: groups, all: len(w.Groups) == 0, deleteFile: w.DeleteFile}
	return s.onShelf(who, w.Service, func(shelf *shelf, id string) error {
		u.id = id
		return shelf.unpublishLocked(u)
	})
}

// onShelf calls fn, which may change it, with the shelf that a full id is of
// and the id there.
func (s *Store) onShelf(who Account, full string, fn func(shelf *shelf, id string) error) error {
	user, id, ok := s.ids.split(full)
	if !ok {
		s.root.mu.Lock()
		defer s.root.mu.Unlock()
		return fn(s.root, full)
	}
	if !who.Privileged && who.Name != user {
		return errDenied
	}
	return s.homes.change(user, func(h *home) error { return fn(&h.shelf, id) })
}

// errNotFound is the refusal of what is about an unknown service, and errDenied
// that of what is not for everybody.
var (
	errNotFound = refuse("Could not find service")
	errDenied   = refuse("Permission denied")
)

type unpublishing struct {
	who        Account
	id         string // within the shelf
	groups     []netip.Addr
	all        bool // groups were not named
	deleteFile bool
}

func (s *shelf) unpublishLocked(u unpublishing) error {
	wasStatic := s.staticLocked(u.id) != nil
	s.refreshLocked()
	static := s.staticLocked(u.id)
	if u.deleteFile && wasStatic && static == nil {
		return errNoFile
	}
	v := s.view.Load()
	var offered, fromFile []netip.Addr
	for _, g := range u.groups {
		if it := v.find(g, u.id); it != nil {
			offered = append(offered, g)
			if it.file != nil {
				fromFile = append(fromFile, g)
			}
		}
	}
	if err := s.mayUnpublish(u, v, offered, static); err != nil {
		return err
	}
	if u.deleteFile && static != nil && (len(fromFile) > 0 || len(offered) == 0) {
		if err := s.deleteLocked(static, u.groups); err != nil {
			return err
		}
	} else if len(fromFile) > 0 {
		h := s.hidden[u.id]
		s.hidden[u.id] = hiding{slices.Concat(h.groups, fromFile), static.file.info}
	}
	s.withdrawLocked(u.id, except(offered, fromFile))
	s.showLocked()
	return nil
}

// mayUnpublish refuses what is not offered, except to take groups out of the
// file of it, and what is not the user's.
func (s *shelf) mayUnpublish(u unpublishing, v *view, offered []netip.Addr, static *item) error {
	switch {
	case len(offered) == 0 && !(u.deleteFile && static.isFor(u.groups)):
		return errNotFound
	case len(offered) > 0 && len(offered) < len(u.groups) && s.owner != "" && !u.all:
		return errNotFound // the original is as strict with services of users, and only with them
	case s.owner != "" || u.who.Privileged:
		return nil // whose shelf it is was checked
	case static != nil && u.deleteFile && static.publisher != u.who.UID:
		return errDenied
	}
	for _, g := range offered {
		if v.find(g, u.id).publisher != u.who.UID {
			return errDenied
		}
	}
	return nil
}

// isFor reports whether there is such a service in a file, for one of groups.
// One that is switched off, or unpublished until a reload, counts.
func (it *item) isFor(groups []netip.Addr) bool {
	return it != nil && slices.ContainsFunc(it.groups, func(g netip.Addr) bool { return slices.Contains(groups, g) })
}

// deleteLocked takes groups out of the file of a static service. Where that
// leaves no file, but groups that were not to be left, it goes on there as a
// dynamic one.
func (s *shelf) deleteLocked(static *item, groups []netip.Addr) error {
	h := s.hidden[static.ID]
	left, err := s.takeLocked(static, groups)
	if err != nil || left != nil {
		return err
	}
	rest := static.without(slices.Concat(groups, h.groups))
	if !rest.disabled {
		s.addLocked(rest)
	}
	return nil
}

// withdrawLocked takes groups from the dynamic services with the id.
func (s *shelf) withdrawLocked(id string, groups []netip.Addr) {
	var left []*item
	for _, it := range s.dynamic {
		if it.ID == id {
			it = it.without(groups)
			it.wish = texts(it.groups)
		}
		if len(it.groups) > 0 {
			left = append(left, it)
		}
	}
	s.dynamic = left
}
