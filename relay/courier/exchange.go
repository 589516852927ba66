package courier

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// An exchange is a delivery on its way: one request and its answer. It
// belongs to one goroutine at a time.
type exchange struct {
	relay.Delivery
	done   func(relay.Delivery, relay.Outcome)
	line   *line
	conn   *conn     // nil: none yet
	reused bool      // conn is from an earlier delivery, so it may have been closed since
	again  bool      // conn was made after a kept one was found closed
	start  time.Time // of writing or of dialling
	sent   int       // octets of the request that are written
	total  int       // octets of the request
	answer answer
	held   int64 // octets of answer that are counted

	number int64 // in a poll
	pos    int   // in its deadlines
	hoped  bool  // counted among its hopes
	failed error // why a poll cannot do it
}

// errClosedEarly says that a connection ended before an answer began.
var errClosedEarly = errors.New("the connection was closed before an answer")

func errLate(timeout time.Duration) error { return errors.New("no answer within " + timeout.String()) }

// lost reports whether err means that the far end has closed the connection.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, errClosedEarly)
}

// timedOut reports whether err is that of a deadline.
func timedOut(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// abandon ends x before it has begun.
func abandon(x *exchange) {
	x.done(x.Delivery, relay.Outcome{Verdict: relay.Abandoned, Reason: stopping})
}

// deadline is when x must have ended.
func (x *exchange) deadline() time.Time { return x.start.Add(x.Timeout) }

// aside returns x by itself, off the batch it came in.
func (x *exchange) aside() *exchange {
	own := new(exchange)
	*own = *x
	return own
}

// read takes what a read of x's connection brought. When x has ended, it has
// been told done.
func (c *Courier) read(x *exchange, j *judge, b []byte, err error) (ended bool) {
	if len(b) == 0 && err == nil {
		return false
	}
	if len(b) == 0 && x.answer.empty() && lost(err) {
		c.broken(x, errClosedEarly)
		return true
	}
	v, ended := x.answer.feed(j, b, err)
	if !ended && !c.room.grow(&x.held, len(x.answer.came)) {
		c.fail(x, errNoRoom)
		return true
	}
	if ended {
		c.answered(x, v)
	}
	return ended
}

// broken ends x, or has it connect again: a kept connection that is found
// closed says nothing of the satellite (C13).
func (c *Courier) broken(x *exchange, err error) {
	if x.reused && lost(err) {
		c.lines.drop(x)
		x.again, x.sent = true, 0
		c.dial(x.aside())
		return
	}
	c.fail(x, err)
}

// answered ends x with what its answer says.
func (c *Courier) answered(x *exchange, v verdict) {
	took := time.Since(x.start)
	c.room.shrink(&x.held)
	x.line.late.Store(c.pace.slower(took))
	c.lines.leave(x, v.keep && x.sent == x.total && !c.closed.Load())
	o := relay.Outcome{Verdict: relay.Delivered, Took: took}
	if v.err != nil {
		o.Verdict, o.Reason, o.Fault, o.Quotes = relay.Dead, x.words(v.err), isFault(v.err), true
	}
	x.done(x.Delivery, o)
}

func isFault(err error) bool {
	_, fault := errors.AsType[*wire.Fault](err)
	return fault
}

// fail ends x without an answer.
func (c *Courier) fail(x *exchange, err error) {
	o := relay.Outcome{Verdict: relay.Dead, Took: time.Since(x.start)}
	switch {
	case c.closed.Load():
		o.Verdict, o.Reason = relay.Abandoned, stopping
	case timedOut(err) && !errors.As(err, new(*slowDial)):
		x.line.late.Store(true)
		o.Reason = x.words(errLate(x.Timeout))
	case errors.As(err, new(ownTrouble)):
		o.Verdict, o.Reason = relay.Abandoned, err.Error()
	default:
		o.Reason = x.words(err)
	}
	c.room.shrink(&x.held)
	if x.conn != nil {
		x.conn.abort()
	}
	c.lines.leave(x, false)
	x.done(x.Delivery, o)
}

// words puts the failure of a call in words for people who look at a
// satellite.
func (x *exchange) words(err error) string {
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op != "dial" {
		err = e.Err // the address is told here
	}
	return x.Method + " to " + x.To.Addr.String() + ": " + err.Error()
}

// An ownTrouble is a failure that is the relay's own.
type ownTrouble struct{ err error }

func (e ownTrouble) Error() string { return e.err.Error() }

func (e ownTrouble) Unwrap() error { return e.err }
