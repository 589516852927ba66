package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"co2/discovery"
	"co2/methods"
	"co2/registry"
)

// poloService is what the relay is called by multicast.
const poloService = "co2-relay"

// A relayPolo tells the network of a relay, and of what programs on this host
// have it tell.
type relayPolo struct {
	store *discovery.Store
	polo  *discovery.Polo
	at    netip.AddrPort // of the relay's door
	port  uint16         // UDP
	guest *guest
}

// newRelayPolo makes the responder that advertises the relay at at, on those
// interfaces only where its door can be reached, and keeps the services of
// this host in state. What is wrong with a file of theirs is logged. socket is
// the one of another Polo, empty: where it usually is.
func newRelayPolo(at netip.AddrPort, scheme string, port uint16, socket, state string, log *slog.Logger) (*relayPolo, error) {
	store := discovery.NewStore(discovery.StoreConfig{Dir: filepath.Join(state, "services")}, log)
	relay := relayPublication(at, scheme)
	if _, err := store.Publish(thisProcess(), relay); err != nil {
		return nil, fmt.Errorf("publish %s: %w", poloService, err)
	}
	wake := make(chan struct{}, 1)
	polo := discovery.NewPolo(discovery.PoloConfig{
		Port: port, Interfaces: discovery.InterfacesWith(at.Addr()),
		Listen: discovery.ShareGroup, // another relay of this host answers for itself
		Changed: func(discovery.PoloStats) {
			select {
			case wake <- struct{}{}:
			default: // it is awake
			}
		},
	}, store, log)
	p := &relayPolo{store, polo, at, port, newGuest(relay, at.Addr(), polo, port, socket, wake, log)}
	p.reload(log) // only now: a file of the relay's id is no reason not to start, and does not count
	return p, nil
}

// reload reads the service files, and says in a word what came of it.
func (p *relayPolo) reload(log *slog.Logger) string {
	if p == nil {
		return "none"
	}
	if err := p.store.Reload(); err != nil {
		log.Warn("service files cannot be read; the relay is advertised without them, or with those read before", "code", "SERVE-SERVICES", "err", err)
		return "failed"
	}
	return "read"
}

// relayPublication is the service that a relay is.
func relayPublication(at netip.AddrPort, scheme string) discovery.Publication {
	return discovery.Publication{Service: poloService, Root: true, Params: map[string]any{
		"port": int(at.Port()), "path": "/RPC2", "scheme": scheme, "version": registry.Version,
	}}
}

// thisProcess is the account in whose name the relay publishes: what its own
// Polo tells is its own affair, whoever runs it.
func thisProcess() discovery.Account {
	return discovery.Account{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Privileged: true}
}

// methods are the polo.* methods, none without a Polo.
func (p *relayPolo) methods() []methods.Method {
	if p == nil {
		return nil
	}
	return p.store.Methods(thisProcess(), p.polo)
}

// services are what has to run.
func (p *relayPolo) services() []service {
	if p == nil {
		return nil
	}
	return []service{{"polo", p.polo.Run}, {"guest of another polo", p.guest.Run}}
}

// canAdvertise reports whether discovery can lead to at: it knows hosts by
// their IPv4 address only.
func canAdvertise(at netip.AddrPort) bool {
	return at.Addr().Unmap().Is4() || at.Addr().IsUnspecified()
}
