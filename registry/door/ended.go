package door

import (
	"net/netip"
	"time"
)

// Ended is a request that has been answered or refused, for those who count
// and log.
type Ended struct {
	Remote netip.AddrPort
	Verb   string // empty: what came was no request, or the connection was turned away
	Path   string // as it came, without its query; of any length up to MaxHead
	Status int
	Sent   int64         // octets of the answer's body
	Took   time.Duration // from the end of its head to the end of its answer; 0: there was no whole head
	Call   string        // what the action did, if it tells
	Failed bool          // and whether that failed, with what code
	Fault  int
}

// tell tells who wants to know that the request under way has ended.
func (c *conn) tell(a *Answer, sent int64) {
	told := c.cfg().Ended
	if told == nil {
		return
	}
	e := Ended{
		Remote: c.remote, Verb: c.request.Method, Path: c.request.Path, Status: a.Status, Sent: sent,
		Call: a.Call, Failed: a.Failed, Fault: a.Fault,
	}
	if !c.headed.IsZero() {
		e.Took = time.Since(c.headed)
	}
	told(e)
}
