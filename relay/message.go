package relay

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"co2/methods/wire"
)

// A Message is what one satellite sends to all others. It is never changed
// once it is accepted.
type Message struct {
	ID       string        // sorts by time of acceptance; holds the node that accepted it
	Sender   string        // host id
	Accepted time.Time     // wall clock of the relay
	TTL      time.Duration // how long it is worth delivering; 0: for ever
	Key      string        // the sender's word for what it is about; may be empty
	Hops     int           // relays it passed before this one
	Data     wire.Raw      // as sent, re-spelled but never re-valued

	arrived   time.Time    // monotonic, for TTL
	fromRelay bool         // the relay itself says it
	holders   atomic.Int32 // outboxes it is in; see room

	heads heads
}

// expired reports whether m is no longer worth delivering; now is monotonic.
func (m *Message) expired(now time.Time) bool {
	return m.TTL > 0 && now.Sub(m.arrived) > m.TTL
}

// size is what m counts in a bounded queue, in octets.
func (m *Message) size() int { return len(m.Data.String()) + len(m.Sender) + len(m.Key) }

// cost is about what m takes in memory, in octets: itself, its data as it came
// and as it is sent, and its other spellings.
func (m *Message) cost() int64 { return messageCost + 2*int64(m.size()) + m.heads.size.Load() }

// messageIDs makes ids for one run of one relay.
type messageIDs struct {
	node string
	last atomic.Int64 // microseconds of the latest id
}

func newMessageIDs() *messageIDs {
	var b [4]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return &messageIDs{node: hex.EncodeToString(b[:])}
}

// next returns an id greater than all before: microseconds since 1970 in
// hexadecimal, pushed forward where the clock stands still or steps back.
func (ids *messageIDs) next(now time.Time) string {
	for {
		last := ids.last.Load()
		id := max(now.UnixMicro(), last+1)
		if ids.last.CompareAndSwap(last, id) {
			return fmt.Sprintf("%014x-%s", id, ids.node)
		}
	}
}
