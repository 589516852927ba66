package relay

import (
	"fmt"
	"time"
)

// A satellite flaps when it registers again more than flapMost times within
// flapWindow: two programs share its address, or one is started again and
// again. Then pings and presence are held for flapHold.
const (
	flapMost   = 15
	flapWindow = time.Minute
	flapHold   = 5 * time.Minute
)

// flaps watch how often one satellite registers again. The zero value is
// ready; times are monotonic.
type flaps struct {
	times []time.Time // registrations again within flapWindow, at most flapMost+1
	until time.Time   // until when it counts as flapping; zero: it does not
}

// again notes a registration and reports whether with it flapping begins.
func (f *flaps) again(now time.Time) (began bool) {
	f.forget(now)
	if f.times = append(f.times, now); len(f.times) > flapMost+1 {
		f.times = append(f.times[:0], f.times[1:]...)
	}
	if len(f.times) <= flapMost || !f.until.IsZero() {
		return false
	}
	f.until = now.Add(flapHold)
	return true
}

func (f *flaps) forget(now time.Time) {
	old := 0
	for old < len(f.times) && now.Sub(f.times[old]) > flapWindow {
		old++
	}
	if f.times = append(f.times[:0], f.times[old:]...); len(f.times) == 0 {
		f.times = nil // a quiet satellite keeps no memory
	}
}

// held returns how long flapping still counts. When its time is over and it
// still registers as often, the time begins anew.
func (f *flaps) held(now time.Time) time.Duration {
	if f.forget(now); f.until.IsZero() {
		return 0
	}
	if len(f.times) > flapMost && !now.Before(f.until) {
		f.until = now.Add(flapHold)
	}
	return max(f.until.Sub(now), 0)
}

func (f *flaps) on() bool { return !f.until.IsZero() }

// mayPing reports whether m may be pinged now, or else how long that has to
// wait; 0: until somebody says so.
func (m *member) mayPing(now time.Time) (wait time.Duration, may bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone || m.sat.Paused {
		return 0, false
	}
	wait = m.flaps.held(now)
	return wait, wait == 0
}

// rejoinedLocked notes that m has registered again and returns the event that
// tells of it, if one does: while it flaps none is repeated.
func (m *member) rejoinedLocked(now, wall time.Time) (code Code, reason string) {
	switch {
	case m.flaps.again(now):
		m.sat.Flapping, m.sat.FlappingSince = true, wall
		return SatFlap, fmt.Sprintf("it registered again more than %d times within %v; its pings and presence are held for %v", flapMost, flapWindow, flapHold)
	case m.flaps.on():
		return "", ""
	}
	return SatRejoin, ""
}

// settled ends the flapping of m, if it flapped.
func (d *deliveries) settled(m *member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flaps.on() {
		m.flaps.until, m.sat.Flapping, m.sat.FlappingSince = time.Time{}, false, time.Time{}
		d.emitLocked(m, SatSettle, fmt.Sprintf("it no longer registers again more than %d times within %v", flapMost, flapWindow))
	}
}
