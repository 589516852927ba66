package door

import (
	"runtime/debug"
	"sync"
	"time"
)

// thrift gives memory back to the system when large bodies have been dealt
// with: left alone, the collector would keep it for minutes (L-B).
type thrift struct {
	mu    sync.Mutex
	timer *time.Timer // guarded by mu; nil until a large body has come
}

const (
	largeBody = 1 << 20         // from here on a body's memory is missed, in octets
	rest      = 2 * time.Second // without large bodies, before memory goes back
)

// after notes that a body of n octets has been dealt with.
func (t *thrift) after(n int64) {
	if n < largeBody {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		t.timer = time.AfterFunc(rest, debug.FreeOSMemory)
		return
	}
	t.timer.Reset(rest)
}
