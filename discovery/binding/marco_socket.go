package binding

import (
	"net"
	"net/netip"
	"slices"
)

// A MarcoSocket sends and receives the datagrams of local programs. Closing it
// ends reads. [net.UDPConn] is one.
type MarcoSocket interface {
	ReadFromUDPAddrPort(p []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(p []byte, to netip.AddrPort) (int, error)
	Close() error
}

func listenMarco(addr netip.AddrPort) (MarcoSocket, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// admits reports whether from is answered. The door's own address is not: who
// forges it would have the door talk to itself.
func (d *MarcoDoor) admits(from netip.AddrPort) bool {
	addr := from.Addr()
	if from.Port() == 0 || from == d.cfg.Addr || addr.IsMulticast() || addr.IsUnspecified() {
		return false
	}
	inside := func(p netip.Prefix) bool { return p.Contains(addr) }
	return addr.IsLoopback() || slices.ContainsFunc(d.cfg.Networks, inside) || isOwn(addr)
}

// isOwn reports whether addr is one of this host.
func isOwn(addr netip.Addr) bool {
	own, _ := net.InterfaceAddrs() // what cannot be listed is not own
	return slices.ContainsFunc(own, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr() == addr
	})
}
