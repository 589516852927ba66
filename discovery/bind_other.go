//go:build !unix

package discovery

import (
	"errors"
	"net"
	"net/netip"
)

// bindGroup is for systems whose sockets cannot be bound to a group.
func bindGroup(netip.AddrPort, bool) (*net.UDPConn, error) {
	return nil, errors.ErrUnsupported
}
