package discovery_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

var anyone = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}

const (
	poloAddr  = "10.0.0.7"
	askerAddr = "10.0.0.9"
)

// startPolo runs a Polo in the bubble until the test ends.
func startPolo(t *testing.T, net *network, cfg discovery.PoloConfig, log *slog.Logger) *discovery.Polo {
	t.Helper()
	return startOffering(t, net, cfg, offered(t), log)
}

// startOffering runs a Polo that offers offers.
func startOffering(t *testing.T, net *network, cfg discovery.PoloConfig, offers discovery.Offers, log *slog.Logger) *discovery.Polo {
	t.Helper()
	cfg.Hostname = cmp.Or(cfg.Hostname, "polohost")
	if cfg.Listen == nil {
		cfg.Listen = net.listen(poloAddr)
	}
	if cfg.ListenUnicast == nil {
		cfg.ListenUnicast = net.listenUnicast
	}
	if cfg.Interfaces == nil {
		cfg.Interfaces = only(mem0)
	}
	if cfg.Groups == nil {
		cfg.Groups = []netip.Addr{discovery.DefaultGroup()}
	}
	polo := discovery.NewPolo(cfg, offers, log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- polo.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
	synctest.Wait()
	return polo
}

// only returns the Interfaces of a Polo that uses these.
func only(plain ...net.Interface) func() ([]discovery.Interface, error) {
	return func() (on []discovery.Interface, err error) {
		for _, i := range plain {
			addrs, _ := i.Addrs()
			one := discovery.Interface{Interface: i}
			for _, a := range addrs {
				if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
					one.Prefixes = append(one.Prefixes, p)
				}
			}
			on = append(on, one)
		}
		return on, nil
	}
}

// lan and wlan are interfaces of a Polo's host, with addresses.
var (
	lan  = discovery.Interface{Interface: mem0, Prefixes: []netip.Prefix{netip.MustParsePrefix(poloAddr + "/24")}}
	wlan = discovery.Interface{
		Interface: net.Interface{Index: 1002, Name: "mem1"},
		Prefixes:  []netip.Prefix{netip.MustParsePrefix("192.168.5.7/16")},
	}
)

// links are the interfaces of a Polo's host as they come and go.
type links struct {
	now atomic.Pointer[[]discovery.Interface]
}

func linked(these ...discovery.Interface) *links {
	var l links
	l.set(these...)
	return &l
}

func (l *links) set(these ...discovery.Interface) { l.now.Store(&these) }

// list is the Interfaces of the Polo.
func (l *links) list() ([]discovery.Interface, error) { return *l.now.Load(), nil }

// sendTo sends a datagram to an address on an interface.
func sendTo(n *network, from, to string, on int, data string) {
	n.send(datagram{
		data: data, from: netip.AddrPortFrom(netip.MustParseAddr(from), 40000),
		to: discovery.Path{Peer: netip.AddrPortFrom(netip.MustParseAddr(to), discovery.DefaultPort), Interface: on},
	})
	synctest.Wait()
}

// ask sends a datagram to a group and returns the replies to it.
func ask(n *network, group netip.Addr, on int, request string) (replies []string) {
	before := len(n.sentBy(poloAddr))
	n.send(datagram{
		data: request, from: netip.MustParseAddrPort(askerAddr + ":40000"),
		to: discovery.Path{Peer: netip.AddrPortFrom(group, discovery.DefaultPort), Interface: on},
	})
	synctest.Wait()
	for _, d := range n.sentBy(poloAddr)[before:] {
		replies = append(replies, d.data)
	}
	return replies
}

const (
	marcoRequest    = `{"Command": "Marco"}`
	poloReply       = `{"Command":"Polo","Params":{"hostname":"polohost"}}`
	servicesRequest = `{"Command": "Services"}`
)

func requestFor(id string) string {
	return fmt.Sprintf(`{"Command": "Request-For", "Params": %q}`, id)
}

var group112, group113 = discovery.DefaultGroups()[0], discovery.DefaultGroups()[1]

// multicast sends a datagram to the default group.
func multicast(n *network, from string, port uint16, on int, data string) {
	group := netip.AddrPortFrom(discovery.DefaultGroup(), discovery.DefaultPort)
	n.send(datagram{
		data: data, from: netip.AddrPortFrom(netip.MustParseAddr(from), port),
		to: discovery.Path{Peer: group, Interface: on},
	})
	synctest.Wait()
}

// askPolo returns what a Polo sends after one datagram.
func askPolo(t *testing.T, request string) []datagram {
	var net network
	startPolo(t, &net, discovery.PoloConfig{Networks: anyone}, nil)
	multicast(&net, askerAddr, 40000, mem0.Index, request)
	return net.sentBy(poloAddr)
}

func TestReplyGoesToTheAsker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := askPolo(t, `{"Command": "Marco"}`)[0]
		if got.to != (discovery.Path{Peer: netip.MustParseAddrPort(askerAddr + ":40000")}) {
			t.Errorf("reply went to %+v, want the source of the request", got.to)
		}
		if got.from.Port() != discovery.DefaultPort {
			t.Errorf("reply came from port %d, want %d", got.from.Port(), discovery.DefaultPort)
		}
	})
}

func loopback(t testing.TB) net.Interface {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if addrs, _ := i.Addrs(); i.Flags&net.FlagLoopback != 0 && len(addrs) > 0 {
			return i
		}
	}
	missing(t, "loopback interface", errors.New("none with an address"))
	return net.Interface{}
}
