package door_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/registry/door"
)

// An echo answers with the body it got; what a test sets instead of it rules.
type echo struct {
	route func(r *door.Request) (door.Action, *door.Refusal)
}

func (e echo) Route(r *door.Request) (door.Action, *door.Refusal) {
	if e.route != nil {
		return e.route(r)
	}
	return func(_ context.Context, r *door.Request, body []byte, a *door.Answer) {
		a.Body = append(a.Body, body...)
	}, nil
}

// A pipes is a listener in memory. Peers have the addresses they dial with.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// from is a connection of a peer with an address.
type from struct {
	net.Conn
	addr *net.TCPAddr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

// A peer is the far end of a connection.
type peer struct {
	net.Conn
	in *bufio.Reader
}

func (p *pipes) dial(addr string) *peer {
	near, far := net.Pipe()
	p.conns <- from{far, &net.TCPAddr{IP: net.ParseIP(addr), Port: 9}}
	return &peer{near, bufio.NewReader(near)}
}

// open starts a server on pipes; the test's end stops it.
func open(t testing.TB, cfg door.Config, e echo) (*pipes, *logBuffer) {
	t.Helper()
	log := new(logBuffer)
	s := door.New(cfg, e, slog.New(slog.NewTextHandler(log, nil)))
	p := newPipes()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, p) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve = %v, want nil", err)
		}
	})
	return p, log
}

// answer reads one answer, whose body has to be as long as it says.
func (p *peer) answer(t testing.TB) (*http.Response, string) {
	t.Helper()
	return p.answerTo(t, "POST")
}

func (p *peer) answerTo(t testing.TB, verb string) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(p.in, &http.Request{Method: verb})
	if err != nil {
		t.Fatalf("read an answer: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read an answer: %v", err)
	}
	if res.ContentLength < 0 || len(res.TransferEncoding) > 0 {
		t.Errorf("status %d has length %d and coding %q, want a Content-Length and no chunks (H16)", res.StatusCode, res.ContentLength, res.TransferEncoding)
	}
	return res, string(body)
}

// say sends text from a goroutine of its own: a pipe has no buffer.
func (p *peer) say(text string) { go io.WriteString(p, text) }

// ended waits for the other side to close and returns when that was.
func (p *peer) ended(t testing.TB) time.Time {
	t.Helper()
	if rest, err := io.ReadAll(p.in); err != nil || len(rest) > 0 {
		t.Errorf("before its end the connection says %q, %v, want nothing", rest, err)
	}
	return time.Now()
}

const call = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"

var quiet = slog.New(slog.DiscardHandler)

// A logBuffer keeps what is logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer // guarded by mu
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) has(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}
