package discovery

import (
	"log/slog"
	"sync"

	"golang.org/x/time/rate"
)

// A thrifty log is for lines that users of the host can cause as often as they
// like: 50 at once, then one a second.
type thriftyLog struct {
	log    *slog.Logger
	bucket *rate.Limiter

	mu      sync.Mutex
	leftOut int // guarded by mu
}

func newThriftyLog(log *slog.Logger) *thriftyLog {
	return &thriftyLog{log: log, bucket: rate.NewLimiter(1, 50)}
}

// warn writes a line, or counts it for the next one that is written.
func (l *thriftyLog) warn(text string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.bucket.Allow() {
		l.leftOut++
		return
	}
	if l.leftOut > 0 {
		args = append(args, "left_out", l.leftOut)
	}
	l.leftOut = 0
	l.log.Warn(text, args...)
}
