package discovery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
)

// queryTTL is the multicast time to live of requests, fixed by the original.
const queryTTL = 2

// A multicastConn is a [GroupConn] on a UDP socket.
type multicastConn struct {
	udp   *net.UDPConn
	ip    *ipv4.PacketConn
	group netip.Addr // invalid with a socket of no group

	control []byte              // of the latest read
	way     ipv4.ControlMessage // what it says
}

func newMulticastConn(udp *net.UDPConn, group netip.Addr) *multicastConn {
	return &multicastConn{
		udp: udp, ip: ipv4.NewPacketConn(udp), group: group,
		control: ipv4.NewControlMessage(ipv4.FlagDst | ipv4.FlagInterface),
	}
}

// ListenGroup opens a UDP socket bound to group, so that it hears neither
// other groups nor unicast. It returns [ErrGroupTaken] if another socket has
// group and port. Broadcast is off: the system refuses such receivers.
//
// Linux passes it what comes in on an interface that only another program has
// joined; a reader who minds looks at [Path].Interface.
func ListenGroup(group netip.AddrPort) (GroupConn, error) { return listenGroup(group, false) }

// ShareGroup is [ListenGroup] for one of several programs of this host that
// each answer for themselves: all sockets opened by it hear every request. It
// returns [ErrGroupTaken] if one that does not share has group and port.
func ShareGroup(group netip.AddrPort) (GroupConn, error) { return listenGroup(group, true) }

func listenGroup(group netip.AddrPort, shared bool) (GroupConn, error) {
	if !isGroup(group.Addr()) {
		return nil, fmt.Errorf("listen to group %s: not an IPv4 multicast address", group)
	}
	udp, err := bindGroup(group, shared)
	if err != nil {
		return nil, fmt.Errorf("listen to group %s: %w", group, err)
	}
	c := newMulticastConn(udp, group.Addr())
	if err := c.ip.SetControlMessage(ipv4.FlagDst|ipv4.FlagInterface, true); err != nil {
		udp.Close()
		return nil, fmt.Errorf("listen to group %s: %w", group, err)
	}
	return c, nil
}

// OpenAsker opens a UDP socket on a random free port, from which requests go
// to groups with a time to live of 2, also to Polos on this host.
func OpenAsker() (PacketConn, error) {
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4zero})
	if err != nil {
		return nil, fmt.Errorf("open asker: %w", err)
	}
	c := newMulticastConn(udp, netip.Addr{})
	if err := c.prepareToAsk(); err != nil {
		udp.Close()
		return nil, fmt.Errorf("open asker: %w", err)
	}
	return c, nil
}

func (c *multicastConn) prepareToAsk() error {
	if err := c.ip.SetMulticastTTL(queryTTL); err != nil {
		return err
	}
	return c.ip.SetMulticastLoopback(true)
}

// Join joins by interface index, which on Linux works for loopback too though
// it lacks the multicast flag.
func (c *multicastConn) Join(on net.Interface) error {
	err := c.ip.JoinGroup(&on, &net.UDPAddr{IP: c.group.AsSlice()})
	switch {
	case errors.Is(err, syscall.ENOBUFS):
		return fmt.Errorf("join %s on %s: %w: use fewer interfaces, or raise the system's limit (Linux: net.ipv4.igmp_max_memberships)",
			c.group, on.Name, err)
	case err != nil:
		return fmt.Errorf("join %s on %s: %w", c.group, on.Name, err)
	}
	return nil
}

// Leave works by interface index, too.
func (c *multicastConn) Leave(on net.Interface) error {
	return c.ip.LeaveGroup(&on, &net.UDPAddr{IP: c.group.AsSlice()})
}

func (c *multicastConn) SetHops(hops int) error { return c.ip.SetMulticastTTL(hops) }

func (c *multicastConn) ReadFrom(p []byte) (int, Path, error) {
	n, controls, _, from, err := c.udp.ReadMsgUDPAddrPort(p, c.control)
	if err != nil {
		return 0, Path{}, err
	}
	path := Path{Peer: netip.AddrPortFrom(from.Addr().Unmap(), from.Port())}
	c.way.IfIndex = 0
	if c.way.Parse(c.control[:controls]) == nil && c.way.IfIndex != 0 {
		path.Local, _ = netip.AddrFromSlice(c.way.Dst.To4())
		path.Interface = c.way.IfIndex
	}
	return n, path, nil
}

func (c *multicastConn) WriteTo(p []byte, to Path) (int, error) {
	if !to.Local.IsValid() && to.Interface == 0 {
		return c.udp.WriteToUDPAddrPort(p, to.Peer)
	}
	control := &ipv4.ControlMessage{Src: to.Local.AsSlice(), IfIndex: to.Interface}
	n, _, err := c.udp.WriteMsgUDPAddrPort(p, control.Marshal(), to.Peer)
	return n, err
}

func (c *multicastConn) SetReadDeadline(t time.Time) error { return c.udp.SetReadDeadline(t) }

func (c *multicastConn) Close() error { return c.udp.Close() }
