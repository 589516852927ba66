package discovery

import (
	"cmp"
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound the replies of a [Polo]. MarcoPolo sets none; these keep a Polo
// useless to those who forge the address of a victim, and ample for those who
// ask. 0 stands for the default, and a negative rate for no limit.
type Limits struct {
	SourceRate  int // replies a second to one source; default 32
	SourceBurst int // replies to one source at once; default 64
	Rate        int // replies a second to all; default 512
	Burst       int // replies to all at once; default 512
	// Services is the number of replies that one answer to Services counts as,
	// which may have hundreds of times the bytes of its request; default 8.
	Services int
	// Sources is how many sources are remembered; default 1024. A forgotten
	// one starts with a full burst again, which Rate still bounds.
	Sources int
}

// The rates of answers that hold unless others are set.
const (
	defaultRate       = 512
	defaultSourceRate = 32
)

func (l Limits) complete() Limits {
	l.SourceRate = cmp.Or(l.SourceRate, defaultSourceRate)
	l.SourceBurst = max(1, cmp.Or(l.SourceBurst, 2*defaultSourceRate))
	l.Rate = cmp.Or(l.Rate, defaultRate)
	l.Burst = max(1, cmp.Or(l.Burst, defaultRate))
	l.Services = max(1, min(cmp.Or(l.Services, 8), l.SourceBurst, l.Burst)) // or it would never be answered
	l.Sources = max(1, cmp.Or(l.Sources, 1024))
	return l
}

// A limiter decides who gets a reply now. It is safe for concurrent use.
type limiter struct {
	limits Limits
	total  *rate.Limiter

	mu     sync.Mutex
	byAddr map[netip.Addr]*list.Element // guarded by mu
	recent *list.List                   // of *source, the latest asker in front; guarded by mu
}

type source struct {
	addr   netip.Addr
	bucket *rate.Limiter
}

func newLimiter(l Limits) *limiter {
	l = l.complete()
	return &limiter{
		limits: l, total: newBucket(l.Rate, l.Burst),
		byAddr: make(map[netip.Addr]*list.Element), recent: list.New(),
	}
}

func newBucket(perSecond, burst int) *rate.Limiter {
	if perSecond < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), burst)
}

// allow takes a reply from the source's share and from the total.
func (l *limiter) allow(from netip.Addr, command Command, now time.Time) bool {
	replies := 1
	if command == CommandServices {
		replies = l.limits.Services
	}
	return l.allowSource(from, replies, now) && l.total.AllowN(now, replies)
}

func (l *limiter) allowSource(from netip.Addr, replies int, now time.Time) bool {
	if l.limits.SourceRate < 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bucketLocked(from).AllowN(now, replies)
}

func (l *limiter) bucketLocked(from netip.Addr) *rate.Limiter {
	if e, ok := l.byAddr[from]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*source).bucket
	}
	if l.recent.Len() >= l.limits.Sources {
		oldest := l.recent.Remove(l.recent.Back()).(*source)
		delete(l.byAddr, oldest.addr)
	}
	s := &source{addr: from, bucket: newBucket(l.limits.SourceRate, l.limits.SourceBurst)}
	l.byAddr[from] = l.recent.PushFront(s)
	return s.bucket
}

func (l *limiter) sources() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recent.Len()
}
