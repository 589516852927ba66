package web

import "time"

// The types below have what package discovery tells of itself, and are declared
// here again: pages know nothing of where their data come from. cmd/co2 converts
// one into the other, which ends with an error of the compiler once they differ.

// A Discovery is how programs find this relay by multicast.
type Discovery struct {
	Off string // why it does not answer at all, in words; empty: it does
	// Host says that programs of this host can find the relay, Networks that
	// those on the networks of these interfaces can; LocalOnly is why no others
	// can, in words, if so. Find is the command that finds it.
	Host      bool
	Networks  []string
	LocalOnly string
	Find      string
	Port      int    // UDP
	Trouble   string // why not every group is heard everywhere; empty: they are
	Counts           // of all groups and of unicast
	Groups    []Group
	Unicast   Group // what comes to this host's own addresses
	Services  []Service
	Sources   int // hosts remembered, for the rate of replies
	// LastError is the latest failure to hear, and when it was; empty: none.
	LastError   string
	LastErrorAt time.Time
}

// Counts are of requests since the start.
type Counts struct {
	// Requests, by command.
	Marco, Discover, RequestFor, Services uint64

	Answered uint64
	// Silences, by reason.
	Malformed uint64 // not a request of the protocol
	Strangers uint64 // from a source, or on an interface, that is not answered
	Limited   uint64 // above the rate of replies
	Unknown   uint64 // for a service that is not offered
	Busy      uint64 // for a service of a user, with too many of these waiting
	Failed    uint64 // the reply could not be made or sent
}

// A Group is one multicast group that is listened to, or the unicast address.
type Group struct {
	Counts
	Address    string // empty: unicast
	Trouble    string // why it is not heard everywhere; empty: it is
	Interfaces []Interface
}

// An Interface is one on which a group is heard, or not.
type Interface struct {
	Name    string
	Address string // empty: a group
	Joined  bool
	Trouble string // why not
}

// A Service is something this host offers to whoever asks.
type Service struct {
	ID        string
	Owner     string // name of a user; empty: this host
	Params    []Property
	Groups    []string
	Disabled  bool // known, and switched off: not offered
	Permanent bool // was published to last
	Static    bool // is in a file
}
