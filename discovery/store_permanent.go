package discovery

import (
	"reflect"
	"slices"
)

// SetPermanent keeps a service that is offered in a file, or removes the file
// and goes on offering it until the Polo stops. Who may do so is as with
// [Store.Unpublish]. What it refuses, it refuses with a [*Refusal].
func (s *Store) SetPermanent(who Account, id string, permanent bool) error {
	return s.onShelf(who, id, func(shelf *shelf, id string) error {
		return shelf.setPermanentLocked(who, id, permanent)
	})
}

func (s *shelf) setPermanentLocked(who Account, id string, permanent bool) error {
	s.refreshLocked()
	var dynamic []*item
	var static *item
	for _, it := range s.view.Load().items {
		switch {
		case it.ID != id || it.disabled || len(it.groups) == 0:
			continue
		case s.owner == "" && !who.Privileged && it.publisher != who.UID:
			return errDenied
		case it.file != nil:
			static = it
		default:
			dynamic = append(dynamic, it)
		}
	}
	switch {
	case len(dynamic) == 0 && static == nil:
		return errNotFound
	case permanent && len(dynamic) > 0:
		return s.keepLocked(who, dynamic)
	case !permanent && static != nil:
		return s.forgetLocked(static)
	}
	return nil
}

// keepLocked writes one file for the dynamic services of one id, which may be
// of several groups.
func (s *shelf) keepLocked(who Account, dynamic []*item) error {
	whole := *dynamic[0]
	for _, it := range dynamic[1:] {
		if !reflect.DeepEqual(it.Params, whole.Params) {
			return s.refuseWrite(whole.ID) // a file has room for one
		}
		whole.groups = union(whole.groups, it.groups)
		whole.wish = texts(whole.groups)
	}
	if _, err := s.writeLocked(who, &whole); err != nil {
		return err
	}
	s.dynamic = slices.DeleteFunc(slices.Clone(s.dynamic), func(it *item) bool { return it.ID == whole.ID })
	s.showLocked()
	return nil
}

// forgetLocked makes a dynamic service of a static one, where it is visible.
func (s *shelf) forgetLocked(visible *item) error {
	if len(s.dynamic) >= s.capacity {
		return errTooManyServices
	}
	if err := s.removeLocked(s.staticLocked(visible.ID)); err != nil {
		return err
	}
	rest := *visible
	for _, it := range s.dynamic {
		if it.ID == rest.ID {
			rest.groups = except(rest.groups, it.groups)
		}
	}
	s.addLocked(&rest)
	s.showLocked()
	return nil
}

// addLocked adds a service to the dynamic ones, unless it is of no group.
func (s *shelf) addLocked(it *item) {
	if len(it.groups) > 0 {
		it.file, it.wish = nil, texts(it.groups)
		s.dynamic = append(slices.Clip(s.dynamic), it)
	}
}
