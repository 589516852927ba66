package relay_test

import (
	"testing"
	"testing/synctest"
	"time"

	"co2/relay"
)

func TestStandings(t *testing.T) {
	for _, c := range []struct {
		state    relay.State
		breaker  relay.BreakerState
		flapping bool
		want     relay.Standing
		needs    bool
	}{
		{relay.StateUp, relay.BreakerClosed, false, "up", false},
		{relay.StateNew, relay.BreakerClosed, false, "new", false},
		{relay.StateSuspect, relay.BreakerClosed, true, "suspect", true},
		{relay.StateUp, relay.BreakerOpen, true, "stuck", true},
		{relay.StateUp, relay.BreakerHalfOpen, false, "stuck", true},
		{relay.StateSuspect, relay.BreakerOpen, false, "stuck", true},
		{relay.StateDown, relay.BreakerOpen, true, "down", true},
		{relay.StateNew, relay.BreakerClosed, true, "flapping", true},
		{relay.StatePaused, relay.BreakerOpen, true, "paused", false},
	} {
		got := relay.StandingOf(c.state, c.breaker, c.flapping)
		equal(t, string(c.state)+" "+string(c.breaker), got, c.want)
		equal(t, string(c.want)+" needs attention", got.NeedsAttention(), c.needs)
	}
}

// A satellite that answers pings and fails each message is stuck since the
// first time its breaker opened, however often it was tried in between, and up
// once it takes one.
func TestStuckSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startBreaker(t, relay.Config{})
		r.b.set(dead("no"), relay.Outcome{})
		r.sendMany(0, 8)
		s := r.find(idB)
		opened := s.Breaker.Since
		equal(t, "breaker", s.Breaker.State, relay.BreakerOpen)
		time.Sleep(10 * time.Minute)
		s = r.find(idB)
		equal(t, "state", s.State, relay.StateUp)
		equal(t, "standing", s.Standing(), relay.StandingStuck)
		equal(t, "its breaker has changed since", s.Breaker.Since.After(opened), true)
		equal(t, "stuck since", s.StandingSince(), opened)
		equal(t, "because", s.StandingReason(), s.Breaker.Reason)
		r.b.set(relay.Outcome{}, relay.Outcome{})
		r.sendMany(8, 1) // the others are too old by then
		time.Sleep(10 * time.Minute)
		s = r.find(idB)
		equal(t, "standing in the end", s.Standing(), relay.Standing(relay.StateUp))
		equal(t, "since", s.StandingSince(), s.StateSince)
	})
}
