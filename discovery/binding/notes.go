package binding

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How many lines the log takes at once, and how often one more.
const (
	notesBurst = 50
	junkBurst  = 10 // of what is not answered
	notesEvery = time.Second
)

// notes are the lines of a log that programs of this host can cause as often
// as they like. What comes too quickly is counted and left out.
type notes struct {
	log   *slog.Logger
	burst int // lines at once

	mu      sync.Mutex
	free    int       // guarded by mu: lines that may be written at once
	since   time.Time // guarded by mu: when free was right
	leftOut int       // guarded by mu
}

func newNotes(log *slog.Logger, burst int) *notes { return &notes{log: log, burst: burst, free: burst} }

func (n *notes) debug(text string, attrs ...any) { n.write(slog.LevelDebug, text, attrs) }
func (n *notes) info(text string, attrs ...any)  { n.write(slog.LevelInfo, text, attrs) }
func (n *notes) warn(text string, attrs ...any)  { n.write(slog.LevelWarn, text, attrs) }

func (n *notes) write(level slog.Level, text string, attrs []any) {
	if !n.log.Enabled(context.Background(), level) {
		return
	}
	leftOut, ok := n.take(time.Now())
	if !ok {
		return
	}
	if leftOut > 0 {
		attrs = append(attrs, "left_out", leftOut)
	}
	n.log.Log(context.Background(), level, text, attrs...)
}

// take reports whether a line may be written, and how many were left out since
// the last one.
func (n *notes) take(now time.Time) (leftOut int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if earned := now.Sub(n.since) / notesEvery; earned > 0 {
		n.free = min(n.burst, n.free+int(min(earned, time.Duration(n.burst))))
		n.since = now
	}
	if n.free == 0 {
		n.leftOut++
		return 0, false
	}
	n.free--
	leftOut, n.leftOut = n.leftOut, 0
	return leftOut, true
}
