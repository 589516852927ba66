package relay

import (
	"fmt"
	"slices"

	"co2/methods"
)

// A QueuePolicy says what a full outbox gives up. The empty one, and any word
// that this co2 does not know, stands for the relay's own setting.
type QueuePolicy string

// The policies. The message under way is never given up, and messages past
// their time to live always go first.
const (
	DropOldest   QueuePolicy = "drop-oldest"    // the message that waits longest
	DropNewest   QueuePolicy = "drop-newest"    // the one that just came
	NewestPerKey QueuePolicy = "newest-per-key" // the oldest of which a newer one with the same sender and key waits; if there is none, the oldest
)

var queuePolicies = [...]QueuePolicy{DropOldest, DropNewest, NewestPerKey}

// queueWords are the policies for people.
const queueWords = "drop-oldest, drop-newest or newest-per-key"

func (q QueuePolicy) known() bool { return slices.Contains(queuePolicies[:], q) }

// or returns q where it is a policy, else the relay's setting.
func (q QueuePolicy) or(setting QueuePolicy) QueuePolicy {
	if q.known() {
		return q
	}
	return setting
}

// check returns the fault for a satellite that asks for what there is not.
func (q QueuePolicy) check() *methods.ParamError {
	if q == "" || q.known() {
		return nil
	}
	return &methods.ParamError{Key: "queue", Got: clip(string(q)), Want: queueWords}
}

// MarshalText implements encoding.TextMarshaler.
func (q QueuePolicy) MarshalText() ([]byte, error) { return []byte(q), nil }

// UnmarshalText implements encoding.TextUnmarshaler, for settings.
func (q *QueuePolicy) UnmarshalText(word []byte) error {
	if p := QueuePolicy(word); p.known() {
		*q = p
		return nil
	}
	return fmt.Errorf("%s is no queue policy, want %s", clip(string(word)), queueWords)
}
