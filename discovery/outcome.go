package discovery

import "sync/atomic"

// An outcome is what became of a datagram. The protocol knows no refusal but
// silence.
type outcome int

const (
	postponed outcome = iota // to be counted when it is answered
	answered
	malformed
	stranger
	limited
	unknown
	busy
	failed
	outcomes // how many there are
)

// String returns the reason for a silence, for the log.
func (o outcome) String() string {
	return [outcomes]string{
		postponed: "not yet",
		answered:  "none",
		malformed: "not a request",
		stranger:  "sender is not on an attached network",
		limited:   "too many requests",
		unknown:   "service is not offered",
		busy:      "too many requests for services of users",
		failed:    "the reply could not be made or sent",
	}[o]
}

// counts are counters of datagrams, safe for concurrent use.
type counts struct {
	marco, discover, requestFor, services atomic.Uint64
	became                                [outcomes]atomic.Uint64
}

func (c *counts) asked(command Command) {
	switch command {
	case CommandMarco:
		c.marco.Add(1)
	case CommandDiscover:
		c.discover.Add(1)
	case CommandServices:
		c.services.Add(1)
	default:
		c.requestFor.Add(1)
	}
}

func (c *counts) count(o outcome) {
	if o != postponed {
		c.became[o].Add(1)
	}
}

func (c *counts) now() Counts {
	return Counts{
		Marco: c.marco.Load(), Discover: c.discover.Load(), RequestFor: c.requestFor.Load(), Services: c.services.Load(),
		Answered: c.became[answered].Load(), Malformed: c.became[malformed].Load(), Strangers: c.became[stranger].Load(),
		Limited: c.became[limited].Load(), Unknown: c.became[unknown].Load(), Busy: c.became[busy].Load(),
		Failed: c.became[failed].Load(),
	}
}
