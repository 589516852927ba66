package discovery

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// tell makes known what is heard now on those interfaces, or why they are not
// known: in the stats, and where it has changed in the log and to the caller.
func (h *hearing) tell(on []Interface, around error) {
	p := h.polo
	var groups []GroupStats
	var troubles []error
	for _, m := range h.members {
		g := m.stats(on)
		g.Trouble = cmp.Or(around, g.Trouble)
		groups, troubles = append(groups, g), append(troubles, g.Trouble)
	}
	unicast, trouble := h.unicastStats(), cmp.Or(around, errors.Join(troubles...))
	p.mu.Lock()
	before := p.heard
	p.heard.Groups, p.heard.Unicast, p.heard.Trouble = groups, unicast, trouble
	p.mu.Unlock()

	p.logGroups(before.Groups, groups)
	h.logUnicast(unicast.Trouble, trouble)
	if now := fmt.Sprint(groups, unicast); now != h.told {
		h.told = now
		if p.cfg.Changed != nil {
			p.cfg.Changed(p.Stats())
		}
	}
}

// regret keeps an error for the stats.
func (p *Polo) regret(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard.LastError, p.heard.LastErrorAt = err.Error(), time.Now()
}

// lost tells of a socket that failed, to be followed by another.
func (p *Polo) lost(err error) {
	p.regret(err)
	if withheld, ok := p.lines.pass(time.Now()); ok {
		p.log.Warn("discovery lost a socket and opens another", "code", "POLO-SOCKET", "err", err, "withheld", withheld)
	}
}

func (m *member) stats(on []Interface) GroupStats {
	g := GroupStats{Group: m.group, Trouble: m.opening.err}
	if m.conn == nil {
		return g
	}
	var troubles []error
	for _, i := range on {
		one := m.joining[i.Index]
		g.Interfaces = append(g.Interfaces, InterfaceStats{Name: i.Name, Joined: one.joined, Trouble: one.err})
		troubles = append(troubles, one.err)
	}
	g.Trouble = errors.Join(troubles...)
	return g
}

func (h *hearing) unicastStats() GroupStats {
	var g GroupStats
	var troubles []error
	for addr, a := range h.unicast {
		g.Interfaces = append(g.Interfaces, InterfaceStats{Name: a.on, Addr: addr, Joined: a.ear != nil, Trouble: a.err})
	}
	slices.SortFunc(g.Interfaces, func(a, b InterfaceStats) int { return a.Addr.Compare(b.Addr) })
	for _, i := range g.Interfaces {
		troubles = append(troubles, i.Trouble)
	}
	g.Trouble = errors.Join(troubles...)
	return g
}

// logGroups says which groups begin and end not to be heard everywhere, in one
// line for all that have the same trouble.
func (p *Polo) logGroups(before, now []GroupStats) {
	var taken, troubled, well []netip.Addr
	var troubles []error
	for i, g := range now {
		switch was := before[i].Trouble; {
		case g.Trouble == nil && was != nil:
			well = append(well, g.Group)
		case g.Trouble == nil || was != nil:
		case errors.Is(g.Trouble, ErrGroupTaken):
			taken = append(taken, g.Group)
		default:
			troubled, troubles = append(troubled, g.Group), append(troubles, g.Trouble)
		}
	}
	if taken != nil {
		p.log.Warn("discovery cannot answer: another program, perhaps another polo, has the port; it keeps trying", "code", "POLO-TAKEN",
			"groups", taken, "port", p.cfg.Port)
	}
	if troubled != nil {
		p.log.Warn("discovery does not hear its groups everywhere and keeps trying", "code", "POLO-DEAF", "groups", troubled, "err", errors.Join(troubles...))
	}
	if well != nil {
		p.log.Info("discovery hears its groups again", "code", "POLO-OK", "groups", well)
	}
}

// logUnicast says when unicast begins and ends not to be heard everywhere,
// unless the groups have their trouble, which is likely the same.
func (h *hearing) logUnicast(trouble, groups error) {
	switch {
	case trouble == nil && h.grieved:
		h.grieved = false
		h.polo.log.Info("discovery hears unicast again", "code", "POLO-UNICAST-OK")
	case trouble != nil && groups == nil && !h.grieved:
		h.grieved = true
		h.polo.log.Info("discovery does not hear unicast everywhere and keeps trying", "code", "POLO-UNICAST-DEAF", "err", trouble)
	}
}
