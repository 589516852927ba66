package discovery

import (
	"net"
	"net/netip"
	"slices"
)

// surroundings are the interfaces that a Polo uses, and whose requests it may
// answer there, since the source of a datagram may be forged and a reply is
// longer than its request. They are never changed, only replaced.
type surroundings struct {
	interfaces []Interface
	attached   map[int][]netip.Prefix // networks by index of the interface
	own        []netip.Addr           // addresses of the interfaces
}

func newSurroundings(on []Interface) *surroundings {
	s := &surroundings{interfaces: on, attached: make(map[int][]netip.Prefix)}
	for _, i := range on {
		s.attached[i.Index] = slices.Clone(i.Prefixes)
		if i.Flags&net.FlagLoopback != 0 {
			s.attached[i.Index] = append(s.attached[i.Index], ownAddresses()...)
		}
		for _, p := range i.Prefixes {
			s.own = append(s.own, p.Addr())
		}
	}
	return s
}

// admits reports whether a request that came by path may be answered: from
// the allowed networks, or from the attached ones if there are none. By
// unicast this host may ask itself, which it does over loopback whatever
// interface has the address.
func (s *surroundings) admits(path Path, allowed []netip.Prefix, unicast bool) bool {
	from := path.Peer.Addr()
	if path.Peer.Port() == 0 || !from.Is4() || from.IsUnspecified() || from.IsMulticast() ||
		from == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || s.broadcasts(from) {
		return false
	}
	self := unicast && slices.Contains(s.own, from)
	attached, used := s.networks(path.Interface)
	switch {
	case !used && !self:
		return false
	case len(allowed) > 0:
		return anyContains(allowed, from)
	default:
		return self || anyContains(attached, from)
	}
}

// networks returns the networks attached to the interface, to all interfaces
// for index 0, or false if requests are not taken there.
func (s *surroundings) networks(index int) ([]netip.Prefix, bool) {
	if index != 0 {
		attached, ok := s.attached[index]
		return attached, ok
	}
	var all []netip.Prefix
	for _, attached := range s.attached {
		all = append(all, attached...)
	}
	return all, true
}

func (s *surroundings) broadcasts(addr netip.Addr) bool {
	for _, i := range s.interfaces {
		if slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool { return addr == broadcast(p) }) {
			return true
		}
	}
	return false
}

func anyContains(networks []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// ownAddresses returns every address of this host as a network of one: over
// loopback a program may send from any of them.
func ownAddresses() []netip.Prefix {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	prefixes := ipv4Prefixes(addrs)
	for i, p := range prefixes {
		prefixes[i] = netip.PrefixFrom(p.Addr(), p.Addr().BitLen())
	}
	return prefixes
}

// broadcast returns the address of all hosts of an IPv4 network, or the zero
// Addr if the network has none.
func broadcast(network netip.Prefix) netip.Addr {
	if network.Bits() > 30 {
		return netip.Addr{}
	}
	last := network.Addr().As4()
	for bit := network.Bits(); bit < 32; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(last)
}
