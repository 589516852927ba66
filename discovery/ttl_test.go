package discovery_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/ipv4"

	"co2/discovery"
)

// 2.7: requests leave with a time to live of 2, as the original's.
func TestRequestsLiveForTwoHops(t *testing.T) {
	lo := loopback(t)
	group := netip.AddrPortFrom(discovery.DefaultGroup(), freePort(t))
	udp, err := net.ListenMulticastUDP("udp4", &lo, net.UDPAddrFromAddrPort(group))
	if err != nil {
		missing(t, "multicast on loopback", err)
	}
	defer udp.Close()
	conn := ipv4.NewPacketConn(udp)
	if err := conn.SetControlMessage(ipv4.FlagTTL, true); err != nil {
		missing(t, "the time to live of datagrams", err)
	}
	q := discovery.Query{Port: group.Port(), Interfaces: []net.Interface{lo}, Timeout: time.Millisecond}
	if _, err := discovery.Find(t.Context(), q); err != nil {
		missing(t, "multicast on loopback", err)
	}
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, control, from, err := conn.ReadFrom(make([]byte, 100))
	if err != nil || control == nil || control.TTL != 2 {
		t.Errorf("from %v: %+v, %v, want a time to live of 2", from, control, err)
	}
}
