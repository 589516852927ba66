package relay

import (
	"strconv"
	"strings"
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
}

// maxReason is how much of a reason is kept, in characters.
const maxReason = 256

// presentable makes a reason fit to be shown: one line of bounded length, and
// never the satellite's own password, which its answer may repeat.
func presentable(reason, pass string) string {
	quoted := strconv.Quote(pass)
	if pass != "" && (strings.Contains(reason, pass) || strings.Contains(reason, quoted[1:len(quoted)-1])) {
		return "the call failed; why is not shown, since the words hold the satellite's notify_pass"
	}
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
