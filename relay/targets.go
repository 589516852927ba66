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
	id  string           // guarded by mu: the relay's own host id; empty: not known yet
}

// Listens tells the relay one of its own addresses, which it then refuses to
// call. Port 0 of an unspecified address is never one.
func (r *Relay) Listens(addr netip.AddrPort) {
	r.targets.mu.Lock()
	defer r.targets.mu.Unlock()
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	r.targets.own = append(r.targets.own, addr)
	if r.targets.id == "" {
		r.targets.id = reachableAt(addr).String()
	}
}

// self is the relay's own host id: the first address it was told to listen on.
// It stays the same as long as the relay runs.
func (t *targets) self() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.id == "" {
		return nowhere.String()
	}
	return t.id
}

// nowhere is the address of a relay without a listener.
var nowhere = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)

// reachableAt is addr as others would write it: in place of all addresses of
// this host the first that is not a loopback, IPv4 before IPv6, and the
// loopback when there is no other.
func reachableAt(addr netip.AddrPort) netip.AddrPort {
	if !addr.Addr().IsUnspecified() {
		return addr
	}
	found := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	addrs, _ := net.InterfaceAddrs() // without them it is the loopback
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || !n.IP.IsGlobalUnicast() {
			continue
		}
		ip, _ := netip.AddrFromSlice(n.IP)
		ip = ip.Unmap()
		if addr.Addr().Is4() && !ip.Is4() {
			continue // it does not listen there
		}
		if found.IsLoopback() || ip.Is4() && !found.Is4() {
			found = ip
		}
	}
	return netip.AddrPortFrom(found, addr.Port())
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
