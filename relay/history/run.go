package history

import (
	"context"
	"time"

	"co2/relay"
)

// sweepEvery is after how many looks at what waits the whole roster is gone
// through, for what no event told.
const sweepEvery = 10

// settleAfter is how long a state that no event told has to differ.
const settleAfter = 2 * time.Second

// Run looks once a second at what waits, until ctx ends. It looks in the
// middle of a second of the history, so that a tick that is a little late is
// still in it; in seconds without a tick nothing is known of what waits.
func (h *History) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			h.look(time.Now(), n%sweepEvery == 0)
		}
		timer.Reset(untilLook(h.since(time.Now())))
	}
}

func untilLook(since time.Duration) time.Duration {
	next := since.Truncate(fineStep) + fineStep/2
	if next <= since {
		next += fineStep
	}
	return next - since
}

// A State is what was found when the relay was looked at last.
type State struct {
	Satellites int           // in the roster
	Waiting    int           // messages in all outboxes
	Oldest     time.Duration // since the message was accepted that waits longest in one; 0: none waits
	OldestFor  string        // host id of who waits for it
	Held       relay.Held    // messages that wait for the rate of their sender
}

// A lostBy is how many messages had been lost by a time.
type lostBy struct {
	at   time.Time // monotonic
	lost int
}

// looksCompared is how many looks a rate of losses is taken from: they span
// 10 s.
const looksCompared = 11

// look finds out what waits, and in a sweep who is there.
func (h *History) look(now time.Time, sweep bool) {
	h.rollTo(now)
	h.crowded.Store(false)
	h.looks++
	if sweep {
		h.sweep.Add(1)
	}
	state := State{Held: h.source.Held()}
	for s := range h.source.Samples() {
		state.add(&s)
		if sweep || s.Waiting > 0 || troubled(s.State, s.Breaker) {
			h.note(&s, now, sweep)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = state
	h.lost.push(lostBy{now, h.source.Lost().Sum()})
	h.relay.now.look(state.Waiting, state.Oldest)
	for i := range h.shards {
		h.lookLocked(&h.shards[i], sweep)
	}
}

func (st *State) add(s *relay.Sample) {
	st.Satellites++
	st.Waiting += s.Waiting
	if s.Oldest > st.Oldest {
		st.Oldest, st.OldestFor = s.Oldest, s.HostID
	}
}

// note takes what is known of one satellite, and whether it is of interest.
func (h *History) note(sample *relay.Sample, now time.Time, sweep bool) {
	why := idle
	if troubled(sample.State, sample.Breaker) {
		why = inTrouble
	}
	if !h.notePlain(sample, now, sweep) {
		h.want(sample.HostID, why, now)
		h.notePlain(sample, now, sweep)
	}
}

// notePlain is note, and reports whether the satellite is kept in full.
func (h *History) notePlain(sample *relay.Sample, now time.Time, sweep bool) bool {
	since := h.since(now)
	s := h.shard(sample.HostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[sample.HostID]
	if sat == nil {
		sat = s.add(sample.HostID, momentOf(since), toldOf(sample), 0)
	}
	if sweep {
		sat.sweep = h.sweep.Load()
	}
	if last := sat.states[len(sat.states)-1]; since-last.at.since() >= settleAfter {
		sat.told = toldOf(sample)
		sat.entered(momentOf(since), "")
	}
	if sat.full == nil {
		return false
	}
	sat.full.waits = waits{h.looks, sample.Waiting, sample.Oldest}
	if troubled(sample.State, sample.Breaker) {
		sat.full.mark(inTrouble, max(since, 1))
	} else {
		sat.full.troubled = 0
	}
	return true
}

// lookLocked gives those in full what was found waiting, and after a sweep
// forgets who was not there.
func (h *History) lookLocked(s *shard, sweep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sat := range s.fulls {
		f := sat.full
		if f.waits.look != h.looks { // nothing was noted: nothing is wrong
			f.waits, f.troubled = waits{look: h.looks}, 0
		}
		f.plot.now.look(f.waits.messages, f.waits.oldest)
	}
	if !sweep {
		return
	}
	for _, sat := range s.sats {
		if sat.sweep != h.sweep.Load() {
			h.dropLocked(s, sat)
		}
	}
}
