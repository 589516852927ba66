package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"time"

	"co2/discovery/internal/closing"
)

// A Node is a host that answered, or of a service one that is offered there.
type Node struct {
	Addr netip.Addr // IPv4 source of the answer
	// Params are those of the service, or of the node if none was asked for.
	// They are what the node claims, of any JSON type, numbers as json.Number.
	Params map[string]any
	// Services are what the node offers if [CommandServices] was asked, in the
	// order of its answers; Truncated says that there are more. An id comes
	// again with other params if the node offers it several times.
	Services  []Service
	Truncated bool
}

// Find asks by multicast, or one node by unicast, and returns who answered, in
// the order of their first answers: each address once, and of a service once for
// each answer with other params, up to 16, since several programs of one host
// may offer it. Nobody is not an error. If ctx ends first, Find returns those found so far and the error of
// ctx.
//
// It fails if q is wrong, if its node cannot be looked up, if there is no
// socket, or if the request cannot be sent on any interface; with some
// interfaces out of order it asks on the rest.
func Find(ctx context.Context, q Query) ([]Node, error) {
	nodes, err := find(ctx, q)
	if err != nil {
		return nodes, fmt.Errorf("find %.60q: %w", q.Service, err)
	}
	return nodes, nil
}

func find(ctx context.Context, q Query) ([]Node, error) {
	start := time.Now()
	q, err := q.complete()
	if err != nil {
		return nil, err
	}
	s, err := newSearch(q)
	if err != nil {
		return nil, err
	}
	if s.route, err = q.route(ctx); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	conn, err := q.Open()
	if err != nil {
		return nil, err
	}
	defer closing.With(ctx, conn)()
	if err := s.run(conn, start); err != nil {
		return s.nodes, cmp.Or(ctx.Err(), err)
	}
	return s.nodes, nil
}

// A search is one query under way.
type search struct {
	query   Query
	route   route
	request []byte
	answer  Command // of the replies wanted
	want    filter
	nodes   []Node
	at      map[netip.Addr][]int // indexes in nodes
	bytes   int                  // of the answers kept
}

func newSearch(q Query) (*search, error) {
	s := &search{query: q, answer: CommandOK, at: make(map[netip.Addr][]int)}
	if q.Command == CommandMarco || q.Command == CommandDiscover {
		s.answer = CommandPolo
	}
	var err error
	if s.request, err = (Request{Command: q.Command, Service: q.Service}).Encode(); err != nil {
		return nil, err
	}
	s.want, err = newFilter(q.Params)
	return s, err
}

// run asks, listens, and asks again, up to the one deadline of the query.
func (s *search) run(conn PacketConn, start time.Time) error {
	rounds := 1 + s.query.Retries
	if len(s.route.later) > 0 {
		rounds = max(rounds, 2)
	}
	for round := range rounds {
		ways := s.route.ways
		if round >= rounds/2 {
			ways = slices.Concat(ways, s.route.later)
		}
		if err := s.ask(conn, ways); err != nil && round == 0 {
			return err
		}
		end := start.Add(s.query.Timeout * time.Duration(round+1) / time.Duration(rounds))
		if err := s.listen(conn, end); err != nil || s.full() {
			return err
		}
	}
	return nil
}

// ask returns an error if the request could not be sent on any way.
func (s *search) ask(conn PacketConn, ways []way) error {
	var errs []error
	for _, way := range ways {
		if _, err := conn.WriteTo(s.request, way.path); err != nil {
			errs = append(errs, fmt.Errorf("ask %s: %w", way.name, err))
		}
	}
	if len(errs) < len(ways) {
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

// full reports whether what comes need not be heard any more. The last answer
// that is kept may be a whole message above MaxBytes.
func (s *search) full() bool {
	return len(s.nodes) >= s.query.MaxNodes || s.bytes >= s.query.MaxBytes
}

// maxOffers is how many answers of one host to one question are kept: several
// programs there may offer the same, but none may hide all other hosts.
const maxOffers = 16

// hear keeps the sender as a node if its reply is wanted.
func (s *search) hear(datagram []byte, from netip.Addr) {
	if s.query.excludes(from) || len(s.route.hosts) > 0 && !slices.Contains(s.route.hosts, from) || s.knows(from) {
		return
	}
	reply, err := ParseReply(datagram)
	if err != nil || reply.Command != s.answer || !s.want.matches(reply.Params) {
		return
	}
	node := Node{Addr: from, Params: reply.Params}
	if s.query.Command == CommandServices {
		if reply.Services == nil {
			return
		}
		node.Services, node.Truncated = reply.Services, reply.Truncated
	}
	if s.keep(node) {
		s.bytes += len(datagram)
	}
}

// knows reports whether nothing more is wanted from a host.
func (s *search) knows(from netip.Addr) bool {
	switch s.query.Command {
	case CommandServices:
		return false
	case CommandRequestFor, CommandRequestForLow:
		return len(s.at[from]) >= maxOffers
	}
	return len(s.at[from]) > 0
}

// keep adds what is new about a host, and reports whether anything is.
func (s *search) keep(node Node) bool {
	for _, i := range s.at[node.Addr] {
		switch {
		case s.query.Command == CommandServices:
			return s.nodes[i].add(node)
		case reflect.DeepEqual(s.nodes[i].Params, node.Params):
			return false
		}
	}
	s.at[node.Addr] = append(s.at[node.Addr], len(s.nodes))
	s.nodes = append(s.nodes, node)
	return true
}

// add takes over the services that n does not have yet: a node answers for
// each group with those of that group, and each of its programs with its own.
// It reports whether there were any.
func (n *Node) add(other Node) bool {
	had := len(n.Services)
	n.Truncated = n.Truncated || other.Truncated
	for _, service := range other.Services {
		if !n.offers(service) {
			n.Services = append(n.Services, service)
		}
	}
	return len(n.Services) > had
}

func (n *Node) offers(service Service) bool {
	same := 0
	for _, s := range n.Services {
		if s.ID != service.ID {
			continue
		}
		if same++; same == maxOffers || reflect.DeepEqual(s.Params, service.Params) {
			return true
		}
	}
	return false
}
