package discovery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
	cfg.Hostname = "polohost"
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
	polo := discovery.NewPolo(cfg, offered(t), log)
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

func TestRateOfReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		polo := startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, nil)
		ask := func(from, command string, times int) (replies int) {
			before := len(n.sentBy(poloAddr))
			for range times {
				multicast(&n, from, 40000, mem0.Index, fmt.Sprintf(`{"Command": %q}`, command))
			}
			return len(n.sentBy(poloAddr)) - before
		}
		check := func(what string, got, want int) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %d replies, want %d", what, got, want)
			}
		}
		check("burst of one source", ask("10.0.0.1", "Marco", 100), 64)
		check("another source", ask("10.0.0.2", "Marco", 10), 10)
		time.Sleep(time.Second)
		check("a second later", ask("10.0.0.1", "Marco", 100), 32)
		check("Services", ask("10.0.0.3", "Services", 20), 8)
		time.Sleep(time.Minute)
		total := 0
		for i := range 600 {
			total += ask(fmt.Sprintf("10.1.%d.%d", i/200, i%200+1), "Marco", 1)
		}
		check("600 sources at once", total, 512)
		if s := polo.Stats(); s.Limited != 36+68+12+88 || s.Answered != 64+10+32+8+512 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

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

// troubled listens only from the third attempt on.
func troubled(n *network, attempts *[]time.Time) func(netip.AddrPort) (discovery.GroupConn, error) {
	return func(group netip.AddrPort) (discovery.GroupConn, error) {
		*attempts = append(*attempts, time.Now())
		if len(*attempts) < 3 {
			return nil, fmt.Errorf("listen to group: %w", discovery.ErrGroupTaken)
		}
		return n.listen(poloAddr)(group)
	}
}

func TestListeningIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n        network
			attempts []time.Time
			lines    bytes.Buffer
		)
		log := slog.New(slog.NewTextHandler(&lines, nil))
		polo := startPolo(t, &n, discovery.PoloConfig{Networks: anyone, Listen: troubled(&n, &attempts)}, log)
		if err := polo.Stats().Trouble; !errors.Is(err, discovery.ErrGroupTaken) {
			t.Errorf("Trouble = %v, want ErrGroupTaken", err)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if len(attempts) != 3 || attempts[1].Sub(attempts[0]) != 3*time.Second || attempts[2].Sub(attempts[1]) != 6*time.Second {
			t.Errorf("attempts at %v, want two more after 3 and 6 s", attempts)
		}
		if err := polo.Stats().Trouble; err != nil {
			t.Errorf("Trouble = %v, want nil", err)
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want one of trouble and one of recovery:\n%s", got, lines.String())
		}
		multicast(&n, askerAddr, 40000, mem0.Index, `{"Command": "Marco"}`)
		if got := len(n.sentBy(poloAddr)); got != 1 {
			t.Errorf("Polo sent %d replies, want 1", got)
		}
	})
}

func TestJoiningIsRetriedWhileAnswering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			lines bytes.Buffer
			joins atomic.Int32
			late  = net.Interface{Index: 1002, Name: "mem1"}
		)
		refuse := func(i net.Interface) error {
			if i.Index == late.Index && joins.Add(1) < 8 {
				return errors.New("no such device")
			}
			return nil
		}
		conn := n.open(poloAddr, discovery.DefaultPort)
		conn.group, conn.refuse = netip.AddrPortFrom(discovery.DefaultGroup(), discovery.DefaultPort), refuse
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone, Interfaces: only(mem0, late),
			Listen: func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, slog.New(slog.NewTextHandler(&lines, nil)))
		ask := func(on net.Interface) int {
			before := len(n.sentBy(poloAddr))
			multicast(&n, askerAddr, 40000, on.Index, `{"Command": "Marco"}`)
			return len(n.sentBy(poloAddr)) - before
		}
		if a, b := ask(mem0), ask(late); a != 1 || b != 0 {
			t.Errorf("with one interface missing: %d and %d replies, want 1 and 0", a, b)
		}
		time.Sleep((3 + 6 + 12 + 24 + 48 + 60 + 1) * time.Second)
		synctest.Wait()
		if joins.Load() != 7 || polo.Stats().Trouble == nil {
			t.Errorf("%d joins, trouble %v, want 7 with trouble", joins.Load(), polo.Stats().Trouble)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if a, b := ask(mem0), ask(late); a != 1 || b != 1 || polo.Stats().Trouble != nil {
			t.Errorf("after recovery: %d and %d replies, trouble %v, want 1, 1, nil", a, b, polo.Stats().Trouble)
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want 2:\n%s", got, lines.String())
		}
	})
}

func TestSocketIsReopened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			conns []*memConn
		)
		startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen: func(group netip.AddrPort) (discovery.GroupConn, error) {
				c, err := n.listen(poloAddr)(group)
				conns = append(conns, c.(*memConn))
				return c, err
			},
		}, nil)
		conns[0].Close() // as if the network had failed
		time.Sleep(4 * time.Second)
		multicast(&n, askerAddr, 40000, mem0.Index, `{"Command": "Marco"}`)
		if got := len(n.sentBy(poloAddr)); got != 1 || len(conns) != 2 {
			t.Errorf("%d replies, %d sockets, want 1 reply from a second socket", got, len(conns))
		}
	})
}

func TestUnsendableReplyIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		conn := n.open(poloAddr, discovery.DefaultPort)
		conn.mute = errors.New("network is unreachable")
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen:   func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, nil)
		conn.in <- datagram{
			data: `{"Command": "Marco"}`, from: netip.MustParseAddrPort("10.9.9.9:40000"),
			to: discovery.Path{Interface: mem0.Index},
		}
		synctest.Wait()
		if s := polo.Stats(); s.Failed != 1 || s.Trouble != nil {
			t.Errorf("Stats = %+v, want one failed and no trouble", s)
		}
	})
}

func TestLogShowsDatagramsAtDebugOnly(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelDebug: 1, slog.LevelInfo: 0} {
		synctest.Test(t, func(t *testing.T) {
			var (
				n     network
				lines bytes.Buffer
			)
			log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: level}))
			startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, log)
			multicast(&n, askerAddr, 40000, mem0.Index, "\x1b[2J\nlevel=ERROR "+strings.Repeat("x", 3000))
			if got := strings.Count(lines.String(), "\n"); got != want || lines.Len() > 500 || strings.Contains(lines.String(), "\x1b") {
				t.Errorf("at %s: %q, want %d short, quoted lines", level, lines.String(), want)
			}
		})
	}
}

func TestRunRefusesWhatIsNoGroup(t *testing.T) {
	for _, group := range []string{"10.0.0.1", "ff02::1"} {
		polo := discovery.NewPolo(discovery.PoloConfig{Groups: []netip.Addr{netip.MustParseAddr(group)}}, offered(t), nil)
		if err := polo.Run(t.Context()); err == nil {
			t.Errorf("Run for group %s = nil, want an error", group)
		}
	}
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
