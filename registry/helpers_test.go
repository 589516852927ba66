package registry_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry"
)

// A server is a registry that listens, and what it logs.
type server struct {
	*registry.Server
	addr   string
	log    *logBuffer
	client *http.Client
	stop   func() error // ends Serve and waits for it
}

// serve starts a server; the test's end stops it.
func serve(t testing.TB, cfg registry.Config, list ...methods.Method) *server {
	t.Helper()
	return serveAt(t, slog.LevelDebug, cfg, list...)
}

// serveAt is serve with a level of the log.
func serveAt(t testing.TB, level slog.Level, cfg registry.Config, list ...methods.Method) *server {
	t.Helper()
	return serveOn(t, loopback(t), level, cfg, list...)
}

// loopback listens on this host.
func loopback(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// serveOn is serveAt with a listener, which it closes.
func serveOn(t testing.TB, ln net.Listener, level slog.Level, cfg registry.Config, list ...methods.Method) *server {
	t.Helper()
	log := new(logBuffer)
	s, err := registry.New(cfg, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})), list...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	client := &http.Client{Transport: new(http.Transport)}
	stop := sync.OnceValue(func() error {
		client.CloseIdleConnections()
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve = %v, want nil", err)
		}
	})
	addr := ln.Addr().String()
	return &server{s, addr, log, client, stop}
}

// call makes a call and returns its result as a plain value.
func (s *server) call(t testing.TB, method string, params ...any) (any, error) {
	t.Helper()
	call, err := wire.AppendCall(nil, method, params...)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.client.Post("http://"+s.addr+"/RPC2", "text/xml", bytes.NewReader(call))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	var result any
	err = wire.ParseResponse(body, "", wire.Limits{}, &result)
	return result, err
}

// must makes a call that has to succeed.
func (s *server) must(t testing.TB, method string, params ...any) any {
	t.Helper()
	result, err := s.call(t, method, params...)
	if err != nil {
		t.Fatalf("Call(%q) = %v, want a result", method, err)
	}
	return result
}

// wantFault checks that a call ended in a fault whose text holds text.
func wantFault(t testing.TB, what string, err error, code int, text string) {
	t.Helper()
	f, ok := errors.AsType[*wire.Fault](err)
	if !ok || f.Code != code || !strings.Contains(f.String, text) {
		t.Errorf("%s = %v, want fault %d with %q", what, err, code, text)
	}
}

// An answer is an HTTP response as it came.
type answer struct {
	*http.Response
	body string
}

// exchange sends octets on a connection of their own and reads one answer.
func (s *server) exchange(t testing.TB, request string) answer {
	t.Helper()
	c := s.dial(t)
	c.send(request)
	return c.read(t, request)
}

// A conn is a connection of a client that follows no rules.
type conn struct {
	net.Conn
	in *bufio.Reader
}

func (s *server) dial(t testing.TB) *conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { c.Close() })
	return &conn{c, bufio.NewReader(c)}
}

// send writes; an answer may come before all is written, so errors are left
// to the reading side.
func (c *conn) send(request string) { io.WriteString(c, request) }

// read reads the answer to a request.
func (c *conn) read(t testing.TB, request string) answer {
	t.Helper()
	verb, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(c.in, &http.Request{Method: verb})
	if err != nil {
		t.Fatalf("read the answer to %.60q: %v", request, err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read the answer to %.60q: %v", request, err)
	}
	return answer{res, string(body)}
}

// wantClosed checks that the server closed the connection and said no more.
func (c *conn) wantClosed(t testing.TB) {
	t.Helper()
	if rest, err := io.ReadAll(c.in); len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the last answer came %q, %v, want the end", rest, err)
	}
}

// head joins the lines of a request's head.
func head(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

// post is a whole call, with more header lines.
func post(body string, header ...string) string {
	return head(append([]string{
		"POST /RPC2 HTTP/1.1", "Host: relay.example", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(body)),
	}, header...)...) + body
}

// document is a call of a method with params spelled in XML.
func document(method string, values ...string) string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?><methodCall><methodName>" + method + "</methodName><params>")
	for _, v := range values {
		b.WriteString("<param><value>" + v + "</value></param>")
	}
	b.WriteString("</params></methodCall>")
	return b.String()
}

var pingCall = document("ping")

const pong = `<?xml version="1.0" encoding="UTF-8"?>
<methodResponse><params><param><value><string>OK</string></value></param></params></methodResponse>
`

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

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// public is a method for tests.
func public(name string, fn any) methods.Method {
	return methods.Method{Names: []string{name}, Doc: "Helps a test.", Access: methods.Public, Func: fn}
}
