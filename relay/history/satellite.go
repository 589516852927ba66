package history

import (
	"math"
	"slices"
	"time"

	"co2/relay"
)

// What is kept of every satellite.
const (
	pingsKept    = 60
	outcomesKept = 8
	statesKept   = 32
)

// A moment is a time since the start of the history, in tenths of a second: it
// lasts 13 years.
type moment uint32

const momentStep = 100 * time.Millisecond

func momentOf(d time.Duration) moment {
	return moment(min(max(d, 0)/momentStep, math.MaxUint32))
}

func (m moment) since() time.Duration { return time.Duration(m) * momentStep }

// A satellite is what is kept of one, in less than 1 KiB, and, of those that
// are of interest, in full.
type satellite struct {
	// What each call needs comes first, and together.
	id       string
	full     *full
	answered moment // the latest answer to a call; 0: none
	nOut     uint8  // outcomes kept
	atOut    uint8  // where the next one goes
	atPing   uint8  // where the oldest ping is, when as many are kept as can be
	outcomes [outcomesKept]outcome

	told   told
	states []stateChange // oldest first
	pings  []ping        // at most pingsKept
	sweep  uint32        // the latest one that found it in the roster
}

// An outcome is the end of one notify.
type outcome struct {
	at      moment
	took    reading // in seconds
	waited  reading // in seconds
	verdict relay.Verdict
}

type ping struct {
	at   moment
	took reading // in seconds
}

type stateChange struct {
	at    moment
	state uint8 // number in standings
}

// standings gives them their numbers. What an event tells is a state.
var standings = [...]relay.Standing{
	relay.Standing(relay.StateNew), relay.Standing(relay.StateUp), relay.Standing(relay.StateSuspect), relay.Standing(relay.StateDown),
	relay.Standing(relay.StatePaused), relay.StandingStuck, relay.StandingFlapping,
}

func numberOf(s relay.Standing) uint8 { return uint8(max(slices.Index(standings[:], s), 0)) }

func (s *satellite) pinged(at moment, r reading) {
	if len(s.pings) < pingsKept {
		s.pings = append(roomy(s.pings, pingsKept), ping{at, r})
		return
	}
	s.pings[s.atPing] = ping{at, r}
	s.atPing = (s.atPing + 1) % pingsKept
}

func (s *satellite) notified(o outcome) {
	s.outcomes[s.atOut] = o
	s.atOut = (s.atOut + 1) % outcomesKept
	s.nOut = min(s.nOut+1, outcomesKept)
}

// A told is what events have told of a satellite.
type told struct {
	state    uint8 // number in standings
	stuck    bool
	flapping bool
}

func toldOf(s *relay.Sample) told {
	return told{numberOf(relay.Standing(s.State)), s.Standing() == relay.StandingStuck, s.Flapping}
}

// hear takes an event.
func (t *told) hear(ev *relay.Event) {
	switch ev.Code {
	case relay.SatJoin:
		*t = told{}
	case relay.SatRejoin, relay.SatFlap:
		if t.flapping = ev.Code == relay.SatFlap; t.standing() != relay.Standing(relay.StatePaused) { // who is paused stays so
			t.state = 0
		}
	case relay.SatState, relay.SatPause, relay.SatResume:
		t.state = numberOf(relay.Standing(ev.State))
	case relay.SatSettle:
		t.flapping = false
	case relay.DlvOpen:
		t.stuck = true
	case relay.DlvClose:
		t.stuck = false
	}
}

func (t *told) standing() relay.Standing {
	breaker := relay.BreakerClosed
	if t.stuck {
		breaker = relay.BreakerOpen
	}
	return relay.StandingOf(relay.State(standings[t.state]), breaker, t.flapping)
}

// entered takes a change of what the satellite is, if it is one.
func (s *satellite) entered(at moment, reason string) {
	n := numberOf(s.told.standing())
	if k := len(s.states); k > 0 && s.states[k-1].state == n {
		return
	}
	if len(s.states) == statesKept {
		copy(s.states, s.states[1:])
		s.states = s.states[:statesKept-1]
	}
	s.states = append(roomy(s.states, statesKept), stateChange{at, n})
	if s.full != nil {
		s.full.reasons.push(clip(reason, reasonKept))
	}
}

// roomy returns list with room for one more, but never for more than most. It
// grows by little, for there are many such lists and most stay short.
func roomy[T any](list []T, most int) []T {
	if len(list) < cap(list) {
		return list
	}
	return append(make([]T, 0, min(max(2*cap(list), 2), most)), list...)
}

// troubled reports whether something is wrong with a satellite.
func troubled(state relay.State, breaker relay.BreakerState) bool {
	return state == relay.StateSuspect || state == relay.StateDown || breaker == relay.BreakerOpen || breaker == relay.BreakerHalfOpen
}
