package relay

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Losses count messages that were given up though nothing is wrong with their
// receiver's answers, by cause.
type Losses struct {
	Full    int // it was full
	Crowded int // all outboxes together were
	Expired int // they were older than their time to live
	Cut     int // the relay could not make or finish the call
	Stopped int // they waited when the relay stopped
}

// Sum is how many messages they are.
func (l Losses) Sum() int { return l.Full + l.Crowded + l.Expired + l.Cut + l.Stopped }

func (l Losses) plus(o Losses) Losses {
	return Losses{l.Full + o.Full, l.Crowded + o.Crowded, l.Expired + o.Expired, l.Cut + o.Cut, l.Stopped + o.Stopped}
}

// String tells the losses for people.
func (l Losses) String() string {
	var parts []string
	for _, cause := range []struct {
		n   int
		why string
	}{
		{l.Full, "its outbox is full"}, {l.Crowded, "all outboxes together are full"},
		{l.Expired, "older than their time to live"},
		{l.Cut, "the relay itself could not call it"}, {l.Stopped, "the relay stops"},
	} {
		if cause.n > 0 {
			messages := "messages"
			if cause.n == 1 {
				messages = "message"
			}
			parts = append(parts, fmt.Sprintf("%d %s dropped: %s", cause.n, messages, cause.why))
		}
	}
	return strings.Join(parts, "; ")
}

// A lossSum adds up losses. It is safe for concurrent use.
type lossSum struct {
	mu  sync.Mutex
	all Losses // guarded by mu
}

func (s *lossSum) add(lost Losses) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = s.all.plus(lost)
}

// Lost returns how many messages were given up since the relay was made, for
// all satellites together.
func (r *Relay) Lost() Losses {
	s := &r.deliveries.lost
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// The time between two events that tell of one satellite's losses, so that a
// flood of messages is no flood of events: it starts at the least, and doubles
// with each event up to the most.
const (
	lossLeast = 10 * time.Second
	lossMost  = 30 * time.Minute
)

// A lossReport gathers what a satellite lost since the last event. It is
// there from one event until gap has passed without a loss.
type lossReport struct {
	since Losses
	gap   time.Duration
	next  time.Time // of the next event, monotonic
}

// lostLocked counts what m lost, and tells it: at once when nothing was lost
// for a while, else with all there is to tell by then.
func (d *deliveries) lostLocked(m *member, lost Losses, now time.Time) {
	if lost.Sum() == 0 {
		return
	}
	m.sat.Dropped += lost.Sum()
	d.lost.add(lost)
	if m.losses != nil {
		m.losses.since = m.losses.since.plus(lost)
		return
	}
	d.emitLocked(m, DlvDrop, lost.String())
	d.gatherLocked(m, lossLeast, now)
}

// gatherLocked gathers what m loses from now on, for an event after gap.
func (d *deliveries) gatherLocked(m *member, gap time.Duration, now time.Time) {
	m.losses = &lossReport{gap: gap, next: now.Add(gap)}
	d.alarms.set(m, m.losses.next)
}

// tellLossesLocked tells what was lost since the last event, if it is time.
func (d *deliveries) tellLossesLocked(m *member, now time.Time) {
	switch {
	case m.losses == nil || now.Before(m.losses.next):
		return
	case m.losses.since.Sum() == 0:
		m.losses = nil
		return
	}
	d.emitLocked(m, DlvDrop, fmt.Sprintf("%v (in the last %v)", m.losses.since, m.losses.gap))
	d.gatherLocked(m, min(2*m.losses.gap, lossMost), now)
}

// abandon gives up what still waits for the members of a relay that has
// stopped, the calls under way among it, and tells all losses that were not
// told yet.
func (d *deliveries) abandon(members []*member) {
	for _, m := range members {
		m.mu.Lock()
		lost := Losses{Stopped: m.outbox.Clear() + m.outbox.Len()}
		m.sat.Dropped += lost.Sum()
		d.lost.add(lost)
		if m.losses != nil {
			lost, m.losses = lost.plus(m.losses.since), nil
		}
		if lost.Sum() > 0 {
			d.emitLocked(m, DlvDrop, lost.String())
		}
		m.mu.Unlock()
	}
}
