package door_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/registry/door"
)

// ticking is a stream of n events, one a minute, the last of which is followed
// by its end; with n of 0 it goes on until its context ends, and says bye then.
func ticking(n int) echo {
	page := door.Page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Length", "7") // not known of a stream: it is left out
		send := func(text string) bool {
			fmt.Fprint(w, "data: ")
			fmt.Fprintf(w, "%s\n\n", text) // one piece with what is before it
			return http.NewResponseController(w).Flush() == nil
		}
		for i := 0; n == 0 || i < n; i++ {
			if !send(fmt.Sprint(i)) {
				return
			}
			select {
			case <-r.Context().Done():
				send("bye")
				return
			case <-time.After(time.Minute):
			}
		}
	}))
	plain := echo{}
	return echo{func(r *door.Request) (door.Action, *door.Refusal) {
		if r.Path == "/live" {
			return page, nil
		}
		return plain.Route(r)
	}}
}

const listen = "GET /live HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"

// stream reads the head of a stream, which has to be one.
func (p *peer) stream(t testing.TB) *http.Response {
	t.Helper()
	res, err := http.ReadResponse(p.in, nil)
	if err != nil {
		t.Fatalf("read the head of a stream: %v", err)
	}
	if res.StatusCode != 200 || res.ContentLength != -1 || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Content-Length") != "" {
		t.Fatalf("head of a stream: %d, length %d, %v, want 200 without length and coding", res.StatusCode, res.ContentLength, res.Header)
	}
	return res
}

// event reads one event.
func event(t testing.TB, in *bufio.Reader) string {
	t.Helper()
	var text string
	for !strings.HasSuffix(text, "\n\n") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("read an event: %v after %q", err, text+line)
		}
		text += line
	}
	return text
}

// To HTTP/1.1 a stream goes in chunks, one a flush, and the connection goes on
// after it; to HTTP/1.0, and to who asks for it, the stream ends with the
// connection.
func TestStreamFraming(t *testing.T) {
	const chunks = "9\r\ndata: 0\n\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n"
	for _, tt := range []struct {
		name, request, head, body string
		goesOn                    bool
	}{
		{"HTTP/1.1", listen, "Transfer-Encoding: chunked\r\n", chunks, true},
		{"HTTP/1.1, close", strings.Replace(listen, "Host", "Connection: close\r\nHost", 1), "Transfer-Encoding: chunked\r\nConnection: close\r\n", chunks, false},
		{"HTTP/1.0", "GET /live HTTP/1.0\r\n\r\n", "Connection: close\r\n", "data: 0\n\ndata: 1\n\n", false},
		{"HTTP/1.0, keep-alive", "GET /live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "Connection: close\r\n", "data: 0\n\ndata: 1\n\n", false},
		{"HEAD", strings.Replace(listen, "GET", "HEAD", 1), "Transfer-Encoding: chunked\r\n", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, ticking(2))
				c := p.dial("192.0.2.1")
				c.say(tt.request)
				var head string
				for !strings.HasSuffix(head, "\r\n\r\n") {
					line, err := c.in.ReadString('\n')
					if err != nil {
						t.Fatalf("the head is cut off: %v after %q", err, head)
					}
					head += line
				}
				if !strings.HasSuffix(head, "\r\n"+tt.head+"\r\n") || strings.Contains(head, "Content-Length") {
					t.Errorf("head %q, want one that ends in %q and has no length", head, tt.head)
				}
				body := make([]byte, len(tt.body))
				if _, err := io.ReadFull(c.in, body); err != nil || string(body) != tt.body {
					t.Errorf("body %q, %v, want %q", body, err, tt.body)
				}
				if !tt.goesOn {
					c.ended(t)
					return
				}
				c.say(call)
				if _, body := c.answer(t); body != "hello" {
					t.Errorf("the next answer of the connection is %q, want hello", body)
				}
			})
		})
	}
}

// What a peer sends while it listens is its next request.
func TestRequestBehindAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, ticking(2))
		c := p.dial("192.0.2.1")
		c.say(listen + call)
		if body, err := io.ReadAll(c.stream(t).Body); err != nil || string(body) != "data: 0\n\ndata: 1\n\n" {
			t.Errorf("stream %q, %v, want two events", body, err)
		}
		if _, body := c.answer(t); body != "hello" {
			t.Errorf("the request behind it is answered %q, want hello", body)
		}
	})
}

// A peer that sends without end while it listens is cut off.
func TestTalkingListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, ticking(0))
		c := p.dial("192.0.2.1")
		c.say(listen)
		body := bufio.NewReader(c.stream(t).Body)
		event(t, body)
		go io.Copy(c, endless{})
		for began := time.Now(); ; {
			if _, err := body.ReadString('\n'); err != nil {
				if took := time.Since(began); took > time.Second {
					t.Errorf("cut off after %v, want at once", took)
				}
				return
			}
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// Streams end when the server stops, with what their makers have to say yet,
// and when their peer goes.
func TestStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		p := newPipes()
		s := door.New(door.Config{}, ticking(0), quiet)
		done := make(chan error, 1)
		go func() { done <- s.Serve(ctx, p) }()
		gone, stays := p.dial("192.0.2.1"), p.dial("192.0.2.2")
		gone.say(listen)
		event(t, bufio.NewReader(gone.stream(t).Body))
		stays.say(listen)
		body := bufio.NewReader(stays.stream(t).Body)
		event(t, body)
		if n := s.Use().Streams; n != 2 {
			t.Errorf("%d streams are open, want 2", n)
		}
		gone.Close()
		synctest.Wait()
		if u := s.Use(); u.Streams != 1 || u.Conns != 1 || u.MaxStreams != 256 {
			t.Errorf("after one peer went: %+v, want 1 stream of 256 and 1 connection", u)
		}
		began := time.Now()
		stop()
		for _, want := range []string{"data: bye\n\n", ""} {
			if want == "" {
				if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
					t.Errorf("the stream ends in %q, %v, want a whole end", rest, err)
				}
			} else if got := event(t, body); got != want {
				t.Errorf("last event %q, want %q", got, want)
			}
		}
		stays.Close()
		if err := <-done; err != nil || time.Since(began) > time.Second {
			t.Errorf("Serve = %v after %v, want nil at once", err, time.Since(began))
		}
		if n := s.Use().Streams; n != 0 {
			t.Errorf("%d streams are open, want none", n)
		}
	})
}

// Who does not take a piece in time is cut off, and at the stop within a second.
func TestListenerThatDoesNotRead(t *testing.T) {
	for _, stops := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			p := newPipes()
			s := door.New(door.Config{}, ticking(0), quiet)
			done := make(chan error, 1)
			go func() { done <- s.Serve(ctx, p) }()
			c := p.dial("192.0.2.1")
			c.say(listen)
			event(t, bufio.NewReader(c.stream(t).Body))
			time.Sleep(time.Minute) // the next event is under way
			synctest.Wait()
			if n := s.Use().Streams; n != 1 {
				t.Fatalf("%d streams are open, want 1", n)
			}
			began := time.Now()
			if stops {
				stop()
				if err := <-done; err != nil || time.Since(began) > 2*time.Second {
					t.Errorf("Serve = %v after %v, want nil within 2 s", err, time.Since(began))
				}
				return
			}
			for s.Use().Conns > 0 {
				time.Sleep(time.Second)
			}
			wantWithin(t, "a peer that does not read is cut off", time.Since(began), 30*time.Second)
			stop()
			<-done
		})
	}
}

// Above the limit, streams are refused with a reason, while pages go on; half
// of the room is for one address. When one ends there is room again.
func TestRoomForStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxStreams: 4}, ticking(0))
		listens := func(addr string) *peer {
			c := p.dial(addr)
			c.say(listen)
			event(t, bufio.NewReader(c.stream(t).Body))
			return c
		}
		refused := func(addr, why string) {
			t.Helper()
			c := p.dial(addr)
			c.say(listen)
			res, body := c.answerTo(t, "GET")
			if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || !strings.Contains(body, why) || strings.Contains(res.Header.Get("Content-Type"), "event") {
				t.Errorf("status %d %v %q, want 503 with Retry-After and %q", res.StatusCode, res.Header, body, why)
			}
			c.say(call)
			if _, body := c.answer(t); body != "hello" {
				t.Errorf("the next request is answered %q, want hello", body)
			}
		}
		first := listens("192.0.2.1")
		listens("192.0.2.1")
		refused("192.0.2.1", "from your address")
		listens("192.0.2.2")
		listens("192.0.2.3")
		refused("192.0.2.4", "too many live streams")
		first.Close()
		synctest.Wait()
		listens("192.0.2.4")
	})
}

// A stream whose maker panics is cut off: its end would say that it is whole.
func TestStreamThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := door.Page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "data: 0\n\n")
			w.(http.Flusher).Flush()
			panic("broken")
		}))
		p, log := open(t, door.Config{}, echo{func(*door.Request) (door.Action, *door.Refusal) { return page, nil }})
		c := p.dial("192.0.2.1")
		c.say(listen)
		if body, err := io.ReadAll(c.stream(t).Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the stream is %q, %v, want it cut off", body, err)
		}
		if log.has("an action panicked") != 1 {
			t.Error("the log does not tell")
		}
	})
}

// selfSigned is a certificate of 127.0.0.1.
func selfSigned(t testing.TB) *tls.Config {
	t.Helper()
	certFile, keyFile := writePair(t, t.TempDir(), 1)
	c, err := door.LoadCertificate(certFile, keyFile, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return c.Config()
}

// Over real sockets, with TLS and without: pieces arrive as they are flushed,
// a peer that leaves is noticed, and one that never reads is cut off.
func TestStreamsOverSockets(t *testing.T) {
	for _, secure := range []bool{false, true} {
		name, cfg := "plain", door.Config{WriteTimeout: 200 * time.Millisecond}
		if secure {
			name, cfg.TLS = "TLS", selfSigned(t)
		}
		t.Run(name, func(t *testing.T) {
			var made sync.WaitGroup
			piece := bytes.Repeat([]byte("data: x\n"), 4<<10)
			pages := map[string]http.HandlerFunc{
				"/once": func(w http.ResponseWriter, r *http.Request) {
					io.WriteString(w, "data: first\n\n")
					w.(http.Flusher).Flush()
					<-r.Context().Done()
				},
				"/flood": func(w http.ResponseWriter, r *http.Request) {
					for r.Context().Err() == nil {
						w.Write(piece)
						w.(http.Flusher).Flush()
					}
				},
			}
			e := echo{func(r *door.Request) (door.Action, *door.Refusal) {
				return door.Page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					made.Add(1)
					defer made.Done()
					pages[r.URL.Path](w, r)
				})), nil
			}}
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			s := door.New(cfg, e, slog.New(slog.DiscardHandler))
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Serve(ctx, ln) }()
			defer func() {
				stop()
				if err := <-done; err != nil {
					t.Errorf("Serve = %v, want nil", err)
				}
			}()
			for _, path := range []string{"/once", "/flood"} {
				nc, err := net.Dial("tcp", ln.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				if secure {
					nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
				}
				io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
				c := &peer{nc, bufio.NewReader(nc)}
				got, err := bufio.NewReader(c.stream(t).Body).ReadString('\n')
				if err != nil || !strings.HasPrefix(got, "data: ") {
					t.Fatalf("GET %s begins with %q, %v, want an event", path, got, err)
				}
				if path == "/once" {
					nc.Close()
				}
				made.Wait() // without reading on: the door has to end it
			}
		})
	}
}
