package relay

import "time"

// A State says how well a satellite answers.
type State string

// The states of a satellite.
const (
	StateNew     State = "new"     // no call to it has ended yet since it registered or the relay started
	StateUp      State = "up"      // the latest call was answered
	StateSuspect State = "suspect" // the latest call failed
	StateDown    State = "down"    // downAfter pings failed in a row
	StatePaused  State = "paused"  // an operator ordered that it be neither called nor pinged
)

// downAfter is how many pings fail in a row before a satellite counts as down.
const downAfter = 3

// Liveness is what calls to a satellite have shown. It starts anew with each
// registration and each start of the relay.
type Liveness struct {
	State      State
	StateSince time.Time // wall clock
	LastError  string    // of the latest failed call, in words; empty once it answers again
	WayBack    string    // empty: no call has ended yet; [WayBackOK]; or why no call has reached it yet
	Ping       PingStats
	failedRow  int       // failed pings in a row
	downAt     time.Time // when it went down, monotonic; zero: it is not down
	restored   bool      // taken from the store: nobody registered just now
}

// PingStats are ping times in milliseconds, as co2.md 9.4 counts them.
type PingStats struct {
	Count   int     // pings sent
	Fails   int     // of these, failed
	Current float64 // latest measured; -1 before the first answer, as are Min and Max
	Min     float64
	Max     float64
	sum     float64
}

// Avg is the mean over answered pings, -1 before the first.
func (p PingStats) Avg() float64 {
	if good := p.Count - p.Fails; good > 0 {
		return p.sum / float64(good)
	}
	return -1
}

func newLiveness(now time.Time) Liveness {
	return Liveness{State: StateNew, StateSince: now, Ping: PingStats{Current: -1, Min: -1, Max: -1}}
}

// pinged records the end of one ping.
func (l *Liveness) pinged(o Outcome, now time.Time) {
	l.Ping.Count++
	if o.Verdict != Delivered {
		l.Ping.Fails++
		l.failedRow++
		l.failed(o.Reason, now)
		return
	}
	l.failedRow = 0
	l.Ping.measured(float64(o.Took) / float64(time.Millisecond))
	l.answered(now)
}

func (p *PingStats) measured(ms float64) {
	if p.Current < 0 {
		p.Min, p.Max = ms, ms
	}
	p.Current, p.Min, p.Max = ms, min(p.Min, ms), max(p.Max, ms)
	p.sum += ms
}

// unheard reports whether pings have failed and none was answered since the
// registration or the start of the relay, but too few to say that it is down.
// After a start the network may still be coming up.
func (l *Liveness) unheard() bool {
	return l.Ping.Current < 0 && l.failedRow > 0 && l.failedRow < downAfter
}

// notified records the end of one notify.
func (l *Liveness) notified(o Outcome, now time.Time) {
	if o.Verdict == Delivered {
		l.answered(now)
	} else {
		l.failed(o.Reason, now)
	}
}

func (l *Liveness) answered(now time.Time) {
	l.failedRow, l.LastError = 0, ""
	l.enter(StateUp, now)
}

func (l *Liveness) failed(reason string, now time.Time) {
	l.LastError = reason
	switch {
	case l.failedRow >= downAfter:
		l.enter(StateDown, now)
	case l.State != StateDown:
		l.enter(StateSuspect, now)
	}
}

// enter takes up what a call showed. A pause lasts until it is ended, whatever
// the call under way when it began shows.
func (l *Liveness) enter(s State, now time.Time) {
	if l.State != StatePaused {
		l.set(s, now)
	}
}

func (l *Liveness) set(s State, now time.Time) {
	if l.State == s {
		return
	}
	l.State, l.StateSince, l.downAt = s, now, time.Time{}
	if s == StateDown {
		l.downAt = time.Now()
	}
}

// pause and resume begin and end a pause. Afterwards nothing is known: what
// was learned before is old.
func (l *Liveness) pause(now time.Time) { l.set(StatePaused, now) }

func (l *Liveness) resume(now time.Time) {
	l.failedRow, l.LastError = 0, ""
	l.set(StateNew, now)
}
