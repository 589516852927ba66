package relay

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// A Pinger pings every satellite once per interval and each new one at once.
// The pings of many are spread evenly over the interval, whether they came
// together or the relay was started with them. Between them it sleeps, and a
// round costs in proportion to those it pings.
type Pinger struct {
	interval time.Duration // 0 or less: only the first ping
	roster   *Roster
	owns     func(hostID string) bool
	ping     func(...*member)
	settled  func(*member)          // it no longer flaps
	late     func(t time.Time) bool // whether the relay itself was late at or after t
	wake     chan struct{}          // the earliest ping has become an earlier one

	mu      sync.Mutex
	due     duePings  // guarded by mu: a heap by time
	planned int       // guarded by mu: of due, those that count
	last    time.Time // guarded by mu: of the latest round, monotonic
}

// A pingPlan is when a member is pinged next. It is guarded by Pinger.mu.
type pingPlan struct {
	at     time.Time // on the monotonic clock; zero: no ping is planned
	spread bool      // it has a place of its own in the interval
	putOff bool      // it was due while the relay was late
}

// spreadStart is how long pings that would be due together are spread over:
// after a start, and after the relay was late.
const spreadStart = 10 * time.Second

// jitter is how far one interval may be from the mean, as a part of it.
const jitter = 0.1

func newPinger(cfg Config, roster *Roster, owns func(string) bool, d *deliveries) *Pinger {
	return &Pinger{
		interval: cfg.PingInterval, roster: roster, owns: owns, ping: d.ping, settled: d.settled, late: d.heart.lateSince,
		wake: make(chan struct{}, 1),
	}
}

// Run pings until ctx ends.
func (p *Pinger) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.wake:
		case <-timer.C:
			p.round(time.Now())
		}
		timer.Reset(p.untilNext())
	}
}

// step is how exactly times are kept: pings due within one go out together.
func (p *Pinger) step() time.Duration {
	const most = 250 * time.Millisecond
	if p.interval <= 0 {
		return most
	}
	return min(most, max(p.interval/100, time.Millisecond))
}

// untilNext is how long nothing is due.
func (p *Pinger) untilNext() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.due) == 0 {
		return time.Hour
	}
	at := p.last.Add(p.step())
	if first := p.due[0].at; first.After(at) {
		at = first
	}
	return time.Until(at)
}

// spread gives every satellite that was there before a first time.
func (p *Pinger) spread(now time.Time) {
	for _, m := range p.roster.all() {
		p.plan(m, now.Add(rand.N(p.briefly())), false)
	}
}

// briefly is how long pings are spread over that should be soon.
func (p *Pinger) briefly() time.Duration {
	if p.interval > 0 {
		return min(spreadStart, p.interval)
	}
	return spreadStart
}

// joined pings a new satellite at once, unless it is to be left alone.
func (p *Pinger) joined(m *member) {
	now := time.Now()
	wait, ping := m.mayPing(now)
	if ping {
		p.settled(m)
		wait = 0
		if p.interval > 0 {
			wait = p.anywhere()
		}
	}
	if wait > 0 {
		p.plan(m, now.Add(wait), ping)
	} else {
		p.drop(m)
	}
	if ping {
		p.ping(m)
	}
}

// soon plans a ping of a satellite of which it is open whether it is there.
func (p *Pinger) soon(m *member) {
	at := time.Now().Add(p.step() + rand.N(p.briefly()))
	p.mu.Lock()
	sooner := m.plan.at.IsZero() || at.Before(m.plan.at)
	p.mu.Unlock()
	if sooner {
		p.plan(m, at, false)
	}
}

// round pings all whose time has come. After the relay was late that may be
// nearly all: they are put off once, and spread.
func (p *Pinger) round(now time.Time) {
	members, putOff := p.take(now)
	for _, m := range putOff {
		p.soon(m)
	}
	due := members[:0]
	for _, m := range members {
		wait, ping := m.mayPing(now)
		if ping {
			p.settled(m)
			wait = p.after(m)
		}
		if _, id := m.age(); ping && p.owns(id) {
			due = append(due, m)
		}
		if wait > 0 {
			p.plan(m, now.Add(wait), true)
		}
	}
	p.ping(due...)
}

// take takes the members out whose time has come.
func (p *Pinger) take(now time.Time) (due, putOff []*member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	late := p.late(p.last)
	p.last = now
	for len(p.due) > 0 && !p.due[0].at.After(now) {
		next := heap.Pop(&p.due).(duePing)
		if !next.counts() {
			continue
		}
		m := next.m
		p.cancelLocked(m)
		if m.plan.putOff = late && !m.plan.putOff; m.plan.putOff {
			putOff = append(putOff, m)
		} else {
			due = append(due, m)
		}
	}
	return due, putOff
}

// plan sets when m is pinged next. Spread says that this is its own place in
// the interval.
func (p *Pinger) plan(m *member, at time.Time, spread bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancelLocked(m)
	m.plan.at, m.plan.spread = at, spread
	p.planned++
	heap.Push(&p.due, duePing{at, m})
	if p.due[0].m == m {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

// drop ends the pings of m.
func (p *Pinger) drop(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancelLocked(m)
}

// cancelLocked takes back what is planned for m. Its entry in the heap counts
// no more; when most do not, they are thrown out.
func (p *Pinger) cancelLocked(m *member) {
	if m.plan.at.IsZero() {
		return
	}
	m.plan.at = time.Time{}
	p.planned--
	if len(p.due) > 2*p.planned+leastOutdated {
		p.due = slices.DeleteFunc(p.due, func(d duePing) bool { return !d.counts() })
		heap.Init(&p.due)
	}
}

// leastOutdated is how many entries that count no more are not worth
// throwing out.
const leastOutdated = 64

// anywhere is how long the first ping waits after those that were due
// together: the interval, more or less by half, so that they are spread over
// all of it from then on.
func (p *Pinger) anywhere() time.Duration { return p.interval/2 + rand.N(p.interval) }

// after is how long the ping waits that follows one of m; 0: for ever.
func (p *Pinger) after(m *member) time.Duration {
	if p.interval <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !m.plan.spread {
		return p.anywhere()
	}
	part := 1 + jitter*(2*rand.Float64()-1)
	return time.Duration(float64(p.interval) * part)
}

// A duePing is a ping that was planned. It carries its time, so that to order
// thousands it is not needed to look at their members.
type duePing struct {
	at time.Time
	m  *member
}

// counts reports whether it is still planned so.
func (d duePing) counts() bool { return d.at.Equal(d.m.plan.at) }

// duePings is a heap by time.
type duePings []duePing

func (d duePings) Len() int           { return len(d) }
func (d duePings) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d duePings) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *duePings) Push(x any)        { *d = append(*d, x.(duePing)) }

func (d *duePings) Pop() any {
	last := (*d)[len(*d)-1]
	(*d)[len(*d)-1] = duePing{}
	*d = (*d)[:len(*d)-1]
	return last
}
