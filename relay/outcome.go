package relay

import (
	"time"
	"unicode"
)

// A Verdict says what becomes of a message after a call.
type Verdict uint8

// The verdicts. Retry leaves the message at the head of its outbox.
// Abandoned gives it up like Dead, but for a cause that lies with the relay
// (it stops, it has no descriptor left), so it says nothing of the satellite.
const (
	Delivered Verdict = iota + 1
	Retry
	Dead
	Abandoned
)

// An Outcome is how a call to a satellite ended.
type Outcome struct {
	Verdict Verdict
	Reason  string        // in words, unless Delivered
	Took    time.Duration // from the start of the call to the end of the answer
	Fault   bool          // Dead by a fault: the satellite answers, but not as it should
	Quotes  bool          // Reason may hold words of the satellite, which may repeat the message
}

// maxReason is how much of a reason is kept, in characters.
const maxReason = 256

// presentable makes a reason fit to be shown: one line of bounded length.
func presentable(reason string) string {
	runes := []rune(reason)
	for i, c := range runes {
		if !unicode.IsPrint(c) {
			runes[i] = ' '
		}
	}
	if len(runes) > maxReason {
		return string(runes[:maxReason]) + "…"
	}
	return string(runes)
}
