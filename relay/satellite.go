package relay

import (
	"net/netip"
	"net/url"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// A Satellite is one member of the network as the relay knows it. Satellites
// are handed out as copies.
type Satellite struct {
	Registration
	Marks
	Traffic
	Liveness
	Breaker Breaker
	Policy  QueuePolicy // what its outbox gives up when full
	// Incarnation tells registrations of one host id apart. What is learned
	// about an old one is discarded.
	Incarnation uint64
	Flapping    bool // it registers again and again: pings and presence are held
	// FlappingSince is since when, by the wall clock; zero: it does not.
	FlappingSince time.Time
	Waiting       int // messages in its outbox
	Dropped       int // messages given up since it registered, or the start of the relay
}

// A Registration is what a satellite and its connection said when it
// registered. It is kept in the dump.
type Registration struct {
	HostID      string // made by the relay, opaque to everybody else
	Callback    Callback
	Seen        netip.Addr // where the registration came from
	Nick        string     // never empty
	Plugins     []string
	NotifyPass  string       // empty: none. A secret: never shown or logged
	MessageInfo bool         // wants the added keys of a notify
	Dialect     wire.Dialect // how its notify is spelled
	Queue       QueuePolicy  // what its outbox gives up when full; empty: as the relay is set
	Presence    bool         // wants to be told who joins, leaves, goes down and comes up
	Registered  time.Time    // wall clock
}

// Marks are what an operator ordered for a satellite. They are kept in the
// dump, and stay when it registers again.
type Marks struct {
	Paused bool // neither called nor pinged
	Pinned bool // never removed by the relay itself
	// PauseReason is why it was paused, in the operator's words; empty if they
	// gave none, and once it is resumed.
	PauseReason string
}

// A Callback is where a satellite is called. The address comes from the
// connection of its registration, never from what it says (xmlrpc.md C1).
type Callback struct {
	Scheme string // "http"
	Addr   netip.AddrPort
	Path   string // "/RPC2"
}

// URL is the address to POST to. The zone of a link-local address is escaped.
func (c Callback) URL() string {
	return (&url.URL{Scheme: c.Scheme, Host: c.Addr.String(), Path: c.Path}).String()
}

// Traffic counts messages (co2.md 9.4). It is kept in the dump.
type Traffic struct {
	SendCount int       // messages accepted from it
	SendTime  time.Time // of the latest; zero: never
	RecvCount int       // notify calls made to it, failed ones too
	RecvFails int       // of these, failed
	RecvTime  time.Time // of the latest good one; zero: never
}

// Record returns what a store keeps of s.
func (s Satellite) Record() Record { return Record{s.Registration, s.Marks, s.Traffic} }

// mayActAs is the one place where an address gives a right over a satellite:
// the callers at the address it registered from may act for it. A link-local
// address is another host on another link, so its zone counts.
func mayActAs(c methods.Caller, s Satellite) bool {
	return c.Addr.Addr() == s.Seen
}
