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
	"sync"
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

// A reading socket tells when it is first read, which is when the Polo has
// joined.
type reading struct {
	discovery.GroupConn
	once  sync.Once
	ready chan struct{}
}

func (r *reading) ReadFrom(p []byte) (int, discovery.Path, error) {
	r.once.Do(func() { close(r.ready) })
	return r.GroupConn.ReadFrom(p)
}

// freePort returns a UDP port that nobody on this host uses.
func freePort(t *testing.T) uint16 {
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
	port, ready := freePort(t), make(chan struct{})
	polo := discovery.NewPolo(discovery.PoloConfig{
		Groups: []netip.Addr{discovery.DefaultGroup()}, Port: port, Hostname: "polohost",
		Listen: func(group netip.AddrPort) (discovery.GroupConn, error) {
			conn, err := discovery.ListenGroup(group)
			return &reading{GroupConn: conn, ready: ready}, err
		},
	}, offered(t), nil)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- polo.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	select {
	case <-ready:
	case <-time.After(2 * time.Second):
	}
	if err := polo.Stats().Trouble; err != nil {
		missing(t, "multicast on loopback", err)
	}
	return port
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
