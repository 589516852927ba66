package binding_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

// A lan is a network in memory with the Polos of a test on it.
type lan struct {
	polos []polo

	mu   sync.Mutex
	sent []asked // guarded by mu
	open int     // guarded by mu: sockets
	most int     // guarded by mu: sockets at one time
}

// A polo answers every request with the same datagrams.
type polo struct {
	addr    string
	group   string // that it hears; empty: unicast to it
	delay   time.Duration
	replies []string
}

// asked is a request that a Marco sent.
type asked struct {
	data string
	to   netip.AddrPort
	at   time.Time
}

func (l *lan) requests() []asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.sent)
}

// asker opens the socket of one query.
func (l *lan) asker() (discovery.PacketConn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
	l.most = max(l.most, l.open)
	return &asker{lan: l, in: make(chan heard, 10_000), closed: make(chan struct{})}, nil
}

// An asker is the [discovery.PacketConn] of one query.
type asker struct {
	lan      *lan
	in       chan heard
	closed   chan struct{}
	closing  sync.Once
	timers   []*time.Timer
	deadline time.Time
}

type heard struct {
	data string
	from netip.AddrPort
}

func (a *asker) WriteTo(p []byte, to discovery.Path) (int, error) {
	a.lan.mu.Lock()
	a.lan.sent = append(a.lan.sent, asked{string(p), to.Peer, time.Now()})
	a.lan.mu.Unlock()
	for _, polo := range a.lan.polos {
		if polo.group != to.Peer.Addr().String() && (polo.group != "" || polo.addr != to.Peer.Addr().String()) {
			continue
		}
		from := netip.AddrPortFrom(netip.MustParseAddr(polo.addr), discovery.DefaultPort)
		a.timers = append(a.timers, time.AfterFunc(polo.delay, func() {
			for _, reply := range polo.replies {
				select {
				case a.in <- heard{reply, from}:
				default: // a full socket loses datagrams
				}
			}
		}))
	}
	return len(p), nil
}

func (a *asker) ReadFrom(p []byte) (int, discovery.Path, error) {
	late := time.NewTimer(time.Until(a.deadline))
	defer late.Stop()
	select {
	case h := <-a.in:
		return copy(p, h.data), discovery.Path{Peer: h.from}, nil
	case <-late.C:
		return 0, discovery.Path{}, os.ErrDeadlineExceeded
	case <-a.closed:
		return 0, discovery.Path{}, net.ErrClosed
	}
}

func (a *asker) SetReadDeadline(t time.Time) error {
	a.deadline = t
	return nil
}

func (a *asker) Close() error {
	a.closing.Do(func() {
		close(a.closed)
		for _, t := range a.timers {
			t.Stop()
		}
		a.lan.mu.Lock()
		a.lan.open--
		a.lan.mu.Unlock()
	})
	return nil
}

// A local is the socket of a door in memory.
type local struct {
	in      chan heard
	closed  chan struct{}
	closing sync.Once

	mu   sync.Mutex
	sent []answer // guarded by mu
}

// An answer is what the door sent to a client.
type answer struct {
	data string
	to   netip.AddrPort
	at   time.Time
}

func (s *local) ReadFromUDPAddrPort(p []byte) (int, netip.AddrPort, error) {
	select {
	case h := <-s.in:
		return copy(p, h.data), h.from, nil
	case <-s.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (s *local) WriteToUDPAddrPort(p []byte, to netip.AddrPort) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, answer{string(p), to, time.Now()})
	return len(p), nil
}

func (s *local) Close() error {
	s.closing.Do(func() { close(s.closed) })
	return nil
}

func (s *local) answers() []answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// A marcoTest is a door on a network in memory.
type marcoTest struct {
	t    *testing.T
	door *binding.MarcoDoor
	sock *local
	lan  *lan
}

var client = netip.MustParseAddrPort("127.0.0.1:50000")

// startMarco runs a door in the bubble until the test ends.
func startMarco(t *testing.T, cfg binding.MarcoConfig, polos ...polo) *marcoTest {
	t.Helper()
	return startMarcoLogging(t, nil, cfg, polos...)
}

func startMarcoLogging(t *testing.T, log *slog.Logger, cfg binding.MarcoConfig, polos ...polo) *marcoTest {
	t.Helper()
	m := &marcoTest{t: t, sock: &local{in: make(chan heard), closed: make(chan struct{})}, lan: &lan{polos: polos}}
	cfg.Listen = func(netip.AddrPort) (binding.MarcoSocket, error) { return m.sock, nil }
	cfg.Query.Open = m.lan.asker
	cfg.Query.Interfaces = []net.Interface{{Index: 1001, Name: "mem0"}}
	m.door = binding.NewMarcoDoor(cfg, log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.door.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
	synctest.Wait()
	return m
}

func (m *marcoTest) send(request string, from netip.AddrPort) {
	m.sock.in <- heard{request, from}
	synctest.Wait()
}

// ask returns the answer to one request, and how long it took; "" is silence
// for longer than any client waits.
func (m *marcoTest) ask(request string) (string, time.Duration) {
	start, before := time.Now(), len(m.sock.answers())
	ignored := m.door.Stats().Ignored
	m.send(request, client)
	if m.door.Stats().Ignored > ignored && len(m.sock.answers()) == before {
		return "", 0 // no query is under way that could answer
	}
	for time.Since(start) < 3*time.Minute {
		if got := m.sock.answers()[before:]; len(got) > 0 {
			if len(got) > 1 || got[0].to != client {
				m.t.Errorf("to %.200q the door sent %+v, want one answer to %v", request, got, client)
			}
			return got[0].data, got[0].at.Sub(start)
		}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
	}
	return "", 0
}

// list returns the addresses in an answer.
func (m *marcoTest) list(answer string) []string {
	m.t.Helper()
	var nodes []struct {
		Address string
		Params  map[string]any
	}
	if err := json.Unmarshal([]byte(answer), &nodes); err != nil || nodes == nil {
		m.t.Fatalf("answer %.200q is no list: %v", answer, err)
	}
	addrs := []string{}
	for _, n := range nodes {
		if n.Params == nil {
			m.t.Errorf("node %s in %.200q has no Params", n.Address, answer)
		}
		addrs = append(addrs, n.Address)
	}
	return addrs
}
