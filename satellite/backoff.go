package satellite

import (
	"context"
	"math/rand/v2"
	"time"
)

// A backoff is how long to wait between tries that fail: from first on twice
// as long each time, up to most.
type backoff struct{ first, most, next time.Duration }

func (c Config) backoff() *backoff {
	return &backoff{first: c.Retry, most: max(c.Retry, c.Silence), next: c.Retry}
}

// pause waits for about next, or until ctx ends.
func (b *backoff) pause(ctx context.Context) {
	pause(ctx, jittered(b.next))
	b.next = min(2*b.next, b.most)
}

func (b *backoff) reset() { b.next = b.first }

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// jittered returns d, give or take a quarter.
func jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + rand.Float64()/2))
}
