package history

import (
	"cmp"
	"slices"
	"time"
)

// An interest says why a satellite is kept in full. Where there is no place
// left, the greater takes one of a lesser.
type interest int

const (
	idle      interest = iota // there is room
	inTrouble                 // something is wrong with it
	lookedAt                  // somebody looked at it in the last 10 minutes
)

// lookedFor is how long a satellite is of interest that somebody looked at.
const lookedFor = 10 * time.Minute

func (f *full) interest(now time.Duration) (why interest, latest time.Duration) {
	switch {
	case f.looked > 0 && now-f.looked < lookedFor:
		return lookedAt, f.looked
	case f.troubled > 0:
		return inTrouble, f.troubled
	}
	return idle, f.looked
}

// want keeps a satellite in full, if it is more of interest than one of those
// that are. Who looks always gets a place.
func (h *History) want(hostID string, why interest, now time.Time) {
	if why == idle && h.noRoom() || why == inTrouble && h.crowded.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	since := max(h.since(now), 1)
	if h.mark(hostID, why, since) || h.noRoom() && !h.makeRoomLocked(why, since) {
		return
	}
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[hostID]
	if sat == nil || sat.full != nil {
		return
	}
	sat.full = newFull(h.second.Load())
	sat.full.mark(why, since)
	s.fulls = append(s.fulls, sat)
	h.fulls.Add(1)
}

func (h *History) noRoom() bool { return int(h.fulls.Load()) >= h.cfg.Full }

// mark notes an interest, and reports whether that is all there is to do.
func (h *History) mark(hostID string, why interest, since time.Duration) bool {
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[hostID]
	if sat == nil || sat.full == nil {
		return sat == nil
	}
	sat.full.mark(why, since)
	return true
}

func (f *full) mark(why interest, since time.Duration) {
	switch {
	case why == lookedAt:
		f.looked = since
	case why == inTrouble && f.troubled == 0:
		f.troubled = since
	}
}

// makeRoomLocked takes the place of the satellite that is least of interest,
// if one is less than why.
func (h *History) makeRoomLocked(why interest, since time.Duration) bool {
	type candidate struct {
		sat    *satellite
		why    interest
		latest time.Duration
	}
	var all []candidate
	for i := range h.shards {
		s := &h.shards[i]
		s.mu.Lock()
		for _, sat := range s.fulls {
			w, latest := sat.full.interest(since)
			all = append(all, candidate{sat, w, latest})
		}
		s.mu.Unlock()
	}
	if len(all) == 0 {
		h.crowded.Store(true)
		return false
	}
	least := slices.MinFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.why, b.why), cmp.Compare(a.latest, b.latest))
	})
	if least.why >= why && why != lookedAt {
		h.crowded.Store(true)
		return false
	}
	s := h.shard(least.sat.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	h.thinLocked(s, least.sat)
	return true
}

// thinLocked keeps a satellite in full no longer; both locks are held.
func (h *History) thinLocked(s *shard, sat *satellite) {
	if sat.full == nil {
		return
	}
	sat.full = nil
	s.fulls = slices.DeleteFunc(s.fulls, func(o *satellite) bool { return o == sat })
	h.fulls.Add(-1)
	h.crowded.Store(false)
}

// dropLocked forgets a satellite; both locks are held.
func (h *History) dropLocked(s *shard, sat *satellite) {
	delete(s.sats, sat.id)
	h.thinLocked(s, sat)
}
