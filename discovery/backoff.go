package discovery

import (
	"context"
	"time"
)

// Waits between attempts to join a group: the original tries every 3 s; here
// each wait is twice the one before.
const (
	firstWait   = 3 * time.Second
	longestWait = time.Minute
)

// A backoff gives the waits between attempts; its zero value starts anew.
type backoff struct{ last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, firstWait), longestWait)
	return b.last
}

// sleep waits, or returns at once when ctx ends.
func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
