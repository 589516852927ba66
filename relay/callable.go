package relay

import (
	"context"
	"fmt"

	"co2/methods"
)

// Callable tells where a satellite may be called by hand: at the address it
// registered, under the rules for all addresses that are called, and not while
// it is paused. An unknown id, another address or a pause is a
// [*methods.RegistryError].
func (r *Relay) Callable(hostID string) (Callback, error) {
	s, ok := r.directory.Find(hostID)
	switch {
	case !ok:
		return Callback{}, notRegistered(hostID)
	case s.Paused:
		return Callback{}, &methods.RegistryError{Text: fmt.Sprintf("%s is paused and is not called; relay.resume ends that", s.HostID)}
	}
	return s.Callback, r.targets.check(s.Callback.Addr)
}

// pingNow has a satellite pinged besides its turn. It does not wait.
func (r *Relay) pingNow(_ context.Context, p hostParams) (string, error) {
	m := r.roster.member(p.HostID)
	if m == nil || !r.pinger.owns(p.HostID) {
		return "", &KeyError{p.HostID}
	}
	if _, err := r.Callable(p.HostID); err != nil {
		return "", err
	}
	r.deliveries.ping(m)
	return "OK", nil
}
