package discovery

import (
	"net"
	"net/netip"
	"slices"
	"time"
)

// addressAge is how long the addresses of interfaces are believed.
const addressAge = 10 * time.Second

// neighbours tells whose requests may be answered, since the source of a
// datagram may be forged and a reply is longer than its request. It is for one
// goroutine.
type neighbours struct {
	interfaces []Interface    // on which requests are taken
	allowed    []netip.Prefix // whose hosts are answered; none: the attached networks
	attached   map[int][]netip.Prefix
	read       time.Time // when attached was
}

// admits reports whether a request that came by path may be answered.
func (n *neighbours) admits(path Path, now time.Time) bool {
	from := path.Peer.Addr()
	if path.Peer.Port() == 0 || !from.Is4() || from.IsUnspecified() || from.IsMulticast() ||
		from == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return false
	}
	n.refresh(now)
	attached, ok := n.networks(path.Interface)
	if !ok || slices.ContainsFunc(attached, func(p netip.Prefix) bool { return from == broadcast(p) }) {
		return false
	}
	if len(n.allowed) > 0 {
		attached = n.allowed
	}
	return slices.ContainsFunc(attached, func(p netip.Prefix) bool { return p.Contains(from) })
}

// networks returns the networks attached to the interface, to all interfaces
// for index 0, or false if requests are not taken there.
func (n *neighbours) networks(index int) ([]netip.Prefix, bool) {
	if index != 0 {
		attached, ok := n.attached[index]
		return attached, ok
	}
	var all []netip.Prefix
	for _, attached := range n.attached {
		all = append(all, attached...)
	}
	return all, true
}

func (n *neighbours) refresh(now time.Time) {
	if n.attached != nil && now.Sub(n.read) < addressAge {
		return
	}
	n.attached, n.read = make(map[int][]netip.Prefix), now
	for _, i := range n.interfaces {
		n.attached[i.Index] = prefixesOf(i.Interface)
		if i.Flags&net.FlagLoopback != 0 {
			n.attached[i.Index] = append(n.attached[i.Index], ownAddresses()...)
		}
	}
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
