package satellite

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"

	"co2/methods/wire"
)

// ownAddr is the one address the satellite is to listen on; the zero Addr if
// it may be any, or is not known yet.
func (c Config) ownAddr() netip.Addr {
	at := c.Listen
	if c.Listener != nil {
		at = c.Listener.Addr().String()
	}
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return netip.Addr{}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.IsUnspecified() || ip.IsMulticast() {
		return netip.Addr{}
	}
	return ip
}

// dialFrom connects from own, so that the relay sees the address at which it
// can call. Where no way leads from there, as from the loopback to another
// host, the system chooses: the relay will tell whether it gets back. nil is
// a plain dialler.
func dialFrom(own netip.Addr) wire.DialFunc {
	if !own.IsValid() {
		return nil
	}
	bound := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(own, 0))}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := bound.DialContext(ctx, network, addr)
		if err == nil || ctx.Err() != nil || errors.Is(err, syscall.ECONNREFUSED) {
			return conn, err
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
}
