package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"co2/discovery"
	"co2/methods/wire"
	"co2/satellite"
)

// localRelay is the server that commands use when none is named and it
// answers.
const localRelay = "http://127.0.0.1:2003"

const (
	askTimeout    = 2 * time.Second // for the local relay to answer a ping
	lookupTimeout = time.Second     // for answers by multicast
)

// A lookup finds the relay of a command that names none: the one on this host
// if it answers, else the only one that answers by multicast.
type lookup struct {
	ask  func(ctx context.Context, url string) error // whether a relay answers there
	find func(ctx context.Context) ([]discovery.Node, error)
	own  func() []netip.Addr // addresses of this host, the one to prefer first
}

func newLookup(poloPort uint16) lookup {
	return lookup{ask: askRelay, own: ownAddrs, find: func(ctx context.Context) ([]discovery.Node, error) {
		return discovery.Find(ctx, discovery.Query{Service: poloService, Port: poloPort, Timeout: lookupTimeout, Retries: 2})
	}}
}

// A noRelayError says where there is none.
type noRelayError struct {
	local   error    // of the relay on this host
	find    error    // of the search, if it failed
	ignored []string // answers that make no address, in words
}

func (e *noRelayError) Error() string {
	byMulticast := fmt.Sprintf("and none answered by multicast within %v", lookupTimeout)
	switch {
	case e.find != nil:
		byMulticast = fmt.Sprintf("and none can be looked for by multicast: %v", e.find)
	case len(e.ignored) > 0:
		byMulticast = "and by multicast came only what makes no address: " + strings.Join(e.ignored, "; ")
	}
	return fmt.Sprintf("no relay found: %s does not answer (%v), %s. Start one with: co2 serve; or name one: --relay URL",
		localRelay, e.local, byMulticast)
}

// A severalRelaysError says that a person has to choose.
type severalRelaysError struct{ urls []string }

func (e *severalRelaysError) Error() string {
	return fmt.Sprintf("%d relays answer by multicast; name the one you mean:\n  --relay %s", len(e.urls), strings.Join(e.urls, "\n  --relay "))
}

// relay returns the URL of the relay to use, and whether it was found on the
// network. Without any the error is a *noRelayError, with several a
// *severalRelaysError.
func (l lookup) relay(ctx context.Context) (url string, found bool, err error) {
	local := l.ask(ctx, localRelay)
	if local == nil {
		return localRelay, false, nil
	}
	nodes, err := l.find(ctx)
	if ctx.Err() != nil {
		return "", false, ctx.Err()
	}
	urls, ignored := l.urls(ctx, nodes)
	switch {
	case len(urls) == 0:
		return "", false, &noRelayError{local, err, ignored}
	case len(urls) > 1:
		return "", false, &severalRelaysError{urls}
	}
	return urls[0], true, nil
}

// urls are the relays that answered, in an order that does not change, and
// what could not be used, in words. A relay that answered on several addresses
// of this host is one.
func (l lookup) urls(ctx context.Context, nodes []discovery.Node) (urls, ignored []string) {
	slices.SortFunc(nodes, func(a, b discovery.Node) int {
		return cmp.Or(boolCompare(b.Addr.IsLoopback(), a.Addr.IsLoopback()), a.Addr.Compare(b.Addr))
	})
	here := make(map[string]bool) // what the URLs of relays on this host have beside the address
	for _, n := range l.atDoors(ctx, nodes) {
		u, err := relayURL(n)
		if err != nil {
			ignored = append(ignored, fmt.Sprintf("%s: %v", n.Addr, err))
			continue
		}
		if l.isOwn(n.Addr) {
			rest := withoutAddr(u, n.Addr)
			if here[rest] {
				continue
			}
			here[rest] = true
		}
		urls = append(urls, u)
	}
	return urls, ignored
}

// atDoors returns the relays among nodes at addresses where their doors are.
// Only those of this host may be elsewhere: a Polo tells on all its addresses
// of a relay that listens on one.
func (l lookup) atDoors(ctx context.Context, nodes []discovery.Node) []discovery.Node {
	open := make(map[string][]netip.Addr) // of a relay on this host, by what its URLs have beside the address
	at := slices.Clone(nodes)
	for i, n := range at {
		u, err := relayURL(n)
		if err != nil || !l.isOwn(n.Addr) {
			continue
		}
		rest := withoutAddr(u, n.Addr)
		doors, known := open[rest]
		if !known {
			doors = l.doors(ctx, n)
			open[rest] = doors
		}
		if len(doors) > 0 && !slices.Contains(doors, n.Addr) {
			at[i].Addr = doors[0]
		}
	}
	seen := make(map[string]bool)
	return slices.DeleteFunc(at, func(n discovery.Node) bool {
		u, err := relayURL(n)
		again := err == nil && seen[u]
		seen[u] = true
		return again
	})
}

// doors are the addresses of this host at which that relay answers.
func (l lookup) doors(ctx context.Context, n discovery.Node) []netip.Addr {
	own := l.own()
	failed := make([]error, len(own))
	var asked sync.WaitGroup
	for i, addr := range own {
		n.Addr = addr
		u, err := relayURL(n)
		if failed[i] = err; err == nil {
			asked.Go(func() { failed[i] = l.ask(ctx, u) })
		}
	}
	asked.Wait()
	var doors []netip.Addr
	for i, addr := range own {
		if failed[i] == nil {
			doors = append(doors, addr)
		}
	}
	return doors
}

// withoutAddr is the URL of a relay on every address where it answers.
func withoutAddr(url string, addr netip.Addr) string {
	return strings.Replace(url, addr.String(), "", 1)
}

// isOwn reports whether addr is one of this host.
func (l lookup) isOwn(addr netip.Addr) bool {
	return addr.IsLoopback() || slices.Contains(l.own(), addr)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// askRelay reports why no relay answers at a URL. One that refuses the call,
// has no room now, or shows a certificate that is not trusted here, is there.
func askRelay(ctx context.Context, at string) error {
	control, err := satellite.NewControl(at)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	err = control.Ping(ctx)
	if _, fault := errors.AsType[*wire.Fault](err); fault {
		return nil
	}
	if _, stranger := errors.AsType[*tls.CertificateVerificationError](err); stranger {
		return nil
	}
	if refused, ok := errors.AsType[*wire.HTTPError](err); ok && refused.Status == http.StatusServiceUnavailable {
		return nil
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err // without the URL, which is told already
	}
	return err
}

// ownAddrs are the IPv4 addresses of this host, a loopback one first.
func ownAddrs() []netip.Addr {
	own := []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	addrs, _ := net.InterfaceAddrs() // without them, the loopback is known alone
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Is4() && !slices.Contains(own, prefix.Addr()) {
			own = append(own, prefix.Addr())
		}
	}
	return own
}

// isOwn reports whether addr is one of this host.
func isOwn(addr netip.Addr) bool {
	addrs, _ := net.InterfaceAddrs() // without them, the loopback is known alone
	return addr.IsLoopback() || slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(addr.AsSlice())
	})
}
