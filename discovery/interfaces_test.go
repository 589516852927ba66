package discovery_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// later lets a round of the Polo, which it makes every 3 s, pass.
func later() {
	time.Sleep(3 * time.Second)
	synctest.Wait()
}

// D18: interfaces are followed as they come, go and come again under another
// number, in every group and by unicast.
func TestInterfacesComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		these := linked(lan)
		p := startPolo(t, &n, discovery.PoloConfig{
			Groups: discovery.DefaultGroups(), Interfaces: these.list, Networks: anyone,
		}, nil)
		check := func(when string, i discovery.Interface, want int) {
			t.Helper()
			for _, group := range discovery.DefaultGroups() {
				if got := len(ask(&n, group, i.Index, marcoRequest)); got != want {
					t.Errorf("%s: %d replies in %s on %s, want %d", when, got, group, i.Name, want)
				}
			}
			addr := i.Prefixes[0].Addr().String()
			before := len(n.sentBy(addr))
			sendTo(&n, askerAddr, addr, i.Index, marcoRequest)
			if got := len(n.sentBy(addr)) - before; got != want {
				t.Errorf("%s: %d replies by unicast from %s, want %d", when, got, addr, want)
			}
		}
		check("at first", lan, 1)
		check("before it comes", wlan, 0)
		these.set(lan, wlan)
		later()
		check("when the other is there", lan, 1)
		check("when it is there", wlan, 1)
		these.set(lan)
		later()
		check("when the other is gone", lan, 1)
		check("when it is gone", wlan, 0)
		again := wlan
		again.Index += 7
		these.set(lan, again)
		later()
		check("when it is back", again, 1)
		these.set()
		later()
		check("when all are gone", lan, 0)
		if p.Stats().Trouble == nil {
			t.Error("Trouble = nil without interfaces")
		}
		these.set(lan)
		later()
		check("at last", lan, 1)
		if err := p.Stats().Trouble; err != nil {
			t.Errorf("Trouble = %v at last, want nil", err)
		}
	})
}

// Another address of an interface is heard by unicast, and its network
// answered, without anything being joined anew.
func TestAddressesChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		these := linked(lan)
		startPolo(t, &n, discovery.PoloConfig{Interfaces: these.list}, nil)
		if got := ask(&n, group112, lan.Index, marcoRequest); len(got) != 1 {
			t.Errorf("%d replies, want 1", len(got))
		}
		these.set(discovery.Interface{Interface: mem0, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.9.0.1/24")}})
		later()
		if got := ask(&n, group112, lan.Index, marcoRequest); len(got) != 0 {
			t.Errorf("%d replies to a network that is not attached any more, want none", len(got))
		}
		sendTo(&n, "10.9.0.5", "10.9.0.1", lan.Index, marcoRequest)
		sendTo(&n, askerAddr, poloAddr, lan.Index, marcoRequest)
		if got := len(n.sentBy("10.9.0.1")); got != 1 {
			t.Errorf("%d replies from the new address, want 1", got)
		}
	})
}

func TestInterfacesThatCannotBeListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			lines bytes.Buffer
			fails atomic.Bool
		)
		polo := startPolo(t, &n, discovery.PoloConfig{Networks: anyone, Interfaces: func() ([]discovery.Interface, error) {
			if fails.Load() {
				return nil, errors.New("out of memory")
			}
			return []discovery.Interface{lan}, nil
		}}, slog.New(slog.NewTextHandler(&lines, nil)))
		fails.Store(true)
		later()
		later()
		if err := polo.Stats().Trouble; err == nil || !strings.Contains(err.Error(), "out of memory") {
			t.Errorf("Trouble = %v, want that of the list", err)
		}
		if got := ask(&n, group112, lan.Index, marcoRequest); len(got) != 1 {
			t.Errorf("%d replies meanwhile, want 1: the interfaces known stay in use", len(got))
		}
		fails.Store(false)
		later()
		if err := polo.Stats().Trouble; err != nil {
			t.Errorf("Trouble = %v at last, want nil", err)
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want one of trouble and one of recovery:\n%s", got, lines.String())
		}
	})
}

func TestChoiceOfInterfaces(t *testing.T) {
	lo := loopback(t)
	for _, c := range []struct {
		name string
		list func() ([]discovery.Interface, error)
		want bool // whether loopback is among them
	}{
		{"Loopback", discovery.Loopback, true},
		{"AllInterfaces", discovery.AllInterfaces, true},
		{"named", discovery.NamedInterfaces("nosuch0", lo.Name), true},
		{"named, not there", discovery.NamedInterfaces("nosuch0"), false},
		{"with a loopback address", discovery.InterfacesWith(netip.MustParseAddr("127.0.0.53")), true},
		{"with any address", discovery.InterfacesWith(netip.IPv6Unspecified()), true},
		{"with a mapped address", discovery.InterfacesWith(netip.MustParseAddr("::ffff:127.0.0.1")), true},
		{"with an address of others", discovery.InterfacesWith(netip.MustParseAddr("203.0.113.9")), false},
	} {
		got, err := c.list()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		found := slices.IndexFunc(got, func(i discovery.Interface) bool { return i.Name == lo.Name })
		if found >= 0 != c.want {
			t.Errorf("%s = %v, want loopback: %t", c.name, got, c.want)
		}
		if found >= 0 && !slices.Contains(got[found].Prefixes, netip.MustParsePrefix("127.0.0.1/8")) {
			t.Errorf("%s: addresses of loopback are %v, want 127.0.0.1/8 too", c.name, got[found].Prefixes)
		}
	}
}

// Section 2.7: hops set the multicast time to live of the sockets.
func TestHops(t *testing.T) {
	for hops, want := range map[int]int{0: 1, 1: 1, 7: 7} {
		t.Run(fmt.Sprint(hops), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				startPolo(t, &n, discovery.PoloConfig{Hops: hops}, nil)
				if got := n.conns[0].hops; got != want {
					t.Errorf("the socket has %d hops, want %d", got, want)
				}
			})
		})
	}
}
