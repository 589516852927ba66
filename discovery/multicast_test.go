package discovery_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/discovery"
)

// missing skips the test, or fails it where everything must be there.
func missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// freePort returns a UDP port that nobody on this host uses.
func freePort(t testing.TB) uint16 {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// realPolo runs a Polo on loopback until the test ends and returns its port.
func realPolo(t *testing.T) uint16 {
	t.Helper()
	loopback(t)
	port, ready := freePort(t), make(chan struct{}, 10)
	polo := runPolo(t, discovery.PoloConfig{
		Groups: []netip.Addr{discovery.DefaultGroup()}, Port: port, Hostname: "polohost",
		Changed: func(discovery.PoloStats) { ready <- struct{}{} },
	})
	<-ready
	if err := polo.Stats().Trouble; err != nil {
		missing(t, "multicast on loopback", err)
	}
	return port
}

// runPolo runs a Polo on this host's network until the test ends.
func runPolo(t testing.TB, cfg discovery.PoloConfig) *discovery.Polo {
	t.Helper()
	polo := discovery.NewPolo(cfg, offered(t), nil)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- polo.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return polo
}

func TestMulticastOnLoopback(t *testing.T) {
	port := realPolo(t)
	for name, q := range map[string]discovery.Query{
		"on loopback":        {Interfaces: []net.Interface{loopback(t)}},
		"on every interface": {},
	} {
		t.Run(name, func(t *testing.T) {
			q.Service, q.Port, q.MaxNodes = "printer", port, 1
			q.Timeout, q.Retries = 5*time.Second, 9
			nodes, err := discovery.Find(t.Context(), q)
			if err != nil {
				missing(t, "multicast on loopback", err)
			}
			if len(nodes) != 1 || nodes[0].Addr != netip.MustParseAddr("127.0.0.1") || nodes[0].Params["color"] != true {
				t.Errorf("Find = %v, want the printer at 127.0.0.1", nodes)
			}
		})
	}
}

// D2: a real Polo hears unicast at the addresses of its interfaces, and a
// multicast request only once; answers leave from its port.
func TestUnicastOnLoopback(t *testing.T) {
	port := realPolo(t)
	asker, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer asker.Close()
	buf := make([]byte, discovery.MaxMessage)
	for request, want := range map[string]string{
		marcoRequest:         poloReply,
		requestFor("bare"):   `{"Command": "OK", "Params": {}}`,
		requestFor("absent"): "",
		"junk":               "",
	} {
		if _, err := asker.WriteTo([]byte(request), net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			continue // a later answer would come in its place
		}
		asker.SetReadDeadline(time.Now().Add(time.Minute))
		n, from, err := asker.ReadFrom(buf)
		if err != nil || string(buf[:n]) != want || from.(*net.UDPAddr).Port != int(port) {
			t.Errorf("answer to %s = %q from %v, %v, want %q from port %d", request, buf[:n], from, err, want, port)
		}
	}
}

// A flood over real sockets, by multicast and by unicast, does not end a Polo,
// nor its memory or its service to others (section 10).
func TestFloodOnLoopback(t *testing.T) {
	port := realPolo(t)
	before := heap()
	lo := loopback(t)
	flooder, err := discovery.OpenAsker()
	if err != nil {
		t.Fatal(err)
	}
	defer flooder.Close()
	for i := range 100_000 {
		to := discovery.Path{Peer: netip.AddrPortFrom(discovery.DefaultGroup(), port), Local: netip.MustParseAddr("127.0.0.2"), Interface: lo.Index}
		if i%2 == 0 {
			to.Peer = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
		}
		flooder.WriteTo([]byte(junk[i%len(junk)]), to) // a full socket loses it
	}
	var nodes []discovery.Node
	for deadline := time.Now().Add(time.Minute); len(nodes) == 0 && time.Now().Before(deadline); {
		if nodes, err = discovery.Find(t.Context(), discovery.Query{Service: "printer", Port: port, Interfaces: []net.Interface{lo}, MaxNodes: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if len(nodes) != 1 {
		t.Errorf("Find after the flood = %v, want the Polo", nodes)
	}
	grown := int64(heap()) - int64(before)
	t.Logf("heap grew by %d KB", grown>>10)
	if grown > 4<<20 {
		t.Errorf("heap grew by %d bytes, want at most 4 MiB", grown)
	}
}

// TestMulticastArrivesOnce also checks what the socket tells of the way.
func TestMulticastArrivesOnce(t *testing.T) {
	group, lo := netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t)), loopback(t)
	conn := joined(t, group, lo)
	other := joined(t, netip.AddrPortFrom(netip.MustParseAddr("224.0.0.113"), group.Port()), lo)
	asker, err := discovery.OpenAsker()
	if err != nil {
		t.Fatal(err)
	}
	defer asker.Close()
	to := discovery.Path{Peer: group, Local: netip.MustParseAddr("127.0.0.1"), Interface: lo.Index}
	if _, err := asker.WriteTo([]byte("hello"), to); err != nil {
		missing(t, "multicast on loopback", err)
	}
	buf := make([]byte, 10)
	conn.SetReadDeadline(time.Now().Add(2 * time.Second))
	n, path, err := conn.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "hello" || path.Peer.Addr() != to.Local || path.Local != group.Addr() || path.Interface != lo.Index {
		t.Fatalf("ReadFrom = %q, %+v, %v", buf[:n], path, err)
	}
	for _, c := range []discovery.GroupConn{conn, other} {
		c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, path, err := c.ReadFrom(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("ReadFrom = %q, %+v, %v, want nothing more", buf[:n], path, err)
		}
	}
}

func joined(t *testing.T, group netip.AddrPort, on net.Interface) discovery.GroupConn {
	t.Helper()
	conn, err := discovery.ListenGroup(group)
	if err != nil {
		missing(t, "listening to a group", err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Join(on); err != nil {
		missing(t, "joining on loopback", err)
	}
	return conn
}

func TestGroupIsNotShared(t *testing.T) {
	group := netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t))
	joined(t, group, loopback(t))
	if _, err := discovery.ListenGroup(group); !errors.Is(err, discovery.ErrGroupTaken) {
		t.Errorf("second ListenGroup = %v, want ErrGroupTaken", err)
	}
}

// Those who share a group each hear every request, and give it up to nobody
// who does not share.
func TestGroupIsShared(t *testing.T) {
	group, lo := netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t)), loopback(t)
	var conns []discovery.GroupConn
	for range 3 {
		conn, err := discovery.ShareGroup(group)
		if err != nil {
			missing(t, "sharing a group", err)
		}
		defer conn.Close()
		if err := conn.Join(lo); err != nil {
			missing(t, "joining on loopback", err)
		}
		conns = append(conns, conn)
	}
	if _, err := discovery.ListenGroup(group); !errors.Is(err, discovery.ErrGroupTaken) {
		t.Errorf("ListenGroup of a shared group = %v, want ErrGroupTaken", err)
	}
	asker, err := discovery.OpenAsker()
	if err != nil {
		t.Fatal(err)
	}
	defer asker.Close()
	to := discovery.Path{Peer: group, Local: netip.MustParseAddr("127.0.0.1"), Interface: lo.Index}
	if _, err := asker.WriteTo([]byte("hello"), to); err != nil {
		missing(t, "multicast on loopback", err)
	}
	buf := make([]byte, 10)
	for i, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if n, _, err := conn.ReadFrom(buf); err != nil || string(buf[:n]) != "hello" {
			t.Errorf("ReadFrom of socket %d = %q, %v", i, buf[:n], err)
		}
	}
}

func TestGroupIsNotSharedByOne(t *testing.T) {
	group := netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t))
	joined(t, group, loopback(t))
	if _, err := discovery.ShareGroup(group); !errors.Is(err, discovery.ErrGroupTaken) {
		t.Errorf("ShareGroup of a group that is not shared = %v, want ErrGroupTaken", err)
	}
}

func TestListenGroupRefusesOthers(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:1337", "[ff02::1]:1337", "0.0.0.0:1337"} {
		if conn, err := discovery.ListenGroup(netip.MustParseAddrPort(addr)); err == nil {
			conn.Close()
			t.Errorf("ListenGroup(%s) = nil, want an error", addr)
		}
	}
}

func TestJoinOnMissingInterface(t *testing.T) {
	conn, err := discovery.ListenGroup(netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t)))
	if err != nil {
		missing(t, "listening to a group", err)
	}
	defer conn.Close()
	if err := conn.Join(net.Interface{Index: 99999, Name: "gone0"}); err == nil {
		t.Error("Join on an interface that is gone = nil, want an error")
	}
}

// pythonMarco asks a group on loopback as a program of another make would.
const pythonMarco = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
s.settimeout(0.5)
for attempt in range(8):
    s.sendto(b'{"Command": "Marco"}', ("224.0.0.112", int(sys.argv[1])))
    try:
        data, peer = s.recvfrom(4096)
    except socket.timeout:
        continue
    print(peer[0], peer[1], data.decode("utf-8"))
    break
`

func TestPythonFindsPolo(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "python3", err)
	}
	port := strconv.Itoa(int(realPolo(t)))
	out, err := exec.CommandContext(t.Context(), python, "-c", pythonMarco, port).CombinedOutput()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, out)
	}
	t.Logf("python3 heard: %s", out)
	peer, reply, _ := strings.Cut(strings.TrimSpace(string(out)), " {")
	if peer != "127.0.0.1 "+port {
		t.Errorf("reply came from %q, want 127.0.0.1 %s", peer, port)
	}
	var message struct{ Command, Params any }
	if err := json.Unmarshal([]byte("{"+reply), &message); err != nil || message.Command != "Polo" {
		t.Errorf("reply = %s, %v, want a Polo", reply, err)
	}
}
