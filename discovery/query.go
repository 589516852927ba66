package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// Times and bounds of a [Query]. DefaultTimeout is the original's; the bounds
// are ours.
const (
	DefaultTimeout = time.Second
	MaxTimeout     = time.Minute
	MaxRetries     = 10
	MaxGroups      = 16
	maxNodes       = 4096
	maxBytes       = 1 << 20
)

// A Query says what to look for, where, and for how long. Its zero value looks
// for every node.
type Query struct {
	Service string // id of the service wanted; empty asks for all nodes
	// Command is what to ask: the default is [CommandRequestFor] with a Service
	// and [CommandMarco] without. [CommandDiscover] asks for nodes as early
	// Marcos did. [CommandServices] asks for the services of nodes, which
	// Polos of the original never answer, and takes no Params.
	Command Command
	// Node is the address or the name of the only host to hear, asked by
	// unicast. The query ends with its answer. Polos of the original do not
	// hear unicast, so Groups are asked too once about half of the time is over,
	// though not for services, of which those Polos do not tell.
	Node string
	// Groups are the multicast groups to ask, at most 16; default 224.0.0.112.
	Groups []netip.Addr
	Port   uint16 // UDP port; default 1337
	// Interfaces are where to ask Groups; default loopback and every interface
	// that is up, has an IPv4 address and can multicast.
	Interfaces []net.Interface
	// Timeout is the time from the start, looking up Node included, to the end
	// of the query; default 1 s, and what is above 60 s counts as 60 s.
	Timeout time.Duration
	// Retries is how often to ask again, spread evenly over Timeout; at most
	// 10. Datagrams may get lost, and nothing tells.
	Retries int
	// MaxNodes ends the query as soon as so many nodes were found; 0 stands
	// for 4096, the most that are kept.
	MaxNodes int
	// MaxBytes ends the query as soon as the answers that were kept have so
	// many bytes together; 0 stands for 1 MiB, and less than one answer may
	// have counts as that. Parsed, they take several times as much memory.
	MaxBytes int
	Exclude  []netip.Addr // nodes not wanted
	// Params are names and the JSON values a node's params must have. Numbers
	// are compared by value; nil matches null and absent.
	Params map[string]any
	// Open opens the query's own socket; default [OpenAsker].
	Open func() (PacketConn, error)
	// LookUp returns the addresses of a Node that is given by its name;
	// default the IPv4 ones of the system's resolver.
	LookUp func(ctx context.Context, name string) ([]netip.Addr, error)
}

// complete returns q with its defaults, or what is wrong with it.
func (q Query) complete() (Query, error) {
	if len(q.Groups) == 0 {
		q.Groups = []netip.Addr{DefaultGroup()}
	}
	q.Port = cmp.Or(q.Port, DefaultPort)
	q.Timeout = min(cmp.Or(q.Timeout, DefaultTimeout), MaxTimeout)
	q.MaxNodes = min(cmp.Or(q.MaxNodes, maxNodes), maxNodes)
	q.MaxBytes = min(cmp.Or(max(q.MaxBytes, 0), maxBytes), maxBytes)
	if q.Node != "" {
		q.MaxNodes = min(q.MaxNodes, 1)
	}
	if q.Open == nil {
		q.Open = OpenAsker
	}
	if q.LookUp == nil {
		q.LookUp = lookUp
	}
	for _, g := range q.Groups {
		if !isGroup(g) {
			return q, fmt.Errorf("group %s is not an IPv4 multicast address", g)
		}
	}
	switch {
	case len(q.Groups) > MaxGroups:
		return q, fmt.Errorf("%d groups, at most %d", len(q.Groups), MaxGroups)
	case q.Timeout < 0 || q.MaxNodes < 0 || q.Retries < 0 || q.Retries > MaxRetries:
		return q, errors.New("timeout, number of nodes or number of retries out of range")
	}
	return q.withCommand()
}

func (q Query) withCommand() (Query, error) {
	forService := CommandRequestFor
	if q.Service == "" {
		forService = CommandMarco
	}
	q.Command = cmp.Or(q.Command, forService)
	switch q.Command {
	case CommandRequestFor, CommandRequestForLow:
		return q, nil
	case CommandMarco, CommandDiscover, CommandServices:
		if q.Service != "" {
			return q, fmt.Errorf("command %s does not go with a service", q.Command)
		}
		if q.Command == CommandServices && len(q.Params) > 0 {
			return q, fmt.Errorf("command %s does not go with params", q.Command)
		}
		return q, nil
	}
	return q, fmt.Errorf("command %.60q is not one of a Marco", q.Command)
}

func (q Query) excludes(addr netip.Addr) bool {
	return slices.ContainsFunc(q.Exclude, func(a netip.Addr) bool { return a.Unmap() == addr })
}
