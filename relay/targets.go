package relay

import (
	"fmt"
	"net"
	"net/netip"
	"sync"

	"co2/methods"
)

// targets decides which addresses may be called. A registry that calls back
// is a proxy for whoever registers (xmlrpc.md C1, C2).
type targets struct {
	mu  sync.Mutex
	own []netip.AddrPort // guarded by mu: where this relay listens
}

// Listens tells the relay one of its own addresses, which it then refuses to
// call. Port 0 of an unspecified address is never one.
func (r *Relay) Listens(addr netip.AddrPort) {
	r.targets.mu.Lock()
	defer r.targets.mu.Unlock()
	r.targets.own = append(r.targets.own, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()))
}

// metadata are the addresses at which clouds tell machines their secrets.
var metadata = [...]netip.Addr{netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("fd00:ec2::254")}

// check refuses addresses that must not be called.
func (t *targets) check(addr netip.AddrPort) error {
	ip := addr.Addr()
	refused := !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	for _, m := range metadata {
		refused = refused || ip.WithZone("") == m
	}
	if refused {
		return &methods.RegistryError{Text: fmt.Sprintf("satellites at %s are not called", ip)}
	}
	if t.isOwn(addr) {
		return &methods.RegistryError{Text: fmt.Sprintf("%s is this relay itself; give the port your satellite listens on", addr)}
	}
	return nil
}

func (t *targets) isOwn(addr netip.AddrPort) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, own := range t.own {
		if own == addr || own.Port() == addr.Port() && own.Addr().IsUnspecified() && isLocal(addr.Addr()) {
			return true
		}
	}
	return false
}

// isLocal reports whether ip is an address of this host.
func isLocal(ip netip.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip.AsSlice()) {
			return true
		}
	}
	return false
}
