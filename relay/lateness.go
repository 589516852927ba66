package relay

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A heartbeat tells whether the relay itself was late: stopped, or starved of
// the processor. Calls that fail while it was say nothing of satellites. It is
// safe for concurrent use and knows the monotonic clock only.
type heartbeat struct {
	every   time.Duration
	allowed time.Duration    // how late a beat may come
	ticks   <-chan time.Time // of tests; nil: a ticker
	told    func(reason string)

	mu   sync.Mutex
	last time.Time // guarded by mu: the latest beat; zero: none yet
	late time.Time // guarded by mu: when the latest lateness ended; zero: never
}

// newHeartbeat makes one for calls of these time-outs: it allows a fifth of
// the shortest, which a satellite can spare.
func newHeartbeat(cfg Config, told func(reason string)) *heartbeat {
	allowed := min(time.Second, cfg.PingTimeout/5, cfg.NotifyTimeout/5)
	allowed = max(allowed, 10*time.Millisecond)
	return &heartbeat{every: allowed / 2, allowed: allowed, told: told}
}

// Run beats until ctx ends.
func (h *heartbeat) Run(ctx context.Context) {
	ticks := h.ticks
	if ticks == nil {
		ticker := time.NewTicker(h.every)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		h.beat(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

func (h *heartbeat) beat(now time.Time) {
	h.mu.Lock()
	gap, late := now.Sub(h.last), h.lateLocked(now)
	h.last = now
	if late {
		h.late = now
	}
	h.mu.Unlock()
	if late {
		h.told(fmt.Sprintf("the relay was stopped or starved for %v; calls that failed meanwhile say nothing of satellites", gap.Round(time.Millisecond)))
	}
}

func (h *heartbeat) lateLocked(now time.Time) bool {
	return !h.last.IsZero() && now.Sub(h.last) > h.every+h.allowed
}

// lateSince reports whether the relay was late at some time after t. It also
// knows of a lateness that the next beat will find.
func (h *heartbeat) lateSince(t time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.late.After(t) || h.lateLocked(time.Now())
}
