package discovery

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
)

// errAddressTaken is returned when another program has an address and port.
var errAddressTaken = errors.New("another program listens to this address and port")

// ListenUnicast opens a UDP socket bound to an address of this host, which
// hears neither groups nor broadcasts.
func ListenUnicast(addr netip.AddrPort) (PacketConn, error) {
	if !addr.Addr().Is4() || addr.Addr().IsMulticast() || addr.Addr().IsUnspecified() {
		return nil, fmt.Errorf("listen to %s: not the IPv4 address of an interface", addr)
	}
	udp, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(addr))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen to %s: %w", addr, errAddressTaken)
	case err != nil:
		return nil, fmt.Errorf("listen to %s: %w", addr, err)
	}
	c := newMulticastConn(udp, netip.Addr{})
	if err := c.ip.SetControlMessage(ipv4.FlagDst|ipv4.FlagInterface, true); err != nil {
		udp.Close()
		return nil, fmt.Errorf("listen to %s: %w", addr, err)
	}
	return c, nil
}

// An address is one of this host at which a Polo listens, or tries to.
type address struct {
	trial
	on  string // name of the interface
	ear *ear   // nil while it is not listened to
}

// roundUnicast listens at the addresses of those interfaces.
func (h *hearing) roundUnicast(on []Interface) {
	names := make(map[netip.Addr]string)
	for _, i := range on {
		for _, prefix := range i.Prefixes {
			names[prefix.Addr()] = i.Name
		}
	}
	for addr, a := range h.unicast {
		if _, used := names[addr]; !used {
			a.ear.close()
			delete(h.unicast, addr)
		}
	}
	for addr, name := range names {
		if h.unicast[addr] == nil {
			h.unicast[addr] = new(address)
		}
		h.unicast[addr].on = name
		h.roundAddress(addr, h.unicast[addr])
	}
}

func (h *hearing) roundAddress(addr netip.Addr, a *address) {
	cfg := h.polo.cfg
	if a.ear != nil {
		err := a.ear.failure()
		if err == nil {
			return
		}
		a.ear.close()
		a.ear = nil
		h.polo.lost(fmt.Errorf("listen to %s: %w", addr, err))
	}
	if !a.due(cfg.Attempts) {
		return
	}
	conn, err := cfg.ListenUnicast(netip.AddrPortFrom(addr, cfg.Port))
	if err != nil {
		a.fail(err, cfg.Attempts)
		h.polo.regret(a.err)
		return
	}
	a.trial, a.ear = trial{}, h.listen(conn, netip.Addr{}, h.polo.unicastCounts())
}
