package satellite

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

func TestOwnAddr(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.2:0": "127.0.0.2", "[::1]:2004": "::1", "192.0.2.7:2004": "192.0.2.7",
		"": "", ":2004": "", "0.0.0.0:2004": "", "[::]:0": "", "localhost:0": "", "224.0.0.1:1": "", "nonsense": "",
	} {
		want, _ := netip.ParseAddr(want)
		if got := (Config{Listen: listen}).ownAddr(); got != want {
			t.Errorf("ownAddr of %q = %v, want %v", listen, got, want)
		}
	}
}

func TestDialFrom(t *testing.T) {
	if dialFrom(netip.Addr{}) != nil {
		t.Error("dialFrom of no address = a dialler of its own, want the plain one")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ own, from string }{
		{"127.0.0.2", "127.0.0.2"},
		{"192.0.2.123", "127.0.0.1"}, // none of ours: the system chooses
		{"::1", "127.0.0.1"},         // no way from there
	} {
		conn, err := dialFrom(netip.MustParseAddr(test.own))(context.Background(), "tcp", ln.Addr().String())
		if err != nil {
			t.Errorf("dial from %s = %v", test.own, err)
			continue
		}
		if from := netip.MustParseAddrPort(conn.LocalAddr().String()).Addr().String(); from != test.from {
			t.Errorf("dial from %s came from %s, want %s", test.own, from, test.from)
		}
		conn.Close()
	}
	ln.Close()
	if _, err := dialFrom(netip.MustParseAddr("127.0.0.2"))(context.Background(), "tcp", ln.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial where nobody listens = %v, want refused", err)
	}
}
