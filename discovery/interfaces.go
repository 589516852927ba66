package discovery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

var errNoInterface = errors.New("no network interface to use")

// loopback returns the interface on which only this host is heard.
func loopback() ([]net.Interface, error) {
	return interfacesWhere(func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
}

// askable returns the interfaces that are up, have an IPv4 address, and are
// loopback or capable of multicast.
func askable() ([]net.Interface, error) {
	return interfacesWhere(func(i net.Interface) bool {
		return i.Flags&net.FlagUp != 0 &&
			i.Flags&(net.FlagMulticast|net.FlagLoopback) != 0 &&
			len(prefixesOf(i)) > 0
	})
}

func interfacesWhere(use func(net.Interface) bool) ([]net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list network interfaces: %w", err)
	}
	chosen := slices.DeleteFunc(all, func(i net.Interface) bool { return !use(i) })
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

// sourceOn returns the address to send from on the interface, or the zero
// Addr to leave it to routing. For loopback the system would choose an address
// of another interface.
func sourceOn(i net.Interface) netip.Addr {
	if prefixes := prefixesOf(i); len(prefixes) > 0 {
		return prefixes[0].Addr()
	}
	return netip.Addr{}
}
