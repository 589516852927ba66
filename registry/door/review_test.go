package door_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/registry/door"
)

// A body that was refused gives its room back before the peer is waited for.
func TestRefusedBodiesHoldNothing(t *testing.T) { // L20
	synctest.Test(t, func(t *testing.T) {
		var bomb bytes.Buffer
		w := gzip.NewWriter(&bomb)
		w.Write(make([]byte, 300<<10))
		w.Close()
		p, _ := open(t, door.Config{MaxBody: 200 << 10, BodyMemory: 300 << 10}, echo{})
		for range 20 {
			c := p.dial("192.0.2.1")
			c.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", bomb.Len(), &bomb))
			if res, body := c.answer(t); res.StatusCode != 413 { // and the server lingers
				t.Fatalf("status %d %q, want 413", res.StatusCode, body)
			}
		}
	})
}

// Answers that nobody takes do not pile up.
func TestMemoryOfAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{BodyMemory: 8 << 20}, echo{func(*door.Request) (door.Action, *door.Refusal) {
			return func(_ context.Context, _ *door.Request, body []byte, a *door.Answer) {
				a.Body = append(a.Body, bytes.Repeat(body, 1<<20)...) // 5 MiB
			}, nil
		}})
		held := p.dial("192.0.2.1")
		held.say(call)
		synctest.Wait() // it is not read
		more := p.dial("192.0.2.2")
		more.say(call)
		if res, body := more.answer(t); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
			t.Errorf("status %d %.40q, want 503 with Retry-After", res.StatusCode, body)
		}
		if _, body := held.answer(t); len(body) != 5<<20 {
			t.Errorf("the answer that was waited for has %d octets", len(body))
		}
		again := p.dial("192.0.2.2")
		again.say(call)
		if res, _ := again.answer(t); res.StatusCode != 200 {
			t.Errorf("with room again: status %d, want 200", res.StatusCode)
		}
	})
}

// A crowd gives nobody more time.
func TestHurryOnlyShortens(t *testing.T) { // L15, L18
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 9, HeadTimeout: 2 * time.Second}, echo{})
		began := time.Now()
		silent := p.dial("192.0.2.1")
		ended := make(chan time.Time, 1)
		go func() { ended <- silent.ended(t) }()
		for range 5 {
			var crowd []*peer
			for range 7 {
				c := p.dial("192.0.2.2")
				c.say(call)
				c.answer(t)
				crowd = append(crowd, c)
			}
			for _, c := range crowd {
				c.Close()
			}
			time.Sleep(time.Second)
		}
		wantWithin(t, "a silent connection closed", (<-ended).Sub(began), 2*time.Second)
	})
}

// Peers that are turned away take no room from others.
func TestTurnedAwayTakeNoRoom(t *testing.T) { // L19, L-C
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 4, MaxPerPeer: 1}, echo{})
		p.dial("192.0.2.1")
		began := time.Now()
		for range 200 {
			p.dial("192.0.2.1") // and reads nothing
		}
		c := p.dial("192.0.2.2")
		c.say(call)
		if _, body := c.answer(t); body != "hello" || time.Since(began) > 0 {
			t.Errorf("another peer gets %q after %v, want hello at once", body, time.Since(began))
		}
	})
}

// An answer that ends its connection arrives whole, whatever came behind the
// request.
func TestLastAnswerArrives(t *testing.T) { // H22
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := door.New(door.Config{}, echo{}, quiet)
	done := make(chan error, 1)
	ctx, stop := context.WithCancel(context.Background())
	go func() { done <- s.Serve(ctx, ln) }()
	defer func() {
		stop()
		<-done
	}()
	const n = 300_000
	for range 20 {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s\r\n", n, strings.Repeat("a", n))
		got := 0
		for b := make([]byte, 512); err == nil; { // a peer that takes its time
			var k int
			k, err = c.Read(b)
			got += k
		}
		if c.Close(); err != io.EOF || got < n {
			t.Fatalf("%d octets of %d came, then %v", got, n, err)
		}
	}
}

func TestReviewedRequests(t *testing.T) {
	page := door.Page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path, "?", r.URL.RawQuery) }))
	tests := []struct{ name, request, body string }{
		{"a whole URL without path", "GET http://localhost HTTP/1.1\r\nHost: x\r\n\r\n", "/?"},
		{"a whole URL", "GET http://localhost/a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "/a?b=c"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			p, _ := open(t, door.Config{}, echo{func(*door.Request) (door.Action, *door.Refusal) { return page, nil }})
			c := p.dial("192.0.2.1")
			c.say(tt.request)
			if _, body := c.answer(t); body != tt.body {
				t.Errorf("%s: %q, want %q", tt.name, body, tt.body)
			}
		})
	}
}

// A refused body in chunks is read no further than one with a length.
func TestRefusedChunks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{func(*door.Request) (door.Action, *door.Refusal) {
			return nil, &door.Refusal{Status: 404, Text: "not here"}
		}})
		c := p.dial("192.0.2.1")
		c.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n")
		began := time.Now()
		c.answer(t)
		if end := c.ended(t); end.Sub(began) > time.Second {
			t.Errorf("closed after %v, want at once: the chunk is too long to be read over", end.Sub(began))
		}
	})
}

// A panic ends its connection alone.
func TestPanicOutsideAnAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, log := open(t, door.Config{}, echo{func(r *door.Request) (door.Action, *door.Refusal) {
			if r.Path == "/panic" {
				panic("on purpose")
			}
			return echo{}.Route(r)
		}})
		bad := p.dial("192.0.2.1")
		bad.say(strings.Replace(call, "/", "/panic", 1))
		bad.ended(t)
		good := p.dial("192.0.2.1")
		good.say(call)
		if _, body := good.answer(t); body != "hello" || log.has("on purpose") != 1 {
			t.Errorf("answer %q and %d lines in the log, want hello and 1", body, log.has("on purpose"))
		}
	})
}

// A certificate that could not be read is tried again, though its files stay
// as they are.
func TestCertificateIsTriedAgain(t *testing.T) {
	dir, next := t.TempDir(), t.TempDir()
	certFile, keyFile := writePair(t, dir, 1)
	log := new(logBuffer)
	certificate, err := door.LoadCertificate(certFile, keyFile, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	addr := serveTLS(t, certificate.Config())
	_, nextKey := writePair(t, next, 2)
	key, err := os.ReadFile(nextKey)
	if err != nil {
		t.Fatal(err)
	}
	inPlace := func(key []byte) { // the file looks the same from outside
		then := time.Unix(1e9, 0)
		if err := errors.Join(os.WriteFile(keyFile, key, 0o600), os.Chtimes(keyFile, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	inPlace(bytes.Repeat([]byte("?"), len(key)))
	if err := os.Rename(filepath.Join(next, "cert.pem"), certFile); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return serial(t, addr) == 1 && log.has("cannot be used") > 0 }, "a warning of the key that cannot be read")
	inPlace(key)
	until(t, func() bool { return serial(t, addr) == 2 }, "the new pair to be served")
}
