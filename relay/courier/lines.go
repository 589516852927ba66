package courier

import (
	"context"
	"math"
	"net/netip"
	"sync"
	"time"
)

// lines are the satellites that are called, and the connections kept to them.
// A connection belongs to its line or to one exchange, never to both.
type lines struct {
	epoch   time.Time
	maxKept int
	loose   chan struct{} // a token for each open connection that cannot be kept

	mu     sync.Mutex
	by     map[netip.AddrPort]*line // guarded by mu
	joined ring                     // guarded by mu: those with a connection that is not in use
	bare   ring                     // guarded by mu: those without one that are not called
	kept   int                      // guarded by mu: connections that may be kept, in use or not
}

// Times without use after which a kept connection makes room for another, and
// after which it is closed anyway. Within the first all satellites of a relay
// are called, be it by pings, so that one connection is worth as much as
// another, and exchanging them would only cost.
const (
	yieldAfter = time.Minute
	closeAfter = 10 * time.Minute
)

func newLines(kept, loose int) *lines {
	l := &lines{epoch: time.Now(), by: map[netip.AddrPort]*line{}, maxKept: kept, loose: make(chan struct{}, loose)}
	l.joined.init()
	l.bare.init()
	return l
}

// board finds the lines of a batch, and takes their connections.
func (l *lines) board(list []exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range list {
		if list[i].To.Scheme != "https" {
			l.boardLocked(&list[i])
		}
	}
}

func (l *lines) boardLocked(x *exchange) {
	ln := l.by[x.To.Addr]
	if ln == nil {
		ln = &line{at: x.To.Addr}
		l.by[ln.at] = ln
	}
	if ln.next != nil {
		ln.unlink()
	}
	ln.calls++
	ln.forgotten = false
	x.line, x.conn, x.reused = ln, ln.conn, ln.conn != nil
	ln.conn = nil
}

// leave takes the line of an exchange back that has ended, and its
// connection, if there is one; keep says whether that can be used again.
func (l *lines) leave(x *exchange, keep bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln, c := x.line, x.conn
	x.conn = nil
	ln.calls--
	switch {
	case c == nil:
	case keep && !ln.forgotten && ln.conn == nil && l.seatLocked(c):
		ln.conn = c
	default:
		l.freeLocked(c)
	}
	l.settleLocked(ln)
}

// settleLocked puts a line where it belongs after a call.
func (l *lines) settleLocked(ln *line) {
	switch {
	case ln.next != nil || ln.conn == nil && ln.calls > 0:
		return
	case ln.forgotten:
		delete(l.by, ln.at)
		return
	case ln.conn != nil:
		l.joined.push(ln)
	default:
		l.bare.push(ln)
	}
	ln.used = time.Since(l.epoch)
	l.sweepLocked(ln.used)
}

// sweepLocked lets go of the lines that nobody has used for long; two at a
// time, so that it costs little and still keeps up.
func (l *lines) sweepLocked(now time.Duration) {
	for range 2 {
		if ln := l.joined.oldest(); ln != nil && now-ln.used > closeAfter {
			l.hangUpLocked(ln)
		}
		if ln := l.bare.oldest(); ln != nil && now-ln.used > closeAfter {
			ln.unlink()
			delete(l.by, ln.at)
		}
	}
}

// hangUpLocked closes the connection of a line of joined.
func (l *lines) hangUpLocked(ln *line) {
	ln.unlink()
	l.freeLocked(ln.conn)
	ln.conn = nil
	if ln.calls == 0 {
		l.bare.push(ln)
	}
}

// forget lets go of a satellite that has left; a call to it may go on.
func (l *lines) forget(at netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.by[at]
	if ln == nil {
		return
	}
	if ln.conn != nil {
		l.hangUpLocked(ln)
	}
	if ln.forgotten = ln.calls > 0; !ln.forgotten {
		ln.unlink()
		delete(l.by, at)
	}
}

// claim makes room for one more connection: a kept one, if need be in the
// place of one that was not used for long, else a loose one, to be closed
// after its answer. It waits where there are too many of these.
func (l *lines) claim(ctx context.Context) (kept bool, err error) {
	if l.claimKept() {
		return true, nil
	}
	select {
	case l.loose <- struct{}{}:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (l *lines) claimKept() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept >= l.maxKept {
		ln := l.joined.oldest()
		if ln == nil || time.Since(l.epoch)-ln.used < yieldAfter {
			return false
		}
		l.hangUpLocked(ln)
	}
	l.kept++
	return true
}

// unclaim gives room back that was claimed.
func (l *lines) unclaim(kept bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unclaimLocked(kept)
}

func (l *lines) unclaimLocked(kept bool) {
	if kept {
		l.kept--
	} else {
		<-l.loose
	}
}

// seatLocked makes a loose connection a kept one if there is room now.
func (l *lines) seatLocked(c *conn) bool {
	if !c.kept && l.kept < l.maxKept {
		l.unclaimLocked(false)
		l.kept++
		c.kept = true
	}
	return c.kept
}

// freeLocked closes a connection and gives its room back.
func (l *lines) freeLocked(c *conn) {
	c.Close()
	l.unclaimLocked(c.kept)
}

// drop closes the connection of an exchange that goes on.
func (l *lines) drop(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.freeLocked(x.conn)
	x.conn, x.reused = nil, false
}

// yield closes the n connections that were not used for longest, and reports
// whether there were any.
func (l *lines) yield(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	any := l.joined.oldest() != nil
	for ln := l.joined.oldest(); ln != nil && n > 0; ln = l.joined.oldest() {
		l.hangUpLocked(ln)
		n--
	}
	return any
}

// closeIdle closes all kept connections.
func (l *lines) closeIdle() { l.yield(math.MaxInt) }
