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
		h.entered(ev, now)
		h.want(ev.HostID, idle, now)
	case relay.SatState, relay.SatPause, relay.SatResume, relay.SatFlap, relay.SatSettle, relay.DlvOpen, relay.DlvClose:
		h.entered(ev, now)
	}
}

func (h *History) entered(ev relay.Event, now time.Time) {
	if ev.Code == relay.DlvOpen || ev.Code == relay.SatState && troubled(ev.State, "") {
		h.want(ev.HostID, inTrouble, now) // first, so that the reason is kept
	}
	s := h.shard(ev.HostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[ev.HostID]
	if sat == nil {
		var is told
		is.hear(&ev)
		s.add(ev.HostID, momentOf(h.since(now)), is, h.sweep.Load())
		return
	}
	sat.told.hear(&ev)
	sat.entered(momentOf(h.since(now)), ev.Reason)
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
