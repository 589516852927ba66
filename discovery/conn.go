package discovery

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// DefaultPort is the UDP port Polos listen on.
const DefaultPort = 1337

// DefaultGroup returns the multicast group that Marcos ask by default,
// 224.0.0.112. It is link-local: no router passes it on.
func DefaultGroup() netip.Addr { return netip.AddrFrom4([4]byte{224, 0, 0, 112}) }

// DefaultGroups returns the groups that Polos answer by default, 224.0.0.112
// and 224.0.0.113.
func DefaultGroups() []netip.Addr {
	return []netip.Addr{DefaultGroup(), netip.AddrFrom4([4]byte{224, 0, 0, 113})}
}

// ErrGroupTaken is returned when another program on this host, such as an
// original Polo, listens to the group and port already. They can be shared only
// if both set SO_REUSEADDR, which the original does not.
var ErrGroupTaken = errors.New("another program listens to this group and port")

// A Path is the way one datagram took or shall take.
type Path struct {
	// Peer is the far end: the sender of a datagram that was read, the
	// receiver of one to be written.
	Peer netip.AddrPort
	// Local is our end: the address a datagram was sent to, which may be a
	// group, or the source of one to be written. Invalid: not known, or left
	// to routing.
	Local netip.Addr
	// Interface is the index of the network interface. 0: as for Local.
	Interface int
}

// A PacketConn sends and receives IPv4 datagrams. It may be read and written
// at the same time, by one reader, and closed at any time, which ends reads
// with [net.ErrClosed].
type PacketConn interface {
	// ReadFrom blocks until a datagram comes, and cuts it at len(p). After the
	// read deadline it returns [os.ErrDeadlineExceeded], even if datagrams
	// are waiting.
	ReadFrom(p []byte) (int, Path, error)
	WriteTo(p []byte, to Path) (int, error)
	SetReadDeadline(t time.Time) error
	Close() error
}

// A GroupConn receives what is sent to one multicast group on the interfaces
// it has joined; none at first. Writes leave from the group's port.
type GroupConn interface {
	PacketConn
	// Join is called once for each interface, and again after it failed or the
	// group was left there.
	Join(on net.Interface) error
	// Leave ends what Join began. The interface may be gone.
	Leave(on net.Interface) error
	// SetHops sets the time to live of what is sent to groups.
	SetHops(hops int) error
}

func isGroup(addr netip.Addr) bool { return addr.Is4() && addr.IsMulticast() }
