package discovery_test

import (
	"net/netip"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

func TestPoloAnswersOnlyNeighbours(t *testing.T) {
	lo := loopback(t)
	for _, c := range []struct {
		name     string
		from     string
		port     uint16
		on       int
		networks []netip.Prefix
		want     bool
	}{
		{"attached", "127.0.0.1", 40000, lo.Index, nil, true},
		{"attached, interface unknown", "127.9.9.9", 40000, 0, nil, true},
		{"not attached", "203.0.113.9", 40000, lo.Index, nil, false},
		{"not attached, interface unknown", "203.0.113.9", 40000, 0, nil, false},
		{"another interface", "127.0.0.1", 40000, lo.Index + 500, nil, false},
		{"another interface, anyone", "127.0.0.1", 40000, lo.Index + 500, anyone, false},
		{"anyone", "203.0.113.9", 40000, lo.Index, anyone, true},
		{"not allowed", "127.0.0.1", 40000, lo.Index, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, false},
		{"port 0", "127.0.0.1", 0, lo.Index, anyone, false},
		{"multicast", "224.0.0.112", 1337, lo.Index, anyone, false},
		{"broadcast", "255.255.255.255", 40000, lo.Index, anyone, false},
		{"broadcast of the network", "127.255.255.255", 40000, lo.Index, anyone, false},
		{"unspecified", "0.0.0.0", 40000, lo.Index, anyone, false},
		{"IPv6", "::1", 40000, lo.Index, anyone, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				conn := n.open(poloAddr, discovery.DefaultPort)
				polo := startPolo(t, &n, discovery.PoloConfig{
					Networks: c.networks, Interfaces: only(lo),
					Listen: func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
				}, nil)
				from := netip.AddrPortFrom(netip.MustParseAddr(c.from), c.port)
				conn.in <- datagram{data: `{"Command": "Marco"}`, from: from, to: discovery.Path{Interface: c.on}}
				synctest.Wait()
				if got := len(n.sentBy(poloAddr)) == 1; got != c.want {
					t.Errorf("answered %s on interface %d: %t, want %t", from, c.on, got, c.want)
				}
				if got := polo.Stats().Strangers == 0; got != c.want {
					t.Errorf("Stats = %+v", polo.Stats())
				}
			})
		})
	}
}
