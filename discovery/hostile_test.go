package discovery_test

import (
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

func TestJunkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		conn := n.open(poloAddr, discovery.DefaultPort)
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen:   func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, nil)
		junk := []string{
			"", "\x00", "{", "null", `{"Command":`, `{"Command": "Marco"}`, `{"Command": "Request-For", "Params": "no"}`,
			strings.Repeat("[", 200), strings.Repeat("\xff", 1400), `{"Command": "` + strings.Repeat("x", 100) + `"}`,
		}
		before := heap()
		for i := range 100_000 {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 40000)
			conn.in <- datagram{data: junk[i%len(junk)], from: from, to: discovery.Path{Interface: mem0.Index}}
		}
		synctest.Wait()
		s := polo.Stats()
		if s.Sources != 1024 {
			t.Errorf("%d sources remembered, want 1024", s.Sources)
		}
		if all := s.Answered + s.Malformed + s.Limited + s.Unknown; all != 100_000 || s.Malformed != 80_000 {
			t.Errorf("Stats = %+v, want 100000 in all, 80000 malformed", s)
		}
		if s.Answered+s.Unknown > 512 {
			t.Errorf("%d requests served in no time, want at most 512", s.Answered+s.Unknown)
		}
		if after := heap(); after > before+4<<20 {
			t.Errorf("heap grew from %d to %d bytes, want at most 4 MiB more", before, after)
		}
		if got := askLater(&n, conn); got != 1 {
			t.Errorf("after the junk Polo sent %d replies to Marco, want 1", got)
		}
	})
}

func askLater(n *network, conn *memConn) int {
	time.Sleep(time.Minute)
	before := len(n.sentBy(poloAddr))
	conn.in <- datagram{
		data: `{"Command": "Marco"}`, from: netip.MustParseAddrPort("10.9.9.9:40000"),
		to: discovery.Path{Interface: mem0.Index},
	}
	synctest.Wait()
	return len(n.sentBy(poloAddr)) - before
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
