package main

import (
	"fmt"
	"log/slog"
	"net/netip"

	"co2/discovery"
	"co2/registry"
)

// poloService is what the relay is called by multicast.
const poloService = "co2-relay"

// newPolo makes the responder that advertises the relay at at, on those
// interfaces only where its door can be reached.
func newPolo(at netip.AddrPort, scheme string, port uint16, log *slog.Logger) (*discovery.Polo, error) {
	store := discovery.NewStore(discovery.StoreConfig{}, log)
	_, err := store.Publish(discovery.Account{Privileged: true}, discovery.Publication{
		Service: poloService, Root: true, Params: map[string]any{
			"port": int(at.Port()), "path": "/RPC2", "scheme": scheme, "version": registry.Version,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("publish %s: %w", poloService, err)
	}
	on := discovery.InterfacesWith(at.Addr())
	return discovery.NewPolo(discovery.PoloConfig{Port: port, Interfaces: on}, store, log), nil
}

// canAdvertise reports whether discovery can lead to at: it knows hosts by
// their IPv4 address only.
func canAdvertise(at netip.AddrPort) bool {
	return at.Addr().Unmap().Is4() || at.Addr().IsUnspecified()
}
