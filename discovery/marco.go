package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"
)

// A Node is a host that answered.
type Node struct {
	Addr netip.Addr // IPv4 source of the answer
	// Params are those of the service, or of the node if none was asked for.
	// They are what the node claims, of any JSON type, numbers as json.Number.
	Params map[string]any
}

// Find asks by multicast and returns who answered, each address once, in the
// order of their first answers. Nobody is not an error. If ctx ends first,
// Find returns those found so far and the error of ctx.
//
// It fails if q is wrong, if there is no socket, or if the request cannot be
// sent on any interface; with some interfaces out of order it asks on the rest.
func Find(ctx context.Context, q Query) ([]Node, error) {
	q, err := q.complete()
	if err != nil {
		return nil, fmt.Errorf("find %q: %w", q.Service, err)
	}
	s, err := newSearch(q)
	if err != nil {
		return nil, fmt.Errorf("find %q: %w", q.Service, err)
	}
	conn, err := q.Open()
	if err != nil {
		return nil, fmt.Errorf("find %q: %w", q.Service, err)
	}
	defer closeWith(ctx, conn)()
	if err := s.run(conn); err != nil {
		return s.nodes, fmt.Errorf("find %q: %w", q.Service, cmp.Or(ctx.Err(), err))
	}
	return s.nodes, nil
}

// A search is one query under way.
type search struct {
	query   Query
	request []byte
	answer  Command // of the replies wanted
	want    filter
	nodes   []Node
}

func newSearch(q Query) (*search, error) {
	s := &search{query: q, answer: CommandPolo}
	request := Request{Command: CommandMarco}
	if q.Service != "" {
		s.answer = CommandOK
		request = Request{Command: CommandRequestFor, Service: q.Service}
	}
	var err error
	if s.request, err = request.Encode(); err != nil {
		return nil, err
	}
	s.want, err = newFilter(q.Params)
	return s, err
}

// run asks, listens, and asks again, up to the one deadline of the query.
func (s *search) run(conn PacketConn) error {
	rounds := 1 + s.query.Retries
	start := time.Now()
	for round := range rounds {
		if err := s.ask(conn); err != nil && round == 0 {
			return err
		}
		end := start.Add(s.query.Timeout * time.Duration(round+1) / time.Duration(rounds))
		if err := s.listen(conn, end); err != nil || s.full() {
			return err
		}
	}
	return nil
}

// ask returns an error if the request could not be sent on any interface.
func (s *search) ask(conn PacketConn) error {
	to := netip.AddrPortFrom(s.query.Group, s.query.Port)
	var errs []error
	for _, i := range s.query.Interfaces {
		_, err := conn.WriteTo(s.request, Path{Peer: to, Local: sourceOn(i), Interface: i.Index})
		if err != nil {
			errs = append(errs, fmt.Errorf("ask on %s: %w", i.Name, err))
		}
	}
	if len(errs) < len(s.query.Interfaces) {
		return nil
	}
	return errors.Join(errs...)
}

// listen collects answers until end or until there are enough.
func (s *search) listen(conn PacketConn, end time.Time) error {
	if err := conn.SetReadDeadline(end); err != nil {
		return err
	}
	buf := make([]byte, MaxMessage+1)
	for !s.full() {
		n, path, err := conn.ReadFrom(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil
		case err != nil:
			return err
		}
		s.hear(buf[:n], path.Peer.Addr())
	}
	return nil
}

func (s *search) full() bool { return len(s.nodes) >= s.query.MaxNodes }

// hear keeps the sender as a node if its reply is wanted.
func (s *search) hear(datagram []byte, from netip.Addr) {
	if s.query.excludes(from) || s.has(from) {
		return
	}
	reply, err := ParseReply(datagram)
	if err == nil && reply.Command == s.answer && s.want.matches(reply.Params) {
		s.nodes = append(s.nodes, Node{Addr: from, Params: reply.Params})
	}
}

func (s *search) has(addr netip.Addr) bool {
	return slices.ContainsFunc(s.nodes, func(n Node) bool { return n.Addr == addr })
}
