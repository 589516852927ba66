package registry

import (
	"context"
	"sync"
	"time"
)

// A callContext is the context of one call. It ends after a time, with the
// call, or when the server cuts calls off. Most calls never ask for its end:
// only when one does is there a timer, which costs more than a short call.
type callContext struct {
	context.Context // of the server
	deadline        time.Time

	once   sync.Once
	timed  context.Context
	cancel context.CancelFunc
}

func newCallContext(server context.Context, limit time.Duration) *callContext {
	return &callContext{Context: server, deadline: time.Now().Add(limit)}
}

func (c *callContext) ending() context.Context {
	c.once.Do(func() { c.timed, c.cancel = context.WithDeadline(c.Context, c.deadline) })
	return c.timed
}

// end ends it with its call.
func (c *callContext) end() {
	c.once.Do(func() { c.timed, c.cancel = ended, func() {} })
	c.cancel()
}

// ended is the context of calls that were over before anybody asked.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Deadline implements [context.Context].
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, true }

// Done implements [context.Context].
func (c *callContext) Done() <-chan struct{} { return c.ending().Done() }

// Err implements [context.Context].
func (c *callContext) Err() error { return c.ending().Err() }
