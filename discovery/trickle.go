package discovery

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// linesAtOnce is how many lines of log the network may cause at once; then it
// is one a second.
const linesAtOnce = 10

// A trickle keeps whoever sends datagrams from flooding the log.
type trickle struct {
	bucket   *rate.Limiter
	withheld atomic.Uint64
}

func newTrickle() *trickle { return &trickle{bucket: rate.NewLimiter(1, linesAtOnce)} }

// pass reports whether to write a line, and how many were withheld before it.
func (t *trickle) pass(now time.Time) (withheld uint64, ok bool) {
	if t.bucket.AllowN(now, 1) {
		return t.withheld.Swap(0), true
	}
	t.withheld.Add(1)
	return 0, false
}

// logSilence says why a datagram was not answered: never in its own words,
// which may hold what is nobody's business.
func (p *Polo) logSilence(why outcome, command Command, path Path, length int) {
	if !p.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	if withheld, ok := p.lines.pass(time.Now()); ok {
		if command == "" {
			command = "none"
		}
		p.log.Debug("request not answered", "code", "POLO-SILENCE", "why", why.String(), "command", string(command), "remote", path.Peer,
			"bytes", length, "withheld", withheld)
	}
}
