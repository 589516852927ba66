package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// maxAddrs is how many addresses of one named node are asked.
const maxAddrs = 8

// A route is where the requests of a query go, and who may answer.
type route struct {
	ways  []way
	later []way        // besides, in the second half of the time
	hosts []netip.Addr // the only ones that may; none: anyone
}

// A way is where one datagram of a request goes.
type way struct {
	path Path
	name string // for people
}

// route finds the ways to the groups of q, or to its node.
func (q Query) route(ctx context.Context) (route, error) {
	if q.Node == "" {
		ways, err := q.toGroups()
		return route{ways: ways}, err
	}
	hosts, err := q.hosts(ctx)
	if err != nil {
		return route{}, err
	}
	r := route{hosts: hosts}
	for _, host := range hosts { // interface and source are left to routing
		r.ways = append(r.ways, way{Path{Peer: netip.AddrPortFrom(host, q.Port)}, host.String()})
	}
	if q.Command != CommandServices {
		r.later, _ = q.toGroups() // without an interface for it there is unicast
	}
	return r, nil
}

func (q Query) toGroups() ([]way, error) {
	on, err := q.interfaces()
	if err != nil {
		return nil, err
	}
	var ways []way
	for _, i := range on {
		for _, group := range q.Groups {
			path := Path{Peer: netip.AddrPortFrom(group, q.Port), Local: i.source(), Interface: i.Index}
			ways = append(ways, way{path, group.String() + " on " + i.Name})
		}
	}
	return ways, nil
}

// interfaces returns where to ask, with their addresses.
func (q Query) interfaces() ([]Interface, error) {
	if len(q.Interfaces) == 0 {
		return AllInterfaces()
	}
	on := make([]Interface, len(q.Interfaces))
	for n, plain := range q.Interfaces {
		on[n] = Interface{plain, prefixesOf(plain)}
	}
	return on, nil
}

// hosts returns the addresses of q.Node, at least one.
func (q Query) hosts(ctx context.Context) ([]netip.Addr, error) {
	addrs := []netip.Addr{}
	if addr, err := netip.ParseAddr(q.Node); err == nil {
		addrs = append(addrs, addr)
	} else {
		ctx, stop := context.WithTimeout(ctx, q.Timeout)
		defer stop()
		if addrs, err = q.LookUp(ctx, q.Node); err != nil {
			return nil, fmt.Errorf("look up node %.100q: %w", q.Node, err)
		}
	}
	for i, a := range addrs {
		addrs[i] = a.Unmap()
	}
	addrs = slices.DeleteFunc(addrs, func(a netip.Addr) bool { return !isHost(a) })
	if len(addrs) == 0 {
		return nil, fmt.Errorf("node %.100q is not a host with an IPv4 address", q.Node)
	}
	return addrs[:min(len(addrs), maxAddrs)], nil
}

// isHost reports whether addr may be a single IPv4 host.
func isHost(addr netip.Addr) bool {
	return addr.Is4() && !addr.IsUnspecified() && !addr.IsMulticast() && addr != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// lookUp asks the system's resolver.
func lookUp(ctx context.Context, name string) ([]netip.Addr, error) {
	if len(name) > 253 || strings.ContainsAny(name, "\x00 \n\r\t") {
		return nil, errors.New("is not a host name")
	}
	return net.DefaultResolver.LookupNetIP(ctx, "ip4", name)
}
