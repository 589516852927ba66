package main

import (
	"fmt"
	"net/netip"
	"time"

	"co2/relay"
)

// addressOf is where satellite i of a sink on port lives. peers/peer.h says
// the same in C.
func addressOf(i int, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(1 + i/250), byte(1 + i%250)}), port)
}

// senderAddress is the satellite that sends. It has the same sink, at an
// address that counts for nothing.
func senderAddress(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// records are what a relay keeps of the sender and n satellites of a sink.
func records(n int, port uint16) []relay.Record {
	list := []relay.Record{recordOf(senderAddress(port), "sender", 0)}
	for i := range n {
		list = append(list, recordOf(addressOf(i, port), fmt.Sprintf("satellite %d", i), i+1))
	}
	return list
}

func recordOf(at netip.AddrPort, nick string, second int) relay.Record {
	return relay.Record{Registration: relay.Registration{
		HostID: at.String(), Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, Seen: at.Addr(),
		Nick: nick, Plugins: []string{"pd.bridge"}, NotifyPass: fmt.Sprintf("pass%012d", second),
		Registered: someTime.Add(time.Duration(second) * time.Second),
	}}
}
