package courier

import (
	"sync/atomic"
	"time"
)

// patience is how long an answer may take before its satellite counts as
// slow, whose answers no worker waits for.
const patience = 20 * time.Millisecond

// A pace is how long answers take of late. Where all take long, as on a
// machine that has much else to do, none of them is slow for that.
type pace struct{ usual atomic.Int64 } // nanoseconds

// slower reports whether an answer that took so long is late, and counts it.
// Concurrent counts may get lost.
func (p *pace) slower(took time.Duration) bool {
	usual := time.Duration(p.usual.Load())
	limit := max(patience, 4*usual)
	p.usual.Store(int64(usual + (min(took, limit)-usual)/64))
	return took > limit
}
