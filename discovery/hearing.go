package discovery

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
)

// A hearing is one run of a [Polo]: its sockets, and who reads them. Only the
// goroutine of Run changes it.
type hearing struct {
	polo    *Polo
	members []*member
	unicast map[netip.Addr]*address
	readers sync.WaitGroup
	users   *users
	told    string // what was told last
	grieved bool   // whether the log says that unicast is in trouble
}

func newHearing(ctx context.Context, p *Polo) *hearing {
	h := &hearing{polo: p, unicast: make(map[netip.Addr]*address), users: newUsers(p.offers)}
	for i, group := range p.cfg.Groups {
		h.members = append(h.members, &member{hearing: h, group: group, counts: p.counts[i]})
	}
	h.readers.Go(func() { h.users.run(ctx) })
	return h
}

// round follows the interfaces, and tries again what has failed.
func (h *hearing) round() {
	on, err := h.interfaces()
	for _, m := range h.members {
		m.round(on)
	}
	h.roundUnicast(on)
	h.tell(on, err)
}

// interfaces returns where to answer, those known before if they cannot be
// listed, and what is wrong with them.
func (h *hearing) interfaces() ([]Interface, error) {
	on, err := h.polo.cfg.Interfaces()
	if err != nil {
		return h.polo.around.Load().interfaces, fmt.Errorf("list network interfaces: %w", err)
	}
	h.polo.around.Store(newSurroundings(on))
	if len(on) == 0 {
		return nil, errNoInterface
	}
	return on, nil
}

// close closes the sockets and waits for those who read them.
func (h *hearing) close() {
	for _, m := range h.members {
		m.ear.close()
	}
	for _, a := range h.unicast {
		a.ear.close()
	}
	h.readers.Wait()
}

// An ear is an open socket that is read.
type ear struct {
	polo   *Polo
	conn   PacketConn
	group  netip.Addr // not valid: unicast
	counts *counts
	ended  chan error // why reading did
}

// listen starts reading.
func (h *hearing) listen(conn PacketConn, group netip.Addr, c *counts) *ear {
	e := &ear{polo: h.polo, conn: conn, group: group, counts: c, ended: make(chan error, 1)}
	h.readers.Go(func() { e.ended <- h.read(e) })
	return e
}

// failure returns why the socket is not read any more, once, or nil while it is.
func (e *ear) failure() error {
	select {
	case err := <-e.ended:
		return err
	default:
		return nil
	}
}

func (e *ear) close() {
	if e != nil {
		e.conn.Close()
	}
}

// has reports whether the interface with this index is in use.
func has(on []Interface, index int) bool {
	return slices.ContainsFunc(on, func(i Interface) bool { return i.Index == index })
}
