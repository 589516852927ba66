package discovery

import "net/netip"

// Offers is what a [Polo] has to offer. The datagrams it returns are shared:
// they are never changed. A group that is not valid stands for unicast, where
// the services of all groups are offered. All methods may be called
// concurrently.
type Offers interface {
	// Reply returns the answer to a request for a root service, from memory.
	Reply(group netip.Addr, id string) (datagram []byte, ok bool)
	// IsUserID reports whether id has the form of a user's service.
	IsUserID(id string) bool
	// UserReply returns the answer to a request for a user's service. It may
	// read from disk.
	UserReply(group netip.Addr, id string) (datagram []byte, ok bool)
	// ServicesReply returns the list of the root services.
	ServicesReply(group netip.Addr) []byte
}
