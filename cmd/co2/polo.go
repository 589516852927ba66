package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"co2/discovery"
	"co2/registry"
)

// poloService is what the relay is called by multicast.
const poloService = "co2-relay"

// newPolo makes the responder that advertises the relay at at, on those
// interfaces only where its door can be reached.
func newPolo(at netip.AddrPort, scheme string, port uint16, log *slog.Logger) (*discovery.Polo, error) {
	services := discovery.NewServices(log)
	err := services.Publish(discovery.Service{ID: poloService, Params: map[string]any{
		"port": int(at.Port()), "path": "/RPC2", "scheme": scheme, "version": registry.Version,
	}})
	if err != nil {
		return nil, fmt.Errorf("publish %s: %w", poloService, err)
	}
	interfaces, err := listeningOn(at.Addr())
	if err != nil {
		log.Warn("discovery: cannot list network interfaces, advertising on the loopback only", "err", err)
	}
	return discovery.NewPolo(discovery.PoloConfig{Port: port, Interfaces: interfaces}, services, log), nil
}

// canAdvertise reports whether discovery can lead to at: it knows hosts by
// their IPv4 address only.
func canAdvertise(at netip.AddrPort) bool {
	return at.Addr().Unmap().Is4() || at.Addr().IsUnspecified()
}

// listeningOn returns the interfaces that have the address, all of them for
// the unspecified one.
func listeningOn(ip netip.Addr) ([]net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var on []net.Interface
	for _, ifi := range all {
		addrs, err := ifi.Addrs()
		if err != nil || ifi.Flags&net.FlagUp == 0 || ifi.Flags&(net.FlagMulticast|net.FlagLoopback) == 0 {
			continue // discovery is not possible there
		}
		if ip.IsUnspecified() || hasAddr(addrs, ip) {
			on = append(on, ifi)
		}
	}
	return on, nil
}

// hasAddr reports whether ip is among addrs, or in a loopback network of them.
func hasAddr(addrs []net.Addr, ip netip.Addr) bool {
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if ok && (n.IP.Equal(ip.AsSlice()) || ip.IsLoopback() && n.IP.IsLoopback()) {
			return true
		}
	}
	return false
}
