package registry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"co2/methods"
	"co2/registry"
	"co2/registry/door"
)

func TestConnectionStaysOpen(t *testing.T) {
	s := serve(t, registry.Config{}, failing()...)
	c := s.dial(t)
	for _, call := range []string{pingCall, document("no.such"), document("fail.panic"), "not XML", pingCall} {
		c.send(post(call))
		if got := c.read(t, "POST"); got.StatusCode != 200 || got.Close {
			t.Fatalf("answer to %.60q: status %d, close %t, want 200 on an open connection", call, got.StatusCode, got.Close)
		}
	}
	for _, refused := range []string{head("GET /RPC2 HTTP/1.1", "Host: x"), strings.Replace(post(pingCall), "text/xml", "text/plain", 1)} {
		c.send(refused)
		if got := c.read(t, refused); got.StatusCode < 400 || got.Close {
			t.Fatalf("answer to %.60q: status %d, close %t, want an error on an open connection", refused, got.StatusCode, got.Close)
		}
	}
	c.send(post(pingCall, "Connection: close"))
	if got := c.read(t, "POST"); got.body != pong || !got.Close {
		t.Errorf("answer to Connection: close = %q, close %t, want an answer and the end", got.body, got.Close)
	}
	c.wantClosed(t)
}

func TestHTTP10(t *testing.T) {
	s := serve(t, registry.Config{})
	call := func(header ...string) string {
		return head(append([]string{"POST / HTTP/1.0", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall))}, header...)...) + pingCall
	}
	c := s.dial(t)
	for range 2 {
		c.send(call("Connection: keep-alive"))
		if got := c.read(t, "POST"); got.body != pong || got.Header.Get("Connection") != "keep-alive" {
			t.Fatalf("answer %q with Connection: %q, want keep-alive", got.body, got.Header.Get("Connection"))
		}
	}
	c.send(call())
	if got := c.read(t, "POST"); got.body != pong || got.ContentLength != int64(len(pong)) {
		t.Errorf("answer %q of length %d, want %q", got.body, got.ContentLength, pong)
	}
	c.wantClosed(t)
}

func TestPipelinedCalls(t *testing.T) {
	s := serve(t, registry.Config{})
	c := s.dial(t)
	var all strings.Builder
	for i := range 20 {
		all.WriteString(post(document("test", fmt.Sprintf("<int>%d</int>", i))))
	}
	c.send(all.String())
	for i := range 20 {
		if got, want := c.read(t, "POST").body, fmt.Sprintf("<int>%d</int>", i); !strings.Contains(got, want) {
			t.Errorf("answer %d = %s, want %s", i, got, want)
		}
	}
}

// What follows a request whose end is unclear is never read as another.
func TestNothingAfterAnError(t *testing.T) {
	heard := make(chan string, 1)
	s := serve(t, registry.Config{Door: door.Config{MaxBody: 1000}, Called: func(_ methods.Caller, name string) { heard <- name }})
	for name, request := range map[string]string{
		"no length":       head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml"),
		"a bad length":    head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", "Content-Length: -1"),
		"a broken chunk":  head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", "Transfer-Encoding: chunked") + "zz\r\n",
		"too many octets": head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", "Content-Length: 1001"),
	} {
		c := s.dial(t)
		c.send(request + post(pingCall))
		if got := c.read(t, request); got.StatusCode < 400 {
			t.Errorf("%s: status %d, want an error", name, got.StatusCode)
		}
		io.Copy(io.Discard, c.in) // until it is closed
		select {
		case method := <-heard:
			t.Errorf("%s: %s was called after the error", name, method)
		default:
		}
	}
}

// waiting is a method that says it runs and then waits to be let go, or for
// the end of its call.
type waiting struct {
	runs, letGo chan struct{}
	ended       atomic.Bool
}

func newWaiting() *waiting {
	return &waiting{runs: make(chan struct{}), letGo: make(chan struct{})}
}

func (w *waiting) method() methods.Method {
	return public("wait", func(ctx context.Context) (string, error) {
		defer w.ended.Store(true)
		w.runs <- struct{}{}
		select {
		case <-w.letGo:
			return "in time", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
}

func TestShutdownLetsCallsFinish(t *testing.T) {
	w := newWaiting()
	s := serve(t, registry.Config{Door: door.Config{Grace: time.Minute}}, w.method())
	idle, fresh, busy := s.dial(t), s.dial(t), s.dial(t)
	idle.send(post(pingCall))
	idle.read(t, "POST")
	busy.send(post(document("wait")))
	<-w.runs
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	idle.wantClosed(t) // the shutdown has begun
	fresh.wantClosed(t)
	if c, err := net.Dial("tcp", s.addr); err == nil {
		c.Close()
		t.Error("a new connection was taken while the server shuts down")
	}
	select {
	case err := <-stopped:
		t.Fatalf("Serve = %v before the call under way has ended", err)
	default:
	}
	close(w.letGo)
	if got := busy.read(t, "POST"); !strings.Contains(got.body, "in time") || !got.Close {
		t.Errorf("answer to the call under way = %q, close %t, want its result and the end", got.body, got.Close)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	wantNoConns(t)
}

func TestShutdownCutsOffAfterGrace(t *testing.T) {
	w := newWaiting()
	s := serve(t, registry.Config{Door: door.Config{Grace: 10 * time.Millisecond}}, w.method())
	c := s.dial(t)
	c.send(post(document("wait")))
	<-w.runs
	if err := s.stop(); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if !w.ended.Load() {
		t.Error("Serve returned while a call still runs")
	}
	wantNoConns(t)
}

// wantNoConns checks that no goroutine of a server is left. One that has said
// it is done may take a moment to end.
func wantNoConns(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		switch {
		case !bytes.Contains(stacks, []byte("door.(*conn)")) && !bytes.Contains(stacks, []byte("door.(*hall)")):
			return
		case time.Now().After(deadline):
			t.Fatalf("a connection is still served:\n%s", stacks)
		}
	}
}

// A peer that says it will send no more still wants its answer: so do clients
// behind a pipe.
func TestHalfClosedConnection(t *testing.T) {
	w := newWaiting()
	s := serve(t, registry.Config{}, w.method())
	c := s.dial(t)
	c.send(post(document("wait")))
	c.Conn.(*net.TCPConn).CloseWrite()
	<-w.runs
	close(w.letGo)
	if got := c.read(t, "POST"); !strings.Contains(got.body, "in time") {
		t.Errorf("answer to a half-closed connection = %q, want its result", got.body)
	}
	c.wantClosed(t)
}

// A call whose peer has gone goes on to its end; what it does is done.
func TestCallOutlivesItsConnection(t *testing.T) {
	w := newWaiting()
	s := serve(t, registry.Config{Door: door.Config{Grace: time.Minute}}, w.method())
	c := s.dial(t)
	c.send(post(document("wait")))
	<-w.runs
	c.Close()
	close(w.letGo)
	if err := s.stop(); err != nil || !w.ended.Load() {
		t.Errorf("Serve = %v, call ended: %t, want both", err, w.ended.Load())
	}
}

func TestServeEndedBeforeItBegan(t *testing.T) {
	s, err := registry.New(registry.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Serve(ctx, ln); err != nil {
		t.Errorf("Serve = %v, want nil", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Serve = %v, want %v", err, net.ErrClosed)
	}
}

func TestServeFails(t *testing.T) {
	s, err := registry.New(registry.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := s.Serve(t.Context(), ln); !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "serve 127.0.0.1:") {
		t.Errorf("Serve on a closed listener = %v, want an error that names it", err)
	}
}

func TestNewRefusesBadMethods(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for name, m := range map[string]methods.Method{
		"methods of relay: the name ping is taken": public("ping", giveNothing),
		"methods of relay: m: no Doc":              {Names: []string{"m"}, Access: methods.Public, Func: giveNothing},
	} {
		if _, err := registry.New(registry.Config{Kind: "relay"}, log, m); err == nil || err.Error() != name {
			t.Errorf("New = %v, want %q", err, name)
		}
	}
}

func TestMaxConns(t *testing.T) {
	s := serve(t, registry.Config{Door: door.Config{MaxConns: 1}})
	first, second := s.dial(t), s.dial(t)
	first.send(post(pingCall))
	first.read(t, "POST")
	second.send(post(pingCall))
	first.Close()
	if got := second.read(t, "POST"); got.body != pong {
		t.Errorf("the connection that waited got %q, want %q", got.body, pong)
	}
}
