package door

import (
	"log/slog"
	"time"
)

// troubles tell the log of accepting that fails: when it begins, once a minute
// while it lasts, and when it is over.
type troubles struct {
	log   *slog.Logger
	fails int       // since it began; 0: there is none
	next  time.Time // when it is told again
}

const troubleEvery = time.Minute

func (t *troubles) tell(err error) {
	t.fails++
	if now := time.Now(); !now.Before(t.next) || t.fails == 1 {
		t.log.Warn("accepting failed; trying again", "err", err, "times", t.fails)
		t.next = now.Add(troubleEvery)
	}
}

func (t *troubles) over() {
	if t.fails > 0 {
		t.log.Info("accepting again", "failed", t.fails)
		t.fails = 0
	}
}
