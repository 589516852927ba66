package discovery

import (
	"container/list"
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// Rates of replies. MarcoPolo sets none; these keep a Polo useless to those
// who forge the address of a victim, and ample for those who ask. A source may
// have sourceBurst replies at once and sourceRate a second, all together
// totalRate at once and a second.
const (
	sourceRate  = 32
	sourceBurst = 64
	totalRate   = 512
)

// servicesCost is the number of replies that one answer to Services counts as:
// it may have several hundred times the bytes of its request.
const servicesCost = 8

// maxSources is how many sources are remembered. A forgotten one starts with a
// full burst again, which the total still bounds.
const maxSources = 1024

// A limiter decides who gets a reply now. It is for one goroutine.
type limiter struct {
	total  *rate.Limiter
	byAddr map[netip.Addr]*list.Element
	recent *list.List // of *source, the latest asker in front
}

type source struct {
	addr   netip.Addr
	bucket *rate.Limiter
}

func newLimiter() *limiter {
	return &limiter{
		total:  rate.NewLimiter(totalRate, totalRate),
		byAddr: make(map[netip.Addr]*list.Element),
		recent: list.New(),
	}
}

// allow takes cost replies from the source's share and from the total.
func (l *limiter) allow(from netip.Addr, cost int, now time.Time) bool {
	return l.bucket(from).AllowN(now, cost) && l.total.AllowN(now, cost)
}

func (l *limiter) bucket(from netip.Addr) *rate.Limiter {
	if e, ok := l.byAddr[from]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*source).bucket
	}
	if l.recent.Len() >= maxSources {
		oldest := l.recent.Remove(l.recent.Back()).(*source)
		delete(l.byAddr, oldest.addr)
	}
	s := &source{addr: from, bucket: rate.NewLimiter(sourceRate, sourceBurst)}
	l.byAddr[from] = l.recent.PushFront(s)
	return s.bucket
}

func (l *limiter) sources() int { return l.recent.Len() }
