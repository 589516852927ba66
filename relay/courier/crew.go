package courier

import "sync"

// A crew counts goroutines, so that somebody waits for each.
type crew struct {
	mu    sync.Mutex
	count int        // guarded by mu
	gone  *sync.Cond // guarded by mu; nil: nobody waits
}

func (c *crew) hire(work func()) {
	c.mu.Lock()
	c.count++
	c.mu.Unlock()
	go func() {
		defer c.leave()
		work()
	}()
}

func (c *crew) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count--; c.count == 0 && c.gone != nil {
		c.gone.Broadcast()
	}
}

// rest returns when nobody is at work.
func (c *crew) rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone == nil {
		c.gone = sync.NewCond(&c.mu)
	}
	for c.count > 0 {
		c.gone.Wait()
	}
}
