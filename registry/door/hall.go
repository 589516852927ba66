package door

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A hall holds the connections of one Serve, and who they belong to.
type hall struct {
	server    *Server
	calls     context.Context // of the requests; ends when they are cut off
	room      chan struct{}   // one token for each open connection
	guests    sync.WaitGroup  // their goroutines
	strangers atomic.Int32    // connections that are being turned away
	closing   chan struct{}   // closed: no further request is taken
	full      atomic.Bool     // nobody more is accepted until one leaves

	mu       sync.Mutex
	conns    map[*conn]struct{}   // guarded by mu
	perPeer  map[netip.Prefix]int // guarded by mu
	nextWarn time.Time            // guarded by mu: when a refusal is logged again
}

func newHall(s *Server, calls context.Context) *hall {
	return &hall{
		server: s, calls: calls, room: make(chan struct{}, s.cfg.MaxConns),
		closing: make(chan struct{}), conns: map[*conn]struct{}{}, perPeer: map[netip.Prefix]int{},
	}
}

// accept takes connections until ln is closed. While the hall is full they
// wait in the queue of the kernel (L19).
func (h *hall) accept(ln net.Listener) error {
	trouble := troubles{log: h.server.log, fails: &h.server.fails}
	for h.takeRoom() {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			trouble.over()
			h.receive(nc)
			continue
		case !passes(err):
			return err
		}
		<-h.room
		trouble.tell(err)
		if isShortage(err) {
			h.hurry(fullTimeout)
		}
		select {
		case <-time.After(acceptPause):
		case <-h.closing:
			return nil
		}
	}
	return nil
}

// takeRoom takes a token, and waits for it while the hall is full; then idle
// connections make room soon. It returns false when the hall closes.
func (h *hall) takeRoom() bool {
	select {
	case <-h.closing:
		return false
	case h.room <- struct{}{}:
		return true
	default:
	}
	h.full.Store(true)
	defer h.full.Store(false)
	h.hurry(fullTimeout)
	select {
	case <-h.closing:
		return false
	case h.room <- struct{}{}:
		return true
	}
}

// acceptPause is how long accepting rests after an error that may pass.
const acceptPause = 100 * time.Millisecond

// passes reports whether an error of accepting is one that may pass, such as
// a lack of descriptors or a network that is down: all but those of a listener
// that cannot be used any more.
func passes(err error) bool {
	return !errors.Is(err, net.ErrClosed) && !errors.Is(err, syscall.EBADF) && !errors.Is(err, syscall.EINVAL)
}

// isShortage reports a lack of descriptors or memory of the system.
func isShortage(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM)
}

// receive lets a connection in and serves it to its end, in a goroutine of its
// own. It holds the token taken for it until then.
func (h *hall) receive(nc net.Conn) {
	c := newConn(h, nc)
	if no := h.enter(c); no != nil {
		<-h.room
		h.turnAway(c, no)
		return
	}
	h.guests.Go(func() {
		defer func() { <-h.room }()
		defer func() { c.nc.Close() }()
		defer h.leave(c)
		c.serve()
	})
}

// Strangers is how many are told at once why they are not let in, where so
// many connections may be open: they are open beside those. While there are
// more, they are not told: whoever comes that often knows.
func Strangers(maxConns int) int { return min(max(maxConns/8, 1), 64) }

// turnAway takes none of the room of those who are let in.
func (h *hall) turnAway(c *conn, no *Refusal) {
	if h.strangers.Add(1) > int32(Strangers(h.server.cfg.MaxConns)) {
		h.strangers.Add(-1)
		c.nc.Close()
		return
	}
	h.guests.Go(func() {
		defer h.strangers.Add(-1)
		defer c.nc.Close()
		c.turnAway(no)
	})
}

var errManyOfPeer = overfull("too many connections from your address")

// enter lets c in, unless its peer has too many connections already.
func (h *hall) enter(c *conn) *Refusal {
	peer := peerOf(c.remote.Addr())
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.isClosing():
		return errGone
	case h.perPeer[peer] >= h.server.cfg.MaxPerPeer:
		h.warnLocked(peer)
		return errManyOfPeer
	}
	h.perPeer[peer]++
	h.conns[c] = struct{}{}
	h.server.conns.Add(1)
	if len(h.conns) == h.crowd()+1 {
		h.hurryLocked(crowdedTimeout)
	}
	return nil
}

func (h *hall) leave(c *conn) {
	peer := peerOf(c.remote.Addr())
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	h.server.conns.Add(-1)
	if h.perPeer[peer]--; h.perPeer[peer] == 0 {
		delete(h.perPeer, peer)
	}
}

// peerOf is what connections are counted by: an IPv4 address or, as one host
// has that many addresses, the /64 of an IPv6 one.
func peerOf(addr netip.Addr) netip.Prefix {
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.WithZone("").Prefix(bits) // without address, all are one peer
	return p
}

// warnLocked tells of a peer that is turned away, once a minute.
func (h *hall) warnLocked(peer netip.Prefix) {
	if now := time.Now(); now.After(h.nextWarn) {
		h.nextWarn = now.Add(time.Minute)
		h.server.log.Warn("connections turned away: too many of one address", "code", "DOOR-PEER", slog.String("peer", peer.String()), slog.Int("limit", h.server.cfg.MaxPerPeer))
	}
}

// crowd is how many connections may be open before idle ones have less time (L18).
func (h *hall) crowd() int { return cap(h.room) * 3 / 4 }

// Idle connections are closed after this time in a crowd, and while the hall
// is full or descriptors are short.
const (
	crowdedTimeout = 10 * time.Second
	fullTimeout    = time.Second
)

// idleTimeout is how long a connection may wait for its next request now. One
// token is the accepting goroutine's.
func (h *hall) idleTimeout() time.Duration {
	if h.full.Load() {
		return min(fullTimeout, h.server.cfg.IdleTimeout)
	}
	if len(h.room)-1 > h.crowd() {
		return min(crowdedTimeout, h.server.cfg.IdleTimeout)
	}
	return h.server.cfg.IdleTimeout
}

// hurry gives the connections that are idle already less time too.
func (h *hall) hurry(within time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hurryLocked(within)
}

func (h *hall) hurryLocked(within time.Duration) {
	until := time.Now().Add(min(within, h.server.cfg.IdleTimeout))
	for c := range h.conns {
		c.hurry(until)
	}
}

// isClosing reports whether connections close after their answer.
func (h *hall) isClosing() bool {
	select {
	case <-h.closing:
		return true
	default:
		return false
	}
}

// shut closes the idle connections; the others close after their answer.
func (h *hall) shut() {
	close(h.closing)
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		c.closeIdle()
	}
}

// emptyWithin waits for the last connection to end.
func (h *hall) emptyWithin(grace time.Duration) bool {
	empty := make(chan struct{})
	go func() {
		h.guests.Wait()
		close(empty)
	}()
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-empty:
		return true
	case <-late.C:
		return false
	}
}

// clear cuts off all connections.
func (h *hall) clear() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		c.raw.Close()
	}
}
