package discovery

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/ipv4"
)

// queryTTL is the multicast time to live of requests, fixed by the original.
const queryTTL = 2

// A multicastConn is a [GroupConn] on a UDP socket.
type multicastConn struct {
	udp   net.PacketConn
	ip    *ipv4.PacketConn
	group netip.Addr // invalid with an asker's socket
}

// ListenGroup opens a UDP socket bound to group, so that it hears neither
// other groups nor unicast. It returns [ErrGroupTaken] if another socket has
// group and port. Broadcast is off: the system refuses such receivers.
//
// Linux passes it what comes in on an interface that only another program has
// joined; a reader who minds looks at [Path].Interface.
func ListenGroup(group netip.AddrPort) (GroupConn, error) {
	if !isGroup(group.Addr()) {
		return nil, fmt.Errorf("listen to group %s: not an IPv4 multicast address", group)
	}
	udp, err := bindGroup(group)
	if err != nil {
		return nil, fmt.Errorf("listen to group %s: %w", group, err)
	}
	c := &multicastConn{udp: udp, ip: ipv4.NewPacketConn(udp), group: group.Addr()}
	if err := c.ip.SetControlMessage(ipv4.FlagDst|ipv4.FlagInterface, true); err != nil {
		udp.Close()
		return nil, fmt.Errorf("listen to group %s: %w", group, err)
	}
	return c, nil
}

// OpenAsker opens a UDP socket on a random free port, from which requests go
// to groups with a time to live of 2, also to Polos on this host.
func OpenAsker() (PacketConn, error) {
	udp, err := net.ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		return nil, fmt.Errorf("open asker: %w", err)
	}
	c := &multicastConn{udp: udp, ip: ipv4.NewPacketConn(udp)}
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
	if err != nil {
		return fmt.Errorf("join %s on %s: %w", c.group, on.Name, err)
	}
	return nil
}

func (c *multicastConn) ReadFrom(p []byte) (int, Path, error) {
	n, control, from, err := c.ip.ReadFrom(p)
	if err != nil {
		return 0, Path{}, err
	}
	path := Path{Peer: addrPort(from)}
	if control != nil {
		path.Local, _ = netip.AddrFromSlice(control.Dst.To4())
		path.Interface = control.IfIndex
	}
	return n, path, nil
}

func (c *multicastConn) WriteTo(p []byte, to Path) (int, error) {
	control := &ipv4.ControlMessage{Src: to.Local.AsSlice(), IfIndex: to.Interface}
	return c.ip.WriteTo(p, control, net.UDPAddrFromAddrPort(to.Peer))
}

func (c *multicastConn) SetReadDeadline(t time.Time) error { return c.udp.SetReadDeadline(t) }

func (c *multicastConn) Close() error { return c.udp.Close() }

func addrPort(from net.Addr) netip.AddrPort {
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := udp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
