package discovery_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// Section 10, D2: by unicast, too, only attached networks are answered, and
// this host itself, over whatever interface it reaches its own address.
func TestUnicastAnswersNeighboursAndItself(t *testing.T) {
	for _, c := range []struct {
		name, from string
		on         int
		want       int
	}{
		{"neighbour", askerAddr, lan.Index, 1},
		{"a stranger", "203.0.113.9", lan.Index, 0},
		{"a neighbour's address on another interface", askerAddr, 1, 0},
		{"itself over loopback", poloAddr, 1, 1},
		{"broadcast", "10.0.0.255", lan.Index, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				these := linked(lan)
				startPolo(t, &n, discovery.PoloConfig{Interfaces: these.list}, nil)
				before := len(n.sentBy(poloAddr))
				sendTo(&n, c.from, poloAddr, c.on, marcoRequest)
				got := len(slices.DeleteFunc(n.sentBy(poloAddr)[before:], func(d datagram) bool { return d.data == marcoRequest }))
				if got != c.want {
					t.Errorf("%d replies to %s on interface %d, want %d", got, c.from, c.on, c.want)
				}
			})
		})
	}
}

// A unicast address that another program has is told, and tried until it is
// free, while the group is heard.
func TestAddressTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			taken atomic.Bool
			lines bytes.Buffer
		)
		taken.Store(true)
		these := linked(lan)
		polo := startPolo(t, &n, discovery.PoloConfig{
			Interfaces: these.list,
			ListenUnicast: func(addr netip.AddrPort) (discovery.PacketConn, error) {
				if taken.Load() {
					return nil, errors.New("address already in use")
				}
				return n.listenUnicast(addr)
			},
		}, slog.New(slog.NewTextHandler(&lines, nil)))
		s := polo.Stats()
		if s.Trouble != nil || s.Unicast.Trouble == nil || s.Unicast.Interfaces[0].Joined || s.Unicast.Interfaces[0].Addr.String() != poloAddr {
			t.Errorf("Stats = %+v, want trouble with unicast alone", s)
		}
		later()
		taken.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := polo.Stats(); s.Unicast.Trouble != nil || !s.Unicast.Interfaces[0].Joined {
			t.Errorf("Stats = %+v, want unicast heard", s)
		}
		if got := ask(&n, netip.MustParseAddr(poloAddr), lan.Index, marcoRequest); len(got) != 1 {
			t.Errorf("%d replies by unicast, want 1", len(got))
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want 2:\n%s", got, lines.String())
		}
	})
}

func TestListenUnicastRefusesOthers(t *testing.T) {
	for _, addr := range []string{"224.0.0.112:1337", "[::1]:1337", "0.0.0.0:1337", "203.0.113.9:1337"} {
		if conn, err := discovery.ListenUnicast(netip.MustParseAddrPort(addr)); err == nil {
			conn.Close()
			t.Errorf("ListenUnicast(%s) = nil, want an error", addr)
		}
	}
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	taken := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if _, err := discovery.ListenUnicast(taken); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("ListenUnicast of a taken address = %v, want words on another program", err)
	}
}
