package discovery

import (
	"net/netip"
	"slices"
	"time"
)

// Counts are of datagrams since a [Polo] was made.
type Counts struct {
	// Requests, by command; RequestFor in both spellings.
	Marco, Discover, RequestFor, Services uint64

	Answered uint64
	// Silences, by reason.
	Malformed uint64 // not a request of the protocol
	Strangers uint64 // from a source, or on an interface, that is not answered
	Limited   uint64 // above the rate of replies
	Unknown   uint64 // for a service that is not offered
	Busy      uint64 // for a service of a user, with too many of these waiting
	Failed    uint64 // the reply could not be made or sent
}

// PoloStats says how a [Polo] fares.
type PoloStats struct {
	Counts               // of all groups and of unicast
	Groups  []GroupStats // in the order of the config
	Unicast GroupStats   // what was sent to this host's addresses
	Sources int          // sources remembered for the rate of replies
	// Trouble is why not every group is heard on every interface, or nil. It
	// is nil too before Run has tried. With errors.Is it is [ErrGroupTaken] if
	// another program has one of the groups.
	Trouble error
	// LastError is the latest failure to hear or to answer, in words, and
	// LastErrorAt when it was; empty if there was none.
	LastError   string
	LastErrorAt time.Time
}

// GroupStats says how a [Polo] fares in one group, or by unicast.
type GroupStats struct {
	Counts
	Group      netip.Addr // not valid: unicast
	Trouble    error      // why it is not heard everywhere, or nil
	Interfaces []InterfaceStats
}

// InterfaceStats says whether a group is heard on one interface, or unicast at
// one address of it.
type InterfaceStats struct {
	Name    string
	Addr    netip.Addr // not valid: a group
	Joined  bool
	Trouble error // why not
}

// Stats returns the state of now.
func (p *Polo) Stats() PoloStats {
	p.mu.Lock()
	s := p.heard
	p.mu.Unlock()
	s.Sources = p.limiter.sources()
	s.Groups = slices.Clone(s.Groups)
	for i := range s.Groups {
		s.Groups[i].Interfaces = slices.Clone(s.Groups[i].Interfaces)
		s.Groups[i].Counts = p.counts[i].now()
		s.add(s.Groups[i].Counts)
	}
	s.Unicast.Interfaces = slices.Clone(s.Unicast.Interfaces)
	s.Unicast.Counts = p.unicastCounts().now()
	s.add(s.Unicast.Counts)
	return s
}

func (c *Counts) add(more Counts) {
	c.Marco += more.Marco
	c.Discover += more.Discover
	c.RequestFor += more.RequestFor
	c.Services += more.Services
	c.Answered += more.Answered
	c.Malformed += more.Malformed
	c.Strangers += more.Strangers
	c.Limited += more.Limited
	c.Unknown += more.Unknown
	c.Busy += more.Busy
	c.Failed += more.Failed
}

func (p *Polo) unicastCounts() *counts { return p.counts[len(p.cfg.Groups)] }
