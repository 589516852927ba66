package courier

import "sync"

// waiters are those of workers that are not at work. Each has a descriptor.
type waiters struct {
	mu   sync.Mutex
	idle []*waiter // guarded by mu
}

// take returns one, nil if there is no descriptor for it.
func (ws *waiters) take() *waiter {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	last := len(ws.idle) - 1
	if last < 0 {
		return newWaiter()
	}
	w := ws.idle[last]
	ws.idle = ws.idle[:last]
	return w
}

func (ws *waiters) give(w *waiter) {
	if w == nil {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.idle = append(ws.idle, w)
}

func (ws *waiters) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, w := range ws.idle {
		w.close()
	}
	ws.idle = nil
}
