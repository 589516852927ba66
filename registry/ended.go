package registry

import (
	"context"
	"time"
)

// Ended is a call that has been answered, for those who count.
type Ended struct {
	Method string // as it was called, perhaps nobody's name; empty: the document was no call
	Failed bool   // with what fault
	Fault  int
	Inside bool          // of a system.multicall
	Took   time.Duration // from the whole document to the whole answer
}

// ended tells of a call that has.
func (s *Server) ended(ctx context.Context, method string, failed bool, fault int, since time.Time) {
	if s.cfg.Ended != nil {
		inside := ctx.Value(insideMulticall{}) != nil
		s.cfg.Ended(Ended{Method: method, Failed: failed, Fault: fault, Inside: inside, Took: time.Since(since)})
	}
}
