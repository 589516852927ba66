package relay

import "time"

// A Standing says how a satellite is, for people who look after it: its state,
// unless something is wrong that its state does not tell.
type Standing string

// The standings that are no states.
const (
	StandingStuck    Standing = "stuck"    // its breaker is not closed: it answers pings, perhaps, but takes no messages
	StandingFlapping Standing = "flapping" // it registers again and again
)

// StandingOf returns the worst of what is known, unless an operator ordered
// that the satellite be left alone.
func StandingOf(state State, breaker BreakerState, flapping bool) Standing {
	switch {
	case state == StatePaused || state == StateDown:
	case breaker == BreakerOpen || breaker == BreakerHalfOpen:
		return StandingStuck
	case state == StateSuspect:
	case flapping:
		return StandingFlapping
	}
	return Standing(state)
}

// NeedsAttention reports whether a person should look at a satellite that
// stands so.
func (s Standing) NeedsAttention() bool {
	switch s {
	case Standing(StateDown), StandingStuck, Standing(StateSuspect), StandingFlapping:
		return true
	}
	return false
}

// Standing is how s is.
func (s *Satellite) Standing() Standing {
	return StandingOf(s.State, s.Breaker.State, s.Flapping)
}

// StandingSince is since when, by the wall clock.
func (s *Satellite) StandingSince() time.Time {
	switch s.Standing() {
	case StandingStuck:
		return s.Breaker.Opened
	case StandingFlapping:
		return s.FlappingSince
	}
	return s.StateSince
}

// StandingReason is why, in words; empty: nothing is wrong, or nobody said.
func (s *Satellite) StandingReason() string {
	switch s.Standing() {
	case StandingStuck:
		return s.Breaker.Reason
	case Standing(StatePaused):
		return s.PauseReason
	}
	return s.LastError
}

// Standing is how the satellite is.
func (s *Sample) Standing() Standing { return StandingOf(s.State, s.Breaker, s.Flapping) }
