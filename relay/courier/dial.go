package courier

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// How many connections are opened at once in each lane, and how long opening
// one may take. A satellite of the first lane that takes longer than quick is
// tried again in the second one, so that a thousand that hang when they are
// first met hold up the others for seconds, not for hours.
const (
	trustedDials  = 64
	doubtfulDials = 32
	hopelessDials = 32

	quickDial = 200 * time.Millisecond
	dialTime  = 3 * time.Second // C5
)

// dial has x connect, in the lane that its satellite has earned.
func (c *Courier) dial(x *exchange) { c.dials[x.line.doubt.Load()].put(x) }

// connect opens a connection for x and writes its call.
func (c *Courier) connect(x *exchange) {
	kept, err := c.lines.claim(c.ctx)
	if err != nil {
		c.fail(x, err)
		return
	}
	begin := time.Now()
	if !x.again {
		x.start = begin
	}
	limit := dialTime
	if x.line.doubt.Load() == trusted {
		limit = quickDial
	}
	nc, err := c.open(x, begin.Add(limit))
	if err != nil {
		c.lines.unclaim(kept)
		c.unconnected(x, begin, err)
		return
	}
	if took := time.Since(begin); took < quickDial {
		x.line.doubt.Store(trusted)
	} else {
		x.line.doubt.Store(doubtful)
	}
	x.conn = newConn(nc, kept, c.late.poll != nil)
	c.begin(x)
}

// begin writes as much of x's call as goes at once, and leaves the rest to
// the watch.
func (c *Courier) begin(x *exchange) {
	w := c.hand()
	err := w.write(x)
	workers.Put(w)
	if err != nil {
		c.fail(x, err)
		return
	}
	c.late.add(x)
}

// open dials, and tries again while the relay lacks descriptors.
func (c *Courier) open(x *exchange, until time.Time) (net.Conn, error) {
	nc, err := c.openOnce(x, until)
	if !exhausted(err) {
		return nc, err
	}
	until = x.start.Add(min(dialTime, x.Timeout))
	for pause := 10 * time.Millisecond; exhausted(err) && time.Now().Before(until); pause = min(2*pause, maxPause) {
		if !c.lines.yield(yields) {
			c.rest(min(pause, time.Until(until)))
		}
		nc, err = c.openOnce(x, until)
	}
	if exhausted(err) {
		err = ownTrouble{err}
	}
	return nc, err
}

// While the relay lacks descriptors, this many kept connections are closed
// for a new one; when there are none, trying again waits, in the end this long.
const (
	yields   = 4
	maxPause = 500 * time.Millisecond
)

func (c *Courier) openOnce(x *exchange, until time.Time) (net.Conn, error) {
	if end := x.deadline(); end.Before(until) {
		until = end
	}
	ctx, cancel := context.WithDeadline(c.ctx, until)
	defer cancel()
	nc, err := c.cfg.Dial(ctx, "tcp", x.To.Addr.String())
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || err != nil && ctx.Err() != nil {
		err = &slowDial{err}
	}
	return nc, err
}

// rest waits, unless the courier is closed.
func (c *Courier) rest(pause time.Duration) {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ctx.Done():
	}
}

// exhausted reports whether err is a lack that is the relay's own: of
// descriptors, of memory, of ports.
func exhausted(err error) bool {
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, lack) {
			return true
		}
	}
	return false
}

// A slowDial is an attempt to connect that ran out of time.
type slowDial struct{ error }

func (e *slowDial) Unwrap() error { return e.error }

// unconnected decides what becomes of x when dialling from begin on failed.
func (c *Courier) unconnected(x *exchange, begin time.Time, err error) {
	_, slow := errors.AsType[*slowDial](err)
	switch {
	case !slow || errors.As(err, new(ownTrouble)) || c.closed.Load():
		c.fail(x, err)
	case !time.Now().Before(x.deadline()):
		x.line.doubt.Store(hopeless)
		c.fail(x, os.ErrDeadlineExceeded)
	case x.line.doubt.CompareAndSwap(trusted, doubtful) || time.Since(begin) > dialTime+stopped:
		c.dial(x)
	default:
		x.line.doubt.Store(hopeless)
		c.fail(x, err)
	}
}

// stopped is how late a deadline is noticed only by a process that was
// stopped meanwhile, which says nothing of the far end.
const stopped = time.Second
