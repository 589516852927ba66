package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A remover removes satellites that have been down for long, if the relay is
// set to. When many go down at once it is more likely the network than they:
// then it holds, says so, and goes on when most are back, or after an hour.
//
// It hears of everything by the stream of events and decides in Run. It is
// safe for concurrent use and reckons on the monotonic clock.
type remover struct {
	after  time.Duration // how long a satellite is down before it goes; 0 or less: it never goes
	share  float64       // of all satellites, which going down at once holds removal
	least  int           // and no fewer than these
	window time.Duration // what counts as at once
	roster *Roster
	events *Events
	late   func(t time.Time) bool // whether the relay itself was late at or after t
	now    func() time.Time       // wall clock
	wake   chan struct{}

	mu    sync.Mutex
	down  map[string]time.Time // guarded by mu: since when, by host id
	hold  hold                 // guarded by mu: the latest
	retry time.Time            // guarded by mu: no removal before; the store had failed
}

// A hold is a time in which nothing is removed.
type hold struct {
	on     bool
	since  time.Time
	until  time.Time // at the latest
	began  time.Time // wall clock
	reason string
}

const (
	holdMost   = time.Hour        // a hold ends by itself
	holdLook   = 30 * time.Second // how often it is asked whether it may end
	retryAfter = time.Minute      // after the store has failed
	evictWidth = 100              // removals at once, so that they share a write
)

// A Removal tells how the relay treats satellites that stay down.
type Removal struct {
	After     time.Duration // how long one is down before it is removed; 0: none is
	Down      int           // satellites that are down
	Held      bool          // nothing is removed now, since many went down at once
	HeldSince time.Time     // wall clock
	HeldFor   time.Duration // how long it is held yet, at the latest
	Reason    string        // of the hold, in words
}

func newRemover(cfg Config, roster *Roster, events *Events, late func(time.Time) bool) *remover {
	return &remover{
		after: cfg.RemoveAfter, share: cfg.MassDown, least: cfg.MassDownLeast, window: cfg.MassDownWindow,
		roster: roster, events: events, late: late, now: cfg.Now,
		wake: make(chan struct{}, 1), down: map[string]time.Time{},
	}
}

// Removal tells what becomes of satellites that stay down.
func (r *Relay) Removal() Removal { return r.remover.state(time.Now()) }

func (r *remover) state(now time.Time) Removal {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Removal{After: max(r.after, 0), Down: len(r.down)}
	if h := r.hold; h.on {
		s.Held, s.HeldSince, s.HeldFor, s.Reason = true, h.began, max(h.until.Sub(now), 0), h.reason
	}
	return s
}

// RemovalOf tells in words when, or why not, the relay removes s, and how long
// that takes yet; less than 0 when it is not going to.
func (r *Relay) RemovalOf(s Satellite) (words string, in time.Duration) {
	now := time.Now()
	state := r.remover.state(now)
	switch {
	case state.After == 0 || s.State != StateDown:
		return "", -1
	case s.Pinned:
		return "not removed: it is pinned", -1
	}
	in = max(state.After-now.Sub(s.downAt), 0)
	words = "removed in " + roughly(in)
	if state.Held {
		in = max(in, state.HeldFor)
		words = fmt.Sprintf("held: %s; removed in %s at the earliest", state.Reason, roughly(in))
	}
	return words, in
}

// roughly tells a time in the unit that matters.
func roughly(d time.Duration) string {
	unit, name := time.Second, "s"
	switch d = d.Round(time.Second); {
	case d >= 72*time.Hour:
		unit, name = 24*time.Hour, "days"
	case d >= time.Hour:
		unit, name = time.Hour, "h"
	case d >= time.Minute:
		unit, name = time.Minute, "min"
	}
	return fmt.Sprintf("%d %s", d.Round(unit)/unit, name)
}

// hear is the listener of the stream of events. Whatever else happens to a
// satellite that was down, it no longer is.
func (r *remover) hear(ev Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev.Code {
	case SatState:
		if ev.State == StateDown {
			r.down[ev.HostID] = time.Now()
		} else {
			delete(r.down, ev.HostID)
		}
	case SatJoin, SatRejoin, SatFlap, SatLeave, SatRemove, SatPause:
		delete(r.down, ev.HostID)
	case SatUnpin:
	default:
		return
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run holds and removes until ctx ends.
func (r *remover) Run(ctx context.Context) {
	const pause = 100 * time.Millisecond // between looks, however much happens
	timer := time.NewTimer(holdMost)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			timer.Reset(pause)
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
		case <-timer.C:
		}
		timer.Reset(max(r.look(ctx, time.Now()), pause))
	}
}

// look holds or releases, removes whom it is time for, and returns how long
// nothing else is due.
func (r *remover) look(ctx context.Context, now time.Time) time.Duration {
	if r.weigh(now) {
		return holdLook
	}
	due, next := r.due(now)
	for len(due) > 0 && ctx.Err() == nil {
		some := due[:min(len(due), evictWidth)]
		due = due[len(some):]
		if !r.evict(ctx, some) {
			r.mu.Lock()
			r.retry = now.Add(retryAfter)
			r.mu.Unlock()
			return retryAfter
		}
	}
	return next
}

// weigh begins or ends a hold and reports whether removal is held.
func (r *remover) weigh(now time.Time) bool {
	all := r.roster.Len()
	r.mu.Lock()
	events := r.weighLocked(now, all)
	held := r.hold.on
	r.mu.Unlock()
	for _, ev := range events {
		r.events.emit(ev)
	}
	return held
}

func (r *remover) weighLocked(now time.Time, all int) (events []Event) {
	h := &r.hold
	if h.on {
		reason := ""
		switch still := r.downSinceLocked(h.since.Add(-r.window)); {
		case !r.many(still, all):
			reason = fmt.Sprintf("of %d satellites %d are still down that went down at once", all, still)
		case !now.Before(h.until):
			reason = fmt.Sprintf("it was held for %s; of %d satellites %d are still down", roughly(holdMost), all, still)
		default:
			return nil
		}
		h.on = false
		events = append(events, Event{Code: RemovalGoes, Time: r.now(), Reason: reason})
	}
	from := now.Add(-r.window)
	if h.since.After(from) {
		from = h.since // what led to one hold does not lead to another
	}
	if went := r.downSinceLocked(from); r.many(went, all) {
		*h = hold{on: true, since: now, until: now.Add(holdMost), began: r.now()}
		h.reason = fmt.Sprintf("of %d satellites %d went down within %v", all, went, r.window)
		events = append(events, Event{Code: RemovalHold, Time: h.began, Reason: h.reason + "; none is removed until most are back, for " + roughly(holdMost) + " at most"})
	}
	return events
}

func (r *remover) many(n, all int) bool {
	return r.share >= 0 && n >= r.least && float64(n) >= r.share*float64(all)
}

func (r *remover) downSinceLocked(t time.Time) (n int) {
	for _, at := range r.down {
		if !at.Before(t) {
			n++
		}
	}
	return n
}

// due returns the host ids of those whose time is over, and how long the next
// one has. After the relay was late everybody gets the time to be pinged anew.
func (r *remover) due(now time.Time) (ids []string, next time.Duration) {
	if next = holdMost; r.after <= 0 {
		return nil, next
	}
	if r.late(now.Add(-r.window)) {
		return nil, r.window
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if wait := r.retry.Sub(now); wait > 0 {
		return nil, wait
	}
	for id, at := range r.down {
		if wait := at.Add(r.after).Sub(now); wait > 0 {
			next = min(next, wait)
		} else {
			ids = append(ids, id)
		}
	}
	return ids, next
}

// evict removes those that are still down, and reports whether the store
// could take it.
func (r *remover) evict(ctx context.Context, ids []string) bool {
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		if s, ok := r.roster.Find(id); ok && r.stays(s) == nil {
			wg.Go(func() {
				errs[i] = r.roster.Evict(ctx, id, "it was down for "+roughly(r.after)+" without one good answer", r.stays)
			})
		}
	}
	wg.Wait()
	_, failed := errors.AsType[*StoreError](errors.Join(errs...))
	return !failed
}

// errStays is why a satellite is not removed after all.
var errStays = errors.New("it is not to be removed")

func (r *remover) stays(s Satellite) error {
	if s.State != StateDown || s.Paused || s.Pinned || time.Since(s.downAt) < r.after {
		return errStays
	}
	return nil
}
