package discovery_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// junk are datagrams of which the sixth and seventh are requests.
var junk = []string{
	"", "\x00", "{", "null", `{"Command":`, marcoRequest, requestFor("no"), strings.Repeat("[", 200),
	strings.Repeat("\xff", 1400), `{"Command": "` + strings.Repeat("x", 100) + `"}`,
	`{"Command": "Marco", "pad": "` + strings.Repeat("x", 5000) + `"}`, // D19, and what 2.1 has cut
	strings.Repeat(marcoRequest, 450),                                  // longer than what the original reads
}

// Section 10, D19: 100,000 junk datagrams, some of them oversized, each with a
// source of its own, cost no lasting memory and get few replies.
func TestJunkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = 100_000
		var n network
		conn := n.open(poloAddr, discovery.DefaultPort)
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen:   func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, nil)
		before := heap()
		requests := 0
		for i := range all {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 40000)
			conn.in <- datagram{data: junk[i%len(junk)], from: from, to: discovery.Path{Interface: mem0.Index}}
			if k := i % len(junk); k == 5 || k == 6 {
				requests++
			}
		}
		synctest.Wait()
		grown := int64(heap()) - int64(before)
		s := polo.Stats()
		t.Logf("%d datagrams: %d replies, %d sources remembered, heap grew by %d KB", all, s.Answered, s.Sources, grown>>10)
		if s.Sources != 1024 {
			t.Errorf("%d sources remembered, want 1024", s.Sources)
		}
		if sum := s.Answered + s.Malformed + s.Limited + s.Unknown; sum != all || s.Malformed != all-uint64(requests) {
			t.Errorf("Stats = %+v, want %d in all, %d malformed", s, all, all-requests)
		}
		if s.Answered+s.Unknown > 512 {
			t.Errorf("%d requests served in no time, want at most 512", s.Answered+s.Unknown)
		}
		if grown > 4<<20 {
			t.Errorf("heap grew by %d bytes, want at most 4 MiB", grown)
		}
		if got := askLater(&n, conn); got != 1 {
			t.Errorf("after the junk Polo sent %d replies to Marco, want 1", got)
		}
	})
}

// Section 10: with forged sources a Polo is of little use to attackers. Those
// of other networks get nothing; one victim gets 32 replies a second after the
// first 64; all victims of the attached network together get 512.
func TestForgedSources(t *testing.T) {
	const perSecond, seconds = 1000, 10
	for _, c := range []struct {
		name   string
		forged func(i int) string
		most   int
	}{
		{"strangers", func(i int) string { return fmt.Sprintf("203.0.%d.%d", i>>8&255, i&255) }, 0},
		{"one victim", func(int) string { return askerAddr }, 64 + 32*seconds},
		{"the whole network", func(i int) string { return fmt.Sprintf("10.0.0.%d", 8+i%240) }, 512 + 512*seconds},
		{"nobody at all", func(i int) string { return []string{"0.0.0.0", "255.255.255.255", "10.0.0.255", "224.0.0.112"}[i%4] }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				startPolo(t, &n, discovery.PoloConfig{Interfaces: linked(lan).list}, nil)
				for i := range perSecond * seconds {
					multicast(&n, c.forged(i), 40000, lan.Index, marcoRequest)
					time.Sleep(time.Second / perSecond)
				}
				got := len(n.sentBy(poloAddr))
				t.Logf("%d requests in %d s: %d replies", perSecond*seconds, seconds, got)
				if got > c.most || got < c.most*9/10 {
					t.Errorf("%d replies, want at most %d, and not much less", got, c.most)
				}
			})
		})
	}
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
