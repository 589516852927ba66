package relay

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// A BreakerState says whether messages are delivered to a satellite.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // they are
	BreakerOpen     BreakerState = "open"      // they wait: openAfter deliveries in a row failed, or a try did
	BreakerHalfOpen BreakerState = "half-open" // the next one is tried, and decides
)

// openAfter is how many deliveries fail in a row before a breaker opens.
const openAfter = 5

// The back-off of a breaker lies between these: it starts at the least, and
// doubles with each try that fails.
const (
	backoffLeast = 5 * time.Second
	backoffMost  = 5 * time.Minute
)

// A Breaker spares a satellite that takes no messages, and the relay, calls
// that fail. It stands beside the satellite's state: one that answers pings
// is up, and may yet fail every delivery. It starts closed with each
// registration and each start of the relay.
//
// While it is open messages wait in the outbox. After a back-off, and while
// pings are on a good ping made since it opened, it is half-open: the next
// message is tried. If that is delivered the breaker closes, else it opens
// again.
type Breaker struct {
	State  BreakerState
	Since  time.Time     // wall clock
	Opened time.Time     // wall clock: when it opened first since it was closed; zero: it is closed
	Reason string        // why it is not closed; empty if it is
	Retry  time.Duration // in copies: what is left of the back-off

	fails    uint8     // failed deliveries in a row, while closed
	opened   uint8     // how often it has opened since it was closed
	answered bool      // the latest ping since it opened was good, or a fault: a satellite without ping is there too
	asked    bool      // a ping was made when the back-off ended
	until    time.Time // end of the back-off, monotonic
}

func newBreaker(now time.Time) Breaker { return Breaker{State: BreakerClosed, Since: now} }

func (b *Breaker) enter(s BreakerState, reason string, now time.Time) {
	b.State, b.Reason, b.Since = s, reason, now
	switch {
	case s == BreakerClosed:
		b.Opened = time.Time{}
	case b.Opened.IsZero():
		b.Opened = now
	}
}

// left is what remains of the back-off.
func (b *Breaker) left(now time.Time) time.Duration {
	if b.State != BreakerOpen {
		return 0
	}
	return max(b.until.Sub(now), 0)
}

// backoff returns how long a breaker stays open that opened for the nth time,
// counted from 1. Up to a fifth of it is chance, so that satellites that
// failed together are not tried together.
func backoff(n uint8) time.Duration {
	const longest = backoffMost * 4 / 5
	d := longest
	if n < 8 { // else it is the longest anyway
		d = min(backoffLeast<<(n-1), longest)
	}
	return d + rand.N(d/4)
}

// judgeLocked lets m's breaker learn from the end of a call.
func (d *deliveries) judgeLocked(m *member, dl Delivery, o Outcome) {
	b := &m.sat.Breaker
	switch {
	case dl.message == nil:
		b.answered = o.Verdict == Delivered || o.Fault || o.Verdict == Abandoned && b.answered
		d.halfOpenLocked(m, time.Now())
	case o.Verdict == Abandoned && b.State == BreakerHalfOpen:
		d.openLocked(m, "the try was given up: "+o.Reason)
	case o.Verdict == Abandoned:
	case o.Verdict == Delivered:
		d.closeLocked(m, "a message was delivered")
	case b.State == BreakerHalfOpen:
		b.opened = min(b.opened+1, 100)
		d.openLocked(m, "the try failed: "+o.Reason)
	default:
		if b.fails++; b.fails >= openAfter {
			b.opened = 1
			d.openLocked(m, fmt.Sprintf("%d deliveries in a row failed, the latest: %s", openAfter, o.Reason))
		}
	}
}

// openLocked opens m's breaker for the back-off that belongs to b.opened.
func (d *deliveries) openLocked(m *member, reason string) {
	b, now := &m.sat.Breaker, time.Now()
	wait := backoff(b.opened)
	b.enter(BreakerOpen, reason, d.now())
	b.fails, b.until = 0, now.Add(wait)
	b.answered, b.asked = false, false
	d.alarms.set(m, b.until)
	next := fmt.Sprintf("; next try in %v", wait.Round(time.Second))
	if d.pinged(m.sat.HostID) {
		next += ", if it answers a ping"
	}
	d.emitLocked(m, DlvOpen, reason+next)
}

func (d *deliveries) closeLocked(m *member, reason string) {
	b := &m.sat.Breaker
	was := b.State
	b.fails, b.opened = 0, 0
	if was != BreakerClosed {
		b.enter(BreakerClosed, "", d.now())
		d.emitLocked(m, DlvClose, reason)
	}
}

// halfOpenLocked lets the next message to m be tried, if it is time. Where
// only a good ping is missing for that, it sees to one.
func (d *deliveries) halfOpenLocked(m *member, now time.Time) {
	b := &m.sat.Breaker
	switch {
	case b.State != BreakerOpen || now.Before(b.until):
		return
	case !d.pinged(m.sat.HostID):
		b.enter(BreakerHalfOpen, b.Reason, d.now())
		d.emitLocked(m, DlvTry, "its back-off is over: the next message is tried")
	case b.answered:
		b.enter(BreakerHalfOpen, b.Reason, d.now())
		d.emitLocked(m, DlvTry, "its back-off is over and it answers pings: the next message is tried")
	case !b.asked && !m.flaps.on():
		b.asked, m.pingDue = true, true
	}
}
