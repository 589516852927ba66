package door_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"co2/registry/door"
)

// A short listener lacks descriptors while short is true.
type shortListener struct {
	*pipes
	short atomic.Bool
	tries atomic.Int32
}

func (l *shortListener) Accept() (net.Conn, error) {
	if l.short.Load() {
		l.tries.Add(1)
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.pipes.Accept()
}

// Without descriptors accepting rests between tries, says so once a minute,
// lets idle connections go, and goes on by itself. Connections that are open
// are served meanwhile.
func TestLackOfDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, log := &shortListener{pipes: newPipes()}, new(logBuffer)
		s := door.New(door.Config{}, echo{}, slog.New(slog.NewTextHandler(log, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var serving sync.WaitGroup
		serving.Go(func() {
			if err := s.Serve(ctx, l); err != nil {
				t.Errorf("Serve = %v, want nil", err)
			}
		})
		idle, busy := l.dial("192.0.2.1"), l.dial("192.0.2.2")
		for _, c := range []*peer{idle, busy} {
			c.say(call)
			c.answer(t)
		}
		l.short.Store(true)
		last := l.dial("192.0.2.3") // by the Accept that has begun
		last.say(call)
		last.answer(t)
		began := time.Now()
		var idling sync.WaitGroup
		idling.Go(func() { wantWithin(t, "the idle connection closed", idle.ended(t).Sub(began), time.Second) })
		for range 2 * 179 {
			time.Sleep(500 * time.Millisecond)
			busy.say(call)
			if _, body := busy.answer(t); body != "hello" {
				t.Fatalf("an open connection is answered %q, want hello", body)
			}
		}
		idling.Wait()
		if n := l.tries.Load(); n < 1700 || n > 1800 {
			t.Errorf("%d tries in 179 s, want one each 100 ms", n)
		}
		if n := log.has("accepting failed"); n != 3 {
			t.Errorf("%d lines in 3 minutes, want 3", n)
		}
		l.short.Store(false)
		c := l.dial("192.0.2.4")
		c.say(call)
		if _, body := c.answer(t); body != "hello" {
			t.Errorf("once there are descriptors again: answer %q, want hello", body)
		}
		if log.has("accepting again") != 1 {
			t.Error("the log does not say that it is over")
		}
		cancel()
		serving.Wait()
	})
}

// An end of the server does not wait for the next try.
func TestStopWithoutDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &shortListener{pipes: newPipes()}
		l.short.Store(true)
		s := door.New(door.Config{}, echo{}, quiet)
		ctx, cancel := context.WithCancel(t.Context())
		var serving sync.WaitGroup
		serving.Go(func() { s.Serve(ctx, l) })
		time.Sleep(50 * time.Millisecond)
		cancel()
		began := time.Now()
		serving.Wait()
		if took := time.Since(began); took > 0 {
			t.Errorf("Serve ended after %v, want at once", took)
		}
	})
}

// Who comes into a full house and says nothing leaves within a second or so;
// who begins in time has all the time for a head.
func TestSilentInAFullHouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 4}, echo{})
		began := time.Now()
		var silent []*peer
		for range 3 {
			silent = append(silent, p.dial("192.0.2.1"))
		}
		slow := p.dial("192.0.2.1")
		slow.say("POST / HTTP/1.1\r\n")
		synctest.Wait()
		next := p.dial("192.0.2.2")
		next.say(call)
		if _, body := next.answer(t); body != "hello" {
			t.Errorf("answer %q, want hello", body)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the next one is answered after %v, want about 1 s", took)
		}
		for _, c := range silent {
			c.ended(t)
		}
		time.Sleep(5 * time.Second)
		slow.say("Host: x\r\nContent-Length: 5\r\n\r\nhello")
		if _, body := slow.answer(t); body != "hello" {
			t.Errorf("one that began in time: answer %q, want hello", body)
		}
	})
}

// The same with TLS, where nothing has been said before a handshake.
func TestSilentInAFullHouseOfTLS(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), 1)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 4, TLS: &tls.Config{Certificates: []tls.Certificate{pair}}}, echo{})
		began := time.Now()
		for range 4 {
			c := p.dial("192.0.2.1")
			defer c.Close()
		}
		synctest.Wait()
		secure := tls.Client(p.dial("192.0.2.2"), &tls.Config{InsecureSkipVerify: true})
		next := &peer{secure, bufio.NewReader(secure)}
		next.say(call)
		if _, body := next.answer(t); body != "hello" {
			t.Errorf("answer %q, want hello", body)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the next one is answered after %v, want about 1 s", took)
		}
	})
}

// In a full house idle connections make room within a second, the busy ones
// stay.
func TestFullHouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{MaxConns: 4}, echo{})
		for range 4 {
			c := p.dial("192.0.2.1")
			c.say(call)
			c.answer(t)
		}
		began := time.Now()
		next := p.dial("192.0.2.2")
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the next one is accepted after %v, want about 1 s", took)
		}
		next.say(call)
		if _, body := next.answer(t); body != "hello" {
			t.Errorf("answer %q, want hello", body)
		}
	})
}
