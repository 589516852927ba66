package history

import (
	"time"

	"co2/relay"
)

// Hear listens to the events of the relay. Like all listeners it is called
// under the relay's locks, and asks it nothing.
func (h *History) Hear(ev relay.Event) {
	now := time.Now()
	if ev.Code != relay.DlvFail { // each satellite's deliveries tell of these
		h.recents.event(ev, now)
	}
	switch ev.Code {
	case relay.SatLeave, relay.SatRemove:
		h.left(ev.HostID)
	case relay.SatJoin, relay.SatRejoin:
		h.entered(ev, relay.StateNew, now)
		h.want(ev.HostID, idle, now)
	case relay.SatState, relay.SatPause, relay.SatResume:
		h.entered(ev, ev.State, now)
	case relay.DlvOpen:
		h.want(ev.HostID, inTrouble, now)
	}
}

func (h *History) entered(ev relay.Event, state relay.State, now time.Time) {
	if troubled(state, "") {
		h.want(ev.HostID, inTrouble, now) // first, so that the reason is kept
	}
	s := h.shard(ev.HostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[ev.HostID]
	if sat == nil {
		sat = s.add(ev.HostID, momentOf(h.since(now)), state, h.sweep.Load())
	}
	// Who is paused stays so when it registers again.
	if ev.Code != relay.SatRejoin || sat.state() != relay.StatePaused {
		sat.entered(momentOf(h.since(now)), state, ev.Reason)
	}
}

// left forgets a satellite.
func (h *History) left(hostID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sat := s.sats[hostID]; sat != nil {
		h.dropLocked(s, sat)
	}
}
