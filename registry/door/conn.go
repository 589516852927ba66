package door

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A conn is one connection and its goroutine.
type conn struct {
	hall   *hall
	nc     net.Conn // with TLS; for the goroutine of the connection alone
	raw    net.Conn // without it
	remote netip.AddrPort
	began  time.Time

	in         []byte // what has been read; in[start:end] is not used yet
	start, end int
	request    Request
	answer     Answer
	out        []byte // for heads of answers

	writeBy time.Time // the deadline that is set
	headed  time.Time // when the head of the request was read; zero: not yet, or nobody is told

	mu      sync.Mutex
	readBy  time.Time // guarded by mu: the deadline that is set
	kept    bool      // guarded by mu: it waits for a request
	hurried bool      // guarded by mu: and has less time than usual

	state atomic.Int32 // idle, serving or closed
}

// The states of a conn. An idle one may be closed by the hall.
const (
	idle = iota
	serving
	closed
)

// firstBuffer is what a connection reads into, in octets; a longer head gets
// more for its time.
const firstBuffer = 4 << 10

func newConn(h *hall, nc net.Conn) *conn {
	c := &conn{hall: h, nc: nc, raw: nc, began: time.Now(), in: make([]byte, firstBuffer)}
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		at := a.AddrPort()
		c.remote = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	c.request.Remote = c.remote
	return c
}

// serve answers requests until one side has enough. A panic ends this
// connection, not the others.
func (c *conn) serve() {
	defer func() {
		if v := recover(); v != nil {
			c.hall.server.log.Error("a connection panicked", "code", "DOOR-PANIC", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	c.setReadBy(c.began.Add(c.cfg().HeadTimeout))
	if c.cfg().TLS != nil && !c.shakeHands() {
		return
	}
	for first := true; c.await(first); first = false {
		if !c.exchange(first) || !c.rested() {
			return
		}
	}
}

func (c *conn) cfg() *Config { return &c.hall.server.cfg }

// shakeHands begins TLS. A peer that speaks HTTP without it is told so.
func (c *conn) shakeHands() bool {
	secure := tls.Server(c.nc, c.cfg().TLS)
	c.beKept()
	err := secure.HandshakeContext(c.hall.calls)
	c.begin(true)
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader) {
		c.refuse(bad("this port speaks HTTPS; use https:// in the address"))
	}
	if err != nil {
		return false
	}
	c.nc, c.request.TLS = secure, true
	return true
}

func looksLikeHTTP(b [5]byte) bool {
	switch string(b[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO":
		return true
	}
	return false
}

// turnAway tells a peer why its connection is not served (L19).
func (c *conn) turnAway(no *Refusal) {
	if c.cfg().TLS == nil { // no handshake for those
		c.refuse(no)
	}
}

// await waits until a request begins. Empty lines before one are skipped (H5).
// On a new connection the time for the head runs already; but while it has
// said nothing it has no longer than idle ones in a full hall.
func (c *conn) await(first bool) bool {
	blank := 0
	for waits := false; ; {
		for c.start < c.end && (c.in[c.start] == '\r' || c.in[c.start] == '\n') {
			c.start++
			blank++
		}
		if c.start < c.end {
			c.begin(first)
			return c.state.CompareAndSwap(idle, serving)
		}
		if blank > c.cfg().MaxHead {
			return false
		}
		if !waits {
			if !first {
				c.setReadBy(time.Now().Add(c.hall.idleTimeout()))
			}
			c.beKept()
			waits = true
		}
		if c.fill() != nil {
			return false
		}
	}
}

// rested notes that a request is over, and reports whether another may come.
func (c *conn) rested() bool {
	if len(c.in) > firstBuffer && c.end-c.start <= firstBuffer {
		kept := make([]byte, firstBuffer)
		c.start, c.end = 0, copy(kept, c.in[c.start:c.end])
		c.in = kept
	}
	if len(c.request.Fields) > usualFields || cap(c.out) > direct {
		c.request.Fields, c.out = nil, nil
	}
	c.request.reset() // its strings are parts of the head
	c.headed = time.Time{}
	c.state.Store(idle)
	return !c.hall.isClosing()
}

// closeIdle closes a connection that waits for a request.
func (c *conn) closeIdle() {
	if c.state.CompareAndSwap(idle, closed) {
		c.raw.Close()
	}
}

// usualFields is how many fields of a header a connection has room for while it
// waits.
const usualFields = 32

// beKept notes that the connection waits for its peer to begin.
func (c *conn) beKept() {
	c.mu.Lock()
	c.kept, c.hurried = true, false
	c.mu.Unlock()
	if c.hall.full.Load() {
		c.hurry(time.Now().Add(fullTimeout))
	}
}

// begin notes that the peer has begun. A new connection that was hurried has
// the time for its head again; for later ones that is set anyway.
func (c *conn) begin(first bool) {
	c.mu.Lock()
	hurried := c.hurried
	c.kept, c.hurried = false, false
	c.mu.Unlock()
	if hurried && first {
		c.setReadBy(c.began.Add(c.cfg().HeadTimeout))
	}
}

// hurry gives a connection that waits for a request no longer than then.
func (c *conn) hurry(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept && until.Before(c.readBy) {
		c.readBy, c.hurried = until, true
		c.raw.SetReadDeadline(until)
	}
}

// fill reads what has come into the buffer, behind what is not used yet. It
// fails with io.ErrShortBuffer if there is no room.
func (c *conn) fill() error {
	switch {
	case c.start == c.end:
		c.start, c.end = 0, 0
	case c.end == len(c.in) && c.start > 0:
		c.start, c.end = 0, copy(c.in, c.in[c.start:c.end])
	case c.end == len(c.in):
		return io.ErrShortBuffer
	}
	n, err := c.nc.Read(c.in[c.end:])
	c.end += n
	if n > 0 {
		return nil
	}
	return err
}

// Deadlines are set this part later than asked for and then left alone while
// they are not too early: most requests need no new one.
const slack = 8

// setReadBy lets reads fail after by, or up to 1/slack of the time later.
func (c *conn) setReadBy(by time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	late := time.Until(by) / slack
	if c.readBy.Before(by) || c.readBy.Sub(by) > late {
		c.readBy = by.Add(late)
		c.nc.SetReadDeadline(c.readBy)
	}
}

// setWriteBy lets writes fail after the time for an answer has passed.
func (c *conn) setWriteBy(now time.Time) {
	if by := now.Add(c.cfg().WriteTimeout); c.writeBy.Before(by) {
		c.writeBy = by.Add(c.cfg().WriteTimeout / slack)
		c.nc.SetWriteDeadline(c.writeBy)
	}
}

// timedOut reports whether err is that of a deadline.
func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// linger is how long is read on after a refusal, so that the peer can see it
// before the connection closes: many clients write all of a call before they
// read, and a close with octets unread takes the answer away (H28).
const linger = 500 * time.Millisecond

func (c *conn) linger() {
	if half, ok := c.nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	c.nc.SetReadDeadline(time.Now().Add(linger))
	for {
		if _, err := c.nc.Read(c.in); err != nil {
			return
		}
	}
}
