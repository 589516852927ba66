package discovery

import (
	"cmp"
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
)

// A Query says what to look for, where, and for how long. Its zero value looks
// for every node.
type Query struct {
	Service string     // id of the service wanted; empty asks for all nodes
	Group   netip.Addr // multicast group; default 224.0.0.112
	Port    uint16     // UDP port; default 1337
	// Interfaces are where to ask; default loopback and every interface that
	// is up, has an IPv4 address and can multicast.
	Interfaces []net.Interface
	// Timeout is the time from asking to the end of the query; default 1 s, and
	// what is above 60 s counts as 60 s.
	Timeout time.Duration
	// Retries is how often to ask again, spread evenly over Timeout; at most
	// 10. Multicast may get lost, and nothing tells.
	Retries int
	// MaxNodes ends the query as soon as so many nodes were found; 0 stands
	// for 4096, the most that are kept.
	MaxNodes int
	Exclude  []netip.Addr // nodes not wanted
	// Params are names and the JSON values a node's params must have. Numbers
	// are compared by value; nil matches null and absent.
	Params map[string]any
	// Open opens the query's own socket; default [OpenAsker].
	Open func() (PacketConn, error)
}

// complete returns q with its defaults, or what is wrong with it.
func (q Query) complete() (Query, error) {
	if !q.Group.IsValid() {
		q.Group = DefaultGroup()
	}
	q.Port = cmp.Or(q.Port, DefaultPort)
	q.Timeout = min(cmp.Or(q.Timeout, DefaultTimeout), MaxTimeout)
	q.MaxNodes = min(cmp.Or(q.MaxNodes, maxNodes), maxNodes)
	if q.Open == nil {
		q.Open = OpenAsker
	}
	if !isGroup(q.Group) {
		return q, fmt.Errorf("group %s is not an IPv4 multicast address", q.Group)
	}
	if q.Timeout < 0 || q.MaxNodes < 0 || q.Retries < 0 || q.Retries > MaxRetries {
		return q, errors.New("timeout, number of nodes or number of retries out of range")
	}
	var err error
	if len(q.Interfaces) == 0 {
		q.Interfaces, err = askable()
	}
	return q, err
}

func (q Query) excludes(addr netip.Addr) bool {
	return slices.ContainsFunc(q.Exclude, func(a netip.Addr) bool { return a.Unmap() == addr })
}
