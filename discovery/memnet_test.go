package discovery_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"co2/discovery"
)

// A network carries datagrams between sockets in memory, in the order sent.
type network struct {
	mu    sync.Mutex
	conns []*memConn
	sent  []datagram
	ports uint16
}

type datagram struct {
	data string
	from netip.AddrPort
	to   discovery.Path
	at   time.Time
}

// A memConn is both an asker's and a group's socket.
type memConn struct {
	net     *network
	addr    netip.AddrPort
	group   netip.AddrPort // invalid with an asker
	refuse  func(net.Interface) error
	mute    error // what writing returns
	in      chan datagram
	closed  chan struct{}
	closing sync.Once

	mu       sync.Mutex
	joined   []int
	hops     int
	deadline time.Time
}

var mem0 = net.Interface{Index: 1001, Name: "mem0"}

func (n *network) open(addr string, port uint16) *memConn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if port == 0 {
		n.ports++
		port = 40000 + n.ports
	}
	c := &memConn{
		net: n, addr: netip.AddrPortFrom(netip.MustParseAddr(addr), port),
		in: make(chan datagram, 1000), closed: make(chan struct{}),
	}
	n.conns = append(n.conns, c)
	return c
}

// listen returns the Listen of a Polo that lives at addr.
func (n *network) listen(addr string) func(netip.AddrPort) (discovery.GroupConn, error) {
	return func(group netip.AddrPort) (discovery.GroupConn, error) {
		c := n.open(addr, group.Port())
		c.group = group
		return c, nil
	}
}

// listenUnicast is the ListenUnicast of a Polo.
func (n *network) listenUnicast(addr netip.AddrPort) (discovery.PacketConn, error) {
	return n.open(addr.Addr().String(), addr.Port()), nil
}

// asker returns the Open of a query made at addr.
func (n *network) asker(addr string) func() (discovery.PacketConn, error) {
	return func() (discovery.PacketConn, error) { return n.open(addr, 0), nil }
}

// sentBy returns what has been sent from addr so far.
func (n *network) sentBy(addr string) []datagram {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(n.sent), func(d datagram) bool {
		return d.from.Addr().String() != addr
	})
}

func (n *network) forget(c *memConn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = slices.DeleteFunc(n.conns, func(other *memConn) bool { return other == c })
}

func (n *network) send(d datagram) {
	n.mu.Lock()
	n.sent = append(n.sent, d)
	conns := slices.Clone(n.conns)
	n.mu.Unlock()
	for _, c := range conns {
		if c.hears(d.to) {
			select {
			case c.in <- d:
			default: // a full socket loses datagrams
			}
		}
	}
}

func (c *memConn) hears(to discovery.Path) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.group.IsValid() {
		return to.Peer == c.group && slices.Contains(c.joined, to.Interface)
	}
	return to.Peer == c.addr
}

func (c *memConn) Join(on net.Interface) error {
	if c.refuse != nil {
		if err := c.refuse(on); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = append(c.joined, on.Index)
	return nil
}

func (c *memConn) Leave(on net.Interface) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = slices.DeleteFunc(c.joined, func(index int) bool { return index == on.Index })
	return nil
}

func (c *memConn) SetHops(hops int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hops = hops
	return nil
}

func (c *memConn) ReadFrom(p []byte) (int, discovery.Path, error) {
	expired, stop := c.timer()
	defer stop()
	select {
	case <-expired:
		return 0, discovery.Path{}, os.ErrDeadlineExceeded
	default:
	}
	select {
	case <-c.closed:
		return 0, discovery.Path{}, net.ErrClosed
	case <-expired:
		return 0, discovery.Path{}, os.ErrDeadlineExceeded
	case d := <-c.in:
		path := discovery.Path{Peer: d.from, Local: d.to.Peer.Addr(), Interface: d.to.Interface}
		return copy(p, d.data), path, nil
	}
}

// timer returns a channel that has a value from the deadline on.
func (c *memConn) timer() (<-chan time.Time, func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deadline.IsZero() {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(time.Until(c.deadline))
	return t.C, t.Stop
}

func (c *memConn) WriteTo(p []byte, to discovery.Path) (int, error) {
	if c.mute != nil {
		return 0, c.mute
	}
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	c.net.send(datagram{data: string(p), from: c.addr, to: to, at: time.Now()})
	return len(p), nil
}

func (c *memConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (c *memConn) Close() error {
	err := errors.New("closed twice")
	c.closing.Do(func() {
		close(c.closed)
		c.net.forget(c)
		err = nil
	})
	return err
}
