package courier

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// A line is what is known of one satellite between calls: its connection, and
// what the latest calls have shown.
type line struct {
	at    netip.AddrPort
	late  atomic.Bool  // its latest answer was not there in time
	doubt atomic.Int32 // about connecting to it

	conn       *conn         // guarded by lines.mu; nil: none, or in use
	calls      int32         // guarded by lines.mu: under way
	forgotten  bool          // guarded by lines.mu: the satellite has left
	used       time.Duration // guarded by lines.mu: when it came into its ring, since lines.epoch
	prev, next *line         // guarded by lines.mu: in its ring; nil: in none
}

// Doubts about connecting to a satellite. Each has a lane of its own, so that
// those that hang never hold up those that do not.
const (
	trusted  = iota // it connected quickly, or never was tried
	doubtful        // it did not connect quickly
	hopeless        // it did not connect in the time there is
)

// A ring holds lines in order of use.
type ring struct{ end line }

func (r *ring) init() { r.end.prev, r.end.next = &r.end, &r.end }

// oldest is the line that was not used for longest; nil: none.
func (r *ring) oldest() *line {
	if r.end.next == &r.end {
		return nil
	}
	return r.end.next
}

func (r *ring) push(l *line) {
	l.prev, l.next = r.end.prev, &r.end
	l.prev.next, l.next.prev = l, l
}

func (l *line) unlink() {
	l.prev.next, l.next.prev = l.next, l.prev
	l.prev, l.next = nil, nil
}
