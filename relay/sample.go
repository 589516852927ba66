package relay

import (
	"iter"
	"time"
)

// A Sample is what changes all the time about one satellite.
type Sample struct {
	HostID   string
	State    State
	Breaker  BreakerState
	Flapping bool
	Waiting  int           // messages in its outbox
	Bytes    int           // the same in octets
	Oldest   time.Duration // since the oldest of them was accepted; 0: none waits
}

// Samples goes through the satellites, oldest registration first. It is much
// cheaper than [Directory.Satellites], and holds no lock between two of them.
func (r *Relay) Samples() iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		now := time.Now()
		for _, m := range r.roster.all() {
			if !yield(m.sample(now)) {
				return
			}
		}
	}
}

func (m *member) sample(now time.Time) Sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Sample{
		HostID: m.sat.HostID, State: m.sat.State, Breaker: m.sat.Breaker.State, Flapping: m.sat.Flapping,
		Waiting: m.outbox.Len(), Bytes: m.outbox.Bytes(),
	}
	if oldest := m.outbox.Oldest(); oldest != nil {
		s.Oldest = max(now.Sub(oldest.arrived), 0)
	}
	return s
}

// Held is what waits for the rate of its sender.
type Held struct {
	Senders  int // with messages that wait
	Messages int
	Bytes    int           // of the messages
	Oldest   time.Duration // since the oldest of them was accepted; 0: none waits
}

// Held returns what the limiter holds now.
func (r *Relay) Held() Held { return r.limiter.held(time.Now()) }

func (l *Limiter) held(now time.Time) Held {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := Held{Senders: len(l.due)}
	for _, s := range l.due {
		h.Messages += len(s.queue)
		h.Bytes += s.bytes
		h.Oldest = max(h.Oldest, now.Sub(s.queue[0].arrived))
	}
	return h
}
