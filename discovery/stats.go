package discovery

import (
	"errors"
	"net/netip"
)

// PoloStats says how a [Polo] fares. The counters are of datagrams since it
// was made.
type PoloStats struct {
	Answered  uint64
	Malformed uint64 // not a request of the protocol
	Strangers uint64 // from a source that is not answered
	Limited   uint64 // above the rate of replies
	Unknown   uint64 // for a service that is not offered
	Failed    uint64 // the reply could not be made or sent
	Sources   int    // sources remembered for the rate of replies
	// Trouble is why the group is not heard on every interface, or nil. It is
	// nil too before Run has tried.
	Trouble error
}

// Stats returns the counters of now.
func (p *Polo) Stats() PoloStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// count records what became of one datagram.
func (p *Polo) count(silence error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Sources = p.limiter.sources()
	switch s := &p.stats; {
	case silence == nil:
		s.Answered++
	case errors.Is(silence, errMalformed):
		s.Malformed++
	case errors.Is(silence, errStranger):
		s.Strangers++
	case errors.Is(silence, errTooMany):
		s.Limited++
	case errors.Is(silence, errNoService):
		s.Unknown++
	default:
		s.Failed++
	}
}

// note records whether the group is heard, and logs when that changes.
func (p *Polo) note(group netip.Addr, trouble error) {
	p.mu.Lock()
	before := p.stats.Trouble
	p.stats.Trouble = trouble
	p.mu.Unlock()
	switch {
	case trouble != nil && before == nil:
		p.log.Warn("discovery does not hear its group everywhere and keeps trying", "group", group, "err", trouble)
	case trouble == nil && before != nil:
		p.log.Info("discovery hears its group again", "group", group)
	}
}
