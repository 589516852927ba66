package discovery

import (
	"errors"
	"net"
	"net/netip"
	"slices"
)

var errNoInterface = errors.New("no network interface to use")

// An Interface is a network interface with its IPv4 addresses.
type Interface struct {
	net.Interface
	Prefixes []netip.Prefix // each an address with the length of its network
}

// Loopback returns the interface on which only this host is heard.
func Loopback() ([]Interface, error) {
	return interfacesWhere(func(i Interface) bool { return i.Flags&net.FlagLoopback != 0 })
}

// AllInterfaces returns the interfaces that are up, have an IPv4 address, and
// are loopback or capable of multicast.
func AllInterfaces() ([]Interface, error) { return interfacesWhere(usable) }

// NamedInterfaces returns a function that returns those of [AllInterfaces]
// that have one of the names. It is no error if none has: it may come yet.
func NamedInterfaces(names ...string) func() ([]Interface, error) {
	return chosen(func(i Interface) bool { return slices.Contains(names, i.Name) })
}

// InterfacesWith returns a function that returns those of [AllInterfaces] on
// which a listener bound to addr can be reached: all for the unspecified
// address, loopback for its addresses, and else those that have addr. It is no
// error if there is none: it may come yet.
func InterfacesWith(addr netip.Addr) func() ([]Interface, error) {
	addr = addr.Unmap()
	return chosen(func(i Interface) bool {
		return addr.IsUnspecified() || slices.ContainsFunc(i.Prefixes, func(p netip.Prefix) bool {
			return p.Addr() == addr || p.Addr().IsLoopback() && addr.IsLoopback()
		})
	})
}

func chosen(use func(Interface) bool) func() ([]Interface, error) {
	return func() ([]Interface, error) {
		on, err := interfacesWhere(func(i Interface) bool { return usable(i) && use(i) })
		if errors.Is(err, errNoInterface) {
			return nil, nil
		}
		return on, err
	}
}

func usable(i Interface) bool {
	return i.Flags&net.FlagUp != 0 && i.Flags&(net.FlagMulticast|net.FlagLoopback) != 0 && len(i.Prefixes) > 0
}

func interfacesWhere(use func(Interface) bool) ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var chosen []Interface
	for _, plain := range all {
		if i := (Interface{plain, prefixesOf(plain)}); use(i) {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 {
		return nil, errNoInterface
	}
	return chosen, nil
}

// prefixesOf returns the IPv4 addresses of the interface with their networks'
// lengths, none if it is gone.
func prefixesOf(i net.Interface) []netip.Prefix {
	addrs, err := i.Addrs()
	if err != nil {
		return nil
	}
	return ipv4Prefixes(addrs)
}

func ipv4Prefixes(addrs []net.Addr) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err == nil && prefix.Addr().Is4() {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// source returns the address to send from on the interface, or the zero Addr to
// leave it to routing. For loopback the system would choose an address of
// another interface.
func (i Interface) source() netip.Addr {
	if len(i.Prefixes) == 0 {
		return netip.Addr{}
	}
	return i.Prefixes[0].Addr()
}
