package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
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
	own  func(netip.Addr) bool // whether it is an address of this host
}

func newLookup(poloPort uint16) lookup {
	return lookup{ask: askRelay, own: isOwn, find: func(ctx context.Context) ([]discovery.Node, error) {
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
// of this host is one, at the first of them where its door is.
func (l lookup) urls(ctx context.Context, nodes []discovery.Node) (urls, ignored []string) {
	slices.SortFunc(nodes, func(a, b discovery.Node) int {
		return cmp.Or(boolCompare(b.Addr.IsLoopback(), a.Addr.IsLoopback()), a.Addr.Compare(b.Addr))
	})
	here := make(map[string]int) // of the URL of a relay on this host what it says beside the address, and its place
	for _, n := range nodes {
		u, err := relayURL(n)
		if err != nil {
			ignored = append(ignored, fmt.Sprintf("%s: %v", n.Addr, err))
			continue
		}
		if l.own(n.Addr) {
			rest := strings.Replace(u, n.Addr.String(), "", 1)
			if i, again := here[rest]; again {
				// A Polo may tell on all addresses of a relay that listens on one.
				if l.ask(ctx, urls[i]) != nil && l.ask(ctx, u) == nil {
					urls[i] = u
				}
				continue
			}
			here[rest] = len(urls)
		}
		urls = append(urls, u)
	}
	return urls, ignored
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
// or has no room now, is there.
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
	if refused, ok := errors.AsType[*wire.HTTPError](err); ok && refused.Status == http.StatusServiceUnavailable {
		return nil
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err // without the URL, which is told already
	}
	return err
}

// isOwn reports whether addr is one of this host.
func isOwn(addr netip.Addr) bool {
	addrs, _ := net.InterfaceAddrs() // without them, the loopback is known alone
	return addr.IsLoopback() || slices.ContainsFunc(addrs, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(addr.AsSlice())
	})
}
