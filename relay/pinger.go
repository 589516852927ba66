package relay

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Pinger pings every satellite once per interval, spread out with jitter,
// and each new one at once.
type Pinger struct {
	interval time.Duration // 0: only the first ping
	roster   *Roster
	owns     func(hostID string) bool
	ping     func(...*member)
}

// spreadStart is how long the first pings after a start are spread over.
const spreadStart = 10 * time.Second

// jitter is how far one interval may be from the mean, as a part of it.
const jitter = 0.1

// Run pings until ctx ends.
func (p *Pinger) Run(ctx context.Context) error {
	tick := time.NewTicker(p.step())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			p.round(now)
		}
	}
}

// step is how exactly times are kept.
func (p *Pinger) step() time.Duration {
	if p.interval <= 0 {
		return time.Second
	}
	return min(time.Second, max(p.interval/20, time.Millisecond))
}

// spread gives every satellite that was there before a first time.
func (p *Pinger) spread(now time.Time) {
	for _, m := range p.roster.all() {
		within := spreadStart
		if p.interval > 0 {
			within = min(within, p.interval)
		}
		p.plan(m, now.Add(rand.N(within)))
	}
}

// joined pings a new satellite at once.
func (p *Pinger) joined(m *member) {
	p.plan(m, p.after(time.Now()))
	p.ping(m)
}

// round pings all whose time has come.
func (p *Pinger) round(now time.Time) {
	var due []*member
	for _, m := range p.roster.all() {
		m.mu.Lock()
		if !m.nextPing.IsZero() && !m.nextPing.After(now) && p.owns(m.sat.HostID) {
			m.nextPing = p.after(now)
			due = append(due, m)
		}
		m.mu.Unlock()
	}
	p.ping(due...)
}

func (p *Pinger) plan(m *member, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.nextPing = at
}

// after returns the time of the ping that follows one at now; zero is never.
func (p *Pinger) after(now time.Time) time.Time {
	if p.interval <= 0 {
		return time.Time{}
	}
	part := 1 + jitter*(2*rand.Float64()-1)
	return now.Add(time.Duration(float64(p.interval) * part))
}
