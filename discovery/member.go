package discovery

import (
	"fmt"
	"net"
	"net/netip"
)

// A member is a Polo's part in one group.
type member struct {
	hearing *hearing
	group   netip.Addr
	counts  *counts
	opening trial
	conn    GroupConn // nil while the group is not listened to
	ear     *ear      // of conn
	joining map[int]*membership
}

// A membership is a group joined, or to be joined, on one interface.
type membership struct {
	trial
	on     net.Interface
	joined bool
}

// round listens to the group and joins it on those interfaces.
func (m *member) round(on []Interface) {
	if m.conn != nil {
		m.mourn(m.ear.failure())
	}
	if m.conn == nil && !m.open() {
		return
	}
	m.leave(on)
	for _, i := range on {
		m.join(i.Interface)
	}
}

// mourn gives up a socket that failed, if it did.
func (m *member) mourn(err error) {
	if err != nil {
		m.ear.close()
		m.conn, m.ear = nil, nil
		m.hearing.polo.lost(fmt.Errorf("listen to group %s: %w", m.group, err))
	}
}

func (m *member) open() bool {
	cfg := m.hearing.polo.cfg
	if !m.opening.due(cfg.Attempts) {
		return false
	}
	conn, err := cfg.Listen(netip.AddrPortFrom(m.group, cfg.Port))
	if err == nil {
		if err = conn.SetHops(cfg.Hops); err != nil {
			conn.Close()
		}
	}
	if err != nil {
		m.opening.fail(err, cfg.Attempts)
		m.hearing.polo.regret(m.opening.err)
		return false
	}
	m.opening, m.joining = trial{}, make(map[int]*membership)
	m.conn, m.ear = conn, m.hearing.listen(conn, m.group, m.counts)
	return true
}

// leave ends the memberships on interfaces that are not used any more, of
// which a socket may only have a few.
func (m *member) leave(on []Interface) {
	for index, one := range m.joining {
		if has(on, index) {
			continue
		}
		if one.joined {
			m.conn.Leave(one.on) // which fails if the interface is gone
		}
		delete(m.joining, index)
	}
}

func (m *member) join(on net.Interface) {
	one := m.joining[on.Index]
	if one == nil {
		one = &membership{on: on}
		m.joining[on.Index] = one
	}
	attempts := m.hearing.polo.cfg.Attempts
	if one.joined || !one.due(attempts) {
		return
	}
	if err := m.conn.Join(on); err != nil {
		one.fail(err, attempts)
		m.hearing.polo.regret(one.err)
		return
	}
	one.trial, one.joined = trial{}, true
}
