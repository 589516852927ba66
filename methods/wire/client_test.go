package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// answering serves every request alike.
func answering(t *testing.T, status int, contentType, body string) *wire.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if contentType == "" {
			w.Header()["Content-Type"] = nil
		} else {
			w.Header().Set("Content-Type", contentType)
		}
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return &wire.Client{URL: s.URL + "/RPC2"}
}

func TestClientAnswers(t *testing.T) {
	ok := string(response(t, "pong"))
	fault := string(wire.AppendFault(nil, wire.Fault{Code: 7, String: "why"}))
	for _, tt := range []struct {
		rule         string
		status       int
		contentType  string
		body         string
		want         string // the result or the error
		transportErr bool   // an *HTTPError
	}{
		{"C8", 200, "text/xml", ok, "pong", false},
		{"C8", 200, "TEXT/XML; charset=utf-8", ok, "pong", false},
		{"C8", 200, "application/xml-rpc", ok, "pong", false},
		{"C8", 200, "application/rpc+xml", ok, "pong", false},
		{"C8", 200, "", ok, "pong", false},
		{"X1", 200, "text/xml; charset=iso-8859-1", "<methodResponse><params><param><value>\xE9</value></param></params></methodResponse>", "é", false},
		{"C9", 200, "text/xml", "\r\n  " + ok, "pong", false},
		{"C9", 200, "text/xml", "<methodResponse><params/></methodResponse>", "untouched", false},
		{"C9", 200, "text/xml", fault, "fault 7: why", false},
		{"C9", 200, "text/xml", string(response(t, 1)), "answer to m: the param: got int, want string", false},
		{"C9", 200, "text/xml", "<methodResponse><params><param/></params></methodResponse>", "answer to m: line 1, column 25: <param/> is empty", false},
		{"C9", 200, "text/xml", "<!DOCTYPE html><html><body>hello</body></html>", "call m: not XML-RPC, HTTP 200", true},
		{"C9", 200, "text/html; charset=utf-8", "<html></html>", "call m: not XML-RPC, HTTP 200", true},
		{"C9", 200, "text/xml", "<html><body>hello</body></html>", "call m: not XML-RPC, HTTP 200", true},
		{"C9", 200, "", "hello", "call m: not XML-RPC, HTTP 200", true},
		{"C9", 404, "text/html", "<html></html>", "call m: not XML-RPC, HTTP 404", true},
		{"C9", 413, "text/plain; charset=utf-8", "a body has at most 8 octets\nmore", `call m: not XML-RPC, HTTP 413: "a body has at most 8 octets"`, true},
		{"C8", 500, "text/xml", fault, "call m: HTTP 500 with fault 7: why", true},
		{"C8", 500, "text/xml", fault + strings.Repeat(" ", 64<<10), "call m: not XML-RPC, HTTP 500", true},
		{"C8", 500, "text/xml", ok, "call m: not XML-RPC, HTTP 500", true},
		{"C8", 201, "text/xml", ok, "call m: not XML-RPC, HTTP 201", true},
		{"C4", 301, "text/xml", ok, "call m: a redirect, which is not followed, HTTP 301", true},
		{"C4", 307, "text/xml", ok, "call m: a redirect, which is not followed, HTTP 307", true},
		{"C5", 200, "text/xml", ok + strings.Repeat(" ", 1<<20), "call m: an answer of more than 1048576 octets, HTTP 200", true},
	} {
		got := "untouched"
		err := answering(t, tt.status, tt.contentType, tt.body).Call(t.Context(), "m", &got)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: HTTP %d %s %.60q = %q, want %q", tt.rule, tt.status, tt.contentType, tt.body, got, tt.want)
		}
		httpErr, ok := errors.AsType[*wire.HTTPError](err)
		if ok != tt.transportErr || ok && httpErr.Status != tt.status {
			t.Errorf("%s: HTTP %d: %v is %T", tt.rule, tt.status, err, err)
		}
		if f, isFaulter := errors.AsType[methods.Faulter](err); isFaulter {
			if code, _ := f.Fault(); code != 7 && code != wire.TransportError {
				t.Errorf("%s: %v would travel on as fault %d", tt.rule, err, code)
			}
		}
	}
}

func TestClientRequest(t *testing.T) {
	var got *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/xml")
		w.Write(response(t, "pong"))
	}))
	defer s.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	c := wire.Client{URL: s.URL + "/RPC2?x=y", UserAgent: "co2/1"}
	if err := c.Call(t.Context(), "ping", nil, 1, "x"); err != nil {
		t.Fatal(err)
	}
	want, _ := wire.AppendCall(nil, "ping", 1, "x")
	if !bytes.Equal(body, want) {
		t.Errorf("body = %s, want %s", body, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/xml; charset=utf-8", "User-Agent": "co2/1", "Accept-Encoding": "identity",
		"Expect": "", "Transfer-Encoding": "", "Cookie": "", "Idempotency-Key": "", "Content-Encoding": "",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("C6: %s: %q, want %q", name, v, want)
		}
	}
	if got.Method != "POST" || got.Proto != "HTTP/1.1" || got.ContentLength != int64(len(body)) || len(got.TransferEncoding) > 0 {
		t.Errorf("C6: %s %s, length %d", got.Method, got.Proto, got.ContentLength)
	}
}

func TestClientRefusesItself(t *testing.T) {
	for _, tt := range []struct {
		url  string
		into any
		v    any
		want string
	}{
		{"http://user:secret@127.0.0.1:1/", nil, 1, "call m: the URL of a server must not hold a password"},
		{"http://127.0.0.1:1/", "no pointer", 1, "decode into string: want a pointer"},
		{"http://127.0.0.1:1/", nil, make(chan int), "encode param 1 of m: chan int has no XML-RPC type"},
	} {
		c := wire.Client{URL: tt.url}
		if err := c.Call(t.Context(), "m", tt.into, tt.v); err == nil || err.Error() != tt.want {
			t.Errorf("Call %s into %v: %v, want %s", tt.url, tt.into, err, tt.want)
		}
	}
}

func TestClientBounds(t *testing.T) {
	block := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) { <-block })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.(http.Flusher).Flush()
		<-block
	})
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		for _, err := w.Write([]byte("<methodResponse>")); err == nil; _, err = w.Write(make([]byte, 1<<10)) {
		}
	})
	mux.HandleFunc("/head", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X", strings.Repeat("x", 20<<10)) })
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("Content-Encoding", "gzip")
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	defer close(block)
	for _, tt := range []struct{ path, want string }{
		{"/silent", "deadline exceeded"},
		{"/slow", "deadline exceeded"},
		{"/endless", "call m: an answer of more than 5000 octets, HTTP 200"},
		{"/head", "exceeded 16384 bytes"},
		{"/gzip", "call m: a compressed answer, HTTP 200"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		c := wire.Client{URL: s.URL + tt.path, MaxAnswer: 5000}
		if err := c.Call(ctx, "m", nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("C5: %s: %v, want %s", tt.path, err, tt.want)
		}
		cancel()
	}
	if got := wire.NewHTTPClient(nil).Timeout; got != 5*time.Second {
		t.Errorf("C5: an exchange may take %v", got)
	}
}

func TestClientDials(t *testing.T) {
	dialled := ""
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 3*time.Second {
			t.Errorf("C5: dialling until %v", deadline)
		}
		dialled = addr
		return nil, errors.New("no route")
	}
	c := wire.Client{URL: "http://192.0.2.1:80/RPC2", HTTP: wire.NewHTTPClient(dial)}
	if err := c.Call(t.Context(), "m", nil); err == nil || !strings.HasSuffix(err.Error(), "no route") || dialled != "192.0.2.1:80" {
		t.Errorf("dialled %s: %v", dialled, err)
	}
}

// A kept connection that the far end has closed is replaced once (C13).
func TestClientRepeatsOnStaleConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var conns, calls atomic.Int32
	answer := response(t, "pong")
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := conns.Add(1)
			go func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for served := 0; ; served++ {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, req.Body)
					calls.Add(1)
					if n == 1 && served == 1 {
						return // the second call on the first connection gets nothing
					}
					resp := http.Response{StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/xml"}},
						ContentLength: int64(len(answer)), Body: io.NopCloser(bytes.NewReader(answer))}
					resp.Write(conn)
				}
			}()
		}
	}()
	c := wire.Client{URL: "http://" + l.Addr().String() + "/RPC2"}
	for i := range 3 {
		var s string
		if err := c.Call(t.Context(), "m", &s); err != nil || s != "pong" {
			t.Errorf("call %d = %q, %v", i, s, err)
		}
	}
	if conns.Load() != 2 || calls.Load() != 4 {
		t.Errorf("%d calls on %d connections, want 4 on 2", calls.Load(), conns.Load())
	}
}
