package door

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// troubles tell the log of accepting that fails: when it begins, once a minute
// while it lasts, and when it is over.
type troubles struct {
	log   *slog.Logger
	fails *atomic.Int64 // since it began; 0: there is none
	next  time.Time     // when it is told again
}

const troubleEvery = time.Minute

func (t *troubles) tell(err error) {
	times := t.fails.Add(1)
	if now := time.Now(); !now.Before(t.next) || times == 1 {
		t.log.Warn("accepting failed; trying again", "code", "DOOR-FAIL", "err", err, "times", times)
		t.next = now.Add(troubleEvery)
	}
}

func (t *troubles) over() {
	if t.fails.Load() > 0 {
		t.log.Info("accepting again", "code", "DOOR-OK", "failed", t.fails.Swap(0))
	}
}
