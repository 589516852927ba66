package methods

import "net/netip"

// A Caller is who makes a call, as the server knows it: from the connection,
// never from what the call says.
type Caller struct {
	// Addr is the far end of the connection, IPv4-mapped IPv6 unwrapped. The
	// port is the caller's own, which says nothing of where it listens.
	Addr netip.AddrPort
	// Access is the most this caller may do.
	Access Access
}

// AccessFrom is the rule while there are no tokens: everybody may act as the
// satellite that lives at their address, callers on this host are admins.
func AccessFrom(addr netip.Addr) Access {
	if addr.IsLoopback() {
		return Admin
	}
	return Satellite
}
