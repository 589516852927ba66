package relay

import (
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"co2/methods"
)

// A Limiter lets messages go out at a rate per sender, in the order it took
// them in. What it has taken in goes out, whatever becomes of the sender.
// It is safe for concurrent use.
type Limiter struct {
	rate     rate.Limit
	burst    int
	maxCount int
	maxBytes int
	release  func(*Message)
	wake     chan struct{}

	mu      sync.Mutex
	senders map[string]*sender // guarded by mu; by host id
	due     dueSenders         // guarded by mu; those with waiting messages
	closed  bool               // guarded by mu
}

// A sender is one satellite's queue and token bucket.
type sender struct {
	bucket *rate.Limiter
	queue  []*Message
	bytes  int
	pace   pace
	at     time.Time // when queue[0] may go
}

// sweepEvery is how often the buckets of silent senders are forgotten.
const sweepEvery = time.Minute

// newLimiter makes a limiter that hands messages to release, one at a time.
func newLimiter(cfg Config, release func(*Message)) *Limiter {
	return &Limiter{
		rate: rate.Limit(cfg.Rate), burst: cfg.Burst,
		maxCount: cfg.Queue, maxBytes: cfg.QueueBytes,
		release: release, wake: make(chan struct{}, 1),
		senders: map[string]*sender{},
	}
}

// Accept takes m's place in its sender's queue. A full queue is a
// [*methods.RegistryError] that says when to try again.
func (l *Limiter) Accept(m *Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosing
	}
	now := time.Now()
	s := l.senderLocked(m.Sender)
	if len(s.queue) >= l.maxCount || (len(s.queue) > 0 && s.bytes+m.size() > l.maxBytes) {
		return l.full(s, m, now)
	}
	s.pace.count(now)
	s.queue = append(s.queue, m)
	s.bytes += m.size()
	if len(s.queue) == 1 {
		s.reserve(now)
		heap.Push(&l.due, s)
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

func (l *Limiter) senderLocked(hostID string) *sender {
	s := l.senders[hostID]
	if s == nil {
		s = &sender{bucket: rate.NewLimiter(l.rate, l.burst)}
		l.senders[hostID] = s
	}
	return s
}

// full tells the sender of m that it has to wait, and how long: until as many
// of its messages are gone as make room for this one.
func (l *Limiter) full(s *sender, m *Message, now time.Time) error {
	gone, bytes := 1, s.bytes-s.queue[0].size()
	for ; gone < len(s.queue) && bytes+m.size() > l.maxBytes; gone++ {
		bytes -= s.queue[gone].size()
	}
	wait, pace := s.at.Sub(now), ""
	if l.rate != rate.Inf {
		wait += time.Duration(float64(gone-1) / float64(l.rate) * float64(time.Second))
		pace = fmt.Sprintf(" and go out at %g a second", float64(l.rate))
	}
	return &methods.RegistryError{Text: fmt.Sprintf("the queue of %s is full, it takes %d messages or %d octets: %d messages of %d octets wait%s; try again in %v",
		m.Sender, l.maxCount, l.maxBytes, len(s.queue), s.bytes, pace, max(wait, time.Millisecond).Round(time.Millisecond))}
}

// reserve fixes when the head of the queue may go.
func (s *sender) reserve(now time.Time) {
	s.at = now.Add(s.bucket.ReserveN(now, 1).DelayFrom(now))
}

// Run releases messages when they are due until ctx ends. What waits then is
// released at once: it was accepted.
func (l *Limiter) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			l.flush()
			return nil
		case <-l.wake:
		case <-timer.C:
		case now := <-sweep.C:
			l.forget(now)
		}
		timer.Reset(l.releaseDue())
	}
}

// releaseDue releases all that is due and returns how long the next one waits.
func (l *Limiter) releaseDue() time.Duration {
	for {
		m, wait := l.next(time.Now(), false)
		if m == nil {
			return wait
		}
		l.release(m)
	}
}

// flush closes the limiter and releases everything.
func (l *Limiter) flush() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	for {
		m, _ := l.next(time.Now(), true)
		if m == nil {
			return
		}
		l.release(m)
	}
}

// next takes the message that goes out now, or tells how long to wait.
func (l *Limiter) next(now time.Time, all bool) (*Message, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.due) == 0 {
		return nil, sweepEvery
	}
	s := l.due[0]
	if wait := s.at.Sub(now); wait > 0 && !all {
		return nil, wait
	}
	m := s.pop()
	if len(s.queue) > 0 {
		s.reserve(now)
		heap.Fix(&l.due, 0)
	} else {
		heap.Pop(&l.due)
	}
	return m, 0
}

func (s *sender) pop() *Message {
	m := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	s.bytes -= m.size()
	if len(s.queue) == 0 {
		s.queue = nil
	}
	return m
}

// forget drops senders whose bucket is full again: a new one would be alike.
func (l *Limiter) forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, s := range l.senders {
		if len(s.queue) == 0 && s.bucket.TokensAt(now) >= float64(l.burst) {
			delete(l.senders, id)
		}
	}
}

// dueSenders is a heap by the time of the next release.
type dueSenders []*sender

func (d dueSenders) Len() int           { return len(d) }
func (d dueSenders) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dueSenders) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dueSenders) Push(x any)        { *d = append(*d, x.(*sender)) }
func (d *dueSenders) Pop() any {
	last := (*d)[len(*d)-1]
	(*d)[len(*d)-1] = nil
	*d = (*d)[:len(*d)-1]
	return last
}

// A pace counts what came in the present second and in the one before.
type pace struct {
	began       time.Time // the present second
	now, before int
}

func (p *pace) count(now time.Time) {
	p.turn(now)
	p.now++
}

func (p *pace) turn(now time.Time) {
	switch since := now.Sub(p.began); {
	case since >= 2*time.Second:
		*p = pace{began: now}
	case since >= time.Second:
		*p = pace{began: p.began.Add(time.Second), before: p.now}
	}
}

// A senderUse is how much of its limits a sender uses.
type senderUse struct {
	hostID         string
	pace           float64 // messages accepted in the last whole second
	burst          int     // tokens it has taken
	waiting, bytes int
}

// uses returns those of all senders that were active of late.
func (l *Limiter) uses() []senderUse {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]senderUse, 0, len(l.senders))
	for id, s := range l.senders {
		list = append(list, l.useLocked(id, s, now))
	}
	return list
}

// use returns that of one, zero for who was not active of late.
func (l *Limiter) use(hostID string) senderUse {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.senders[hostID]; s != nil {
		return l.useLocked(hostID, s, now)
	}
	return senderUse{hostID: hostID}
}

func (l *Limiter) useLocked(hostID string, s *sender, now time.Time) senderUse {
	s.pace.turn(now)
	u := senderUse{hostID, float64(s.pace.before), 0, len(s.queue), s.bytes}
	if l.rate != rate.Inf {
		u.burst = l.burst - int(max(s.bucket.TokensAt(now), 0))
	}
	return u
}
