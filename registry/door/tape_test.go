package door_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"co2/registry/door"
)

// A tape is a connection whose far end has said all it will ever say. What is
// answered is kept.
type tape struct {
	said []byte
	step int // octets that come at once
	out  bytes.Buffer

	once  sync.Once
	ended chan struct{} // closed by Close
}

func (t *tape) Read(p []byte) (int, error) {
	if len(t.said) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), t.step)], t.said)
	t.said = t.said[n:]
	return n, nil
}

func (t *tape) Write(p []byte) (int, error) { return t.out.Write(p) }

func (t *tape) Close() error {
	t.once.Do(func() { close(t.ended) })
	return nil
}

func (t *tape) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (t *tape) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 9} }
func (t *tape) SetDeadline(time.Time) error      { return nil }
func (t *tape) SetReadDeadline(time.Time) error  { return nil }
func (t *tape) SetWriteDeadline(time.Time) error { return nil }

// A heard is a request that the door understood.
type heard struct {
	method, target, host string
	body                 string
	whole                bool // the body too
}

// play lets a server with small limits hear stream, a few octets at a time,
// and returns what it made of it and what it answered.
func play(t *testing.T, stream []byte, step int) ([]heard, []byte) {
	t.Helper()
	var all []heard
	p, _ := open(t, door.Config{MaxHead: 1 << 10, MaxFields: 12, MaxBody: 1 << 10}, echo{
		func(r *door.Request) (door.Action, *door.Refusal) {
			all = append(all, heard{method: r.Method, target: r.Target, host: r.Host})
			return func(_ context.Context, _ *door.Request, body []byte, a *door.Answer) {
				all[len(all)-1].body, all[len(all)-1].whole = string(body), true
				a.Body = append(a.Body, body...)
			}, nil
		},
	})
	c := &tape{said: stream, step: step, ended: make(chan struct{})}
	p.conns <- c
	select {
	case <-c.ended:
	case <-time.After(10 * time.Second):
		t.Fatalf("%.2000q, %d octets at a time: still not done after 10 s", stream, step)
	}
	return all, c.out.Bytes()
}
