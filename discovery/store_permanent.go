package discovery

// SetPermanent keeps a service that is offered in a file, or no longer. What it
// refuses, it refuses with a [*Refusal].
func (s *Store) SetPermanent(who Account, id string, permanent bool) error {
	e := s.root.view.Load().find(unicastGroup, id)
	switch {
	case e == nil:
		return refuse("Could not find service")
	case !who.Privileged && who.UID != e.publisher:
		return refuse("Permission denied")
	case permanent:
		return refuse("Could not write file")
	}
	return nil
}
