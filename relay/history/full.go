package history

import (
	"time"
	"unicode/utf8"

	"co2/relay"
)

// deliveriesKept is how many a satellite keeps that is kept in full.
const deliveriesKept = 50

// reasonKept is how much is kept of a reason, in octets.
const reasonKept = 512

// A full is what is kept of a satellite of interest beside the rest.
type full struct {
	plot       plot
	deliveries ring[delivery]
	reasons    ring[string]  // of the latest changes of state
	looked     time.Duration // since the start, when somebody looked at it last; 0: nobody
	troubled   time.Duration // since the start, when something was found to be wrong; 0: nothing is
	waits      waits
}

// waits is what one look found waiting.
type waits struct {
	look     int // its number
	messages int
	oldest   time.Duration
}

// A delivery is one notify that has ended.
type delivery struct {
	at              time.Duration // since the start
	message, sender string
	reason          string
	took, waited    time.Duration
	verdict         relay.Verdict
}

func newFull(second int64) *full {
	return &full{
		plot:       *newPlot(second),
		deliveries: ring[delivery]{limit: deliveriesKept},
		reasons:    ring[string]{limit: statesKept},
	}
}

// clip cuts s after n octets at most, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
