package relay

import (
	"context"
	"math"
	"sync"
	"time"

	"co2/methods"
)

// A Use is one limit and how much of it is used.
type Use[T int | float64] struct {
	Limit T      `xmlrpc:"limit" doc:"the most there may be; 2147483647: no limit"`
	Used  T      `xmlrpc:"used" doc:"how much there is; where each satellite has its own limit, of the one that uses most; -1: not known"`
	Unit  string `xmlrpc:"unit" doc:"what is counted"`
	By    string `xmlrpc:"by" doc:"host id of the satellite that uses most; empty: nobody, or it is a limit of all together"`
}

// HostUse are the limits of the process a relay runs in, which the relay is
// told by those who know.
type HostUse struct {
	Connections Use[int]
	Streams     Use[int] // pages that are kept up to date
	Bodies      Use[int]
	Memory      Use[int]
	Descriptors Use[int]
}

// Limits are all limits of a relay with their present use.
type Limits struct {
	Satellites  Use[int]     `xmlrpc:"satellites" doc:"registered satellites"`
	Rate        Use[float64] `xmlrpc:"rate" doc:"messages that one sender gets out a second; used: accepted from it in the last whole second"`
	Burst       Use[int]     `xmlrpc:"burst" doc:"messages of one sender that go out before the rate holds"`
	Queue       Use[int]     `xmlrpc:"queue" doc:"messages of one sender that wait for the rate"`
	QueueBytes  Use[int]     `xmlrpc:"queue_bytes" doc:"the same in octets"`
	Outbox      Use[int]     `xmlrpc:"outbox" doc:"messages that wait for one receiver"`
	OutboxBytes Use[int]     `xmlrpc:"outbox_bytes" doc:"the same in octets"`
	OutboxRoom  Use[int]     `xmlrpc:"outbox_memory" doc:"memory for the messages in all outboxes, each counted once"`
	Data        Use[int]     `xmlrpc:"data" doc:"data of one message; used: the largest accepted since the relay was started"`
	Removal     Use[int]     `xmlrpc:"removal" doc:"seconds a satellite is down before it is removed; used: of the one down longest; the unit says when removal is held"`
	Unwritten   Use[int]     `xmlrpc:"unwritten" doc:"satellites whose accepted changes are not on disk; the unit tells it when the dump cannot be written"`
	Connections Use[int]     `xmlrpc:"connections" doc:"open connections to the relay"`
	Streams     Use[int]     `xmlrpc:"streams" doc:"of these, pages in browsers that are kept up to date"`
	Bodies      Use[int]     `xmlrpc:"bodies" doc:"memory for bodies of requests being read"`
	Memory      Use[int]     `xmlrpc:"memory" doc:"memory of the program, without that given back; the limit is GOMEMLIMIT"`
	Descriptors Use[int]     `xmlrpc:"descriptors" doc:"open files and connections of the program"`
}

func (r *Relay) limitMethods() []methods.Method {
	return []methods.Method{{
		Names:  methods.Under("get_limits", "relay", "co2", "web"),
		Doc:    "Returns every limit of the relay with its present use, each a struct of limit, used, unit and by. What is refused for a limit is a fault that names it.",
		Access: methods.Public,
		Func:   func(context.Context) (Limits, error) { return r.Limits(), nil },
	}}
}

// Limits returns the limits as they are now.
func (r *Relay) Limits() Limits {
	now := time.Now()
	cfg, host, room := r.cfg, r.cfg.Host(), r.deliveries.room
	l := Limits{
		Satellites:  Use[int]{count(cfg.MaxSats), r.directory.Len(), "satellites", ""},
		Rate:        Use[float64]{min(cfg.Rate, maxSatellites), 0, "messages/s", ""},
		Burst:       Use[int]{count(cfg.Burst), 0, "messages", ""},
		Queue:       Use[int]{count(cfg.Queue), 0, "messages", ""},
		QueueBytes:  Use[int]{count(cfg.QueueBytes), 0, "octets", ""},
		Outbox:      Use[int]{count(cfg.Outbox), 0, "messages", ""},
		OutboxBytes: Use[int]{count(cfg.OutboxBytes), 0, "octets", ""},
		OutboxRoom:  Use[int]{count(cfg.OutboxMemory >> 10), int((room.held.Load() + 1023) >> 10), "KiB", ""},
		Data:        r.largest.use(cfg.MaxData),
		Removal:     r.removalUse(),
		Unwritten:   r.roster.saver.use(),
		Connections: host.Connections, Streams: host.Streams, Bodies: host.Bodies, Memory: host.Memory, Descriptors: host.Descriptors,
	}
	for _, s := range r.limiter.uses() {
		l.Rate.raise(s.pace, s.hostID)
		l.Burst.raise(s.burst, s.hostID)
		l.Queue.raise(s.waiting, s.hostID)
		l.QueueBytes.raise(s.bytes, s.hostID)
	}
	for _, m := range r.roster.all() {
		s, bytes := m.use()
		l.Outbox.raise(s.Waiting, s.HostID)
		l.OutboxBytes.raise(bytes, s.HostID)
		if s.State == StateDown {
			l.Removal.raise(int(now.Sub(s.downAt).Seconds()), s.HostID)
		}
	}
	return l
}

// SatelliteLimits are those that each satellite has of its own, with their use
// by one. A limit of 2147483647 is none.
type SatelliteLimits struct {
	Rate                Use[float64] // of what it sends
	Burst               Use[int]
	Queue, QueueBytes   Use[int] // of what it sent, while that waits for the rate
	Outbox, OutboxBytes Use[int] // of what waits for it
}

// LimitsOf returns the limits of a satellite as they are now, and whether it
// is registered.
func (r *Relay) LimitsOf(hostID string) (SatelliteLimits, bool) {
	m := r.roster.member(hostID)
	if m == nil {
		return SatelliteLimits{}, false
	}
	cfg, sent := r.cfg, r.limiter.use(hostID)
	s, bytes := m.use()
	return SatelliteLimits{
		Rate:        Use[float64]{min(cfg.Rate, maxSatellites), sent.pace, "messages/s", hostID},
		Burst:       Use[int]{count(cfg.Burst), sent.burst, "messages", hostID},
		Queue:       Use[int]{count(cfg.Queue), sent.waiting, "messages", hostID},
		QueueBytes:  Use[int]{count(cfg.QueueBytes), sent.bytes, "octets", hostID},
		Outbox:      Use[int]{count(cfg.Outbox), s.Waiting, "messages", hostID},
		OutboxBytes: Use[int]{count(cfg.OutboxBytes), bytes, "octets", hostID},
	}, true
}

func (r *Relay) removalUse() Use[int] {
	u, state := Use[int]{Limit: math.MaxInt32, Unit: "s"}, r.Removal()
	if state.After > 0 {
		u.Limit = count(int(state.After.Seconds()))
	}
	if state.Held {
		u.Unit = "s, held"
	}
	return u
}

// raise keeps the greatest use and whose it is.
func (u *Use[T]) raise(used T, by string) {
	if used > u.Used {
		u.Used, u.By = min(used, math.MaxInt32), by
	}
}

// unknownHost is the use of a host that nobody told.
func unknownHost() HostUse {
	none := Use[int]{Limit: math.MaxInt32, Used: -1}
	h := HostUse{none, none, none, none, none}
	h.Connections.Unit, h.Streams.Unit, h.Bodies.Unit, h.Memory.Unit, h.Descriptors.Unit = "connections", "streams", "KiB", "KiB", "descriptors"
	return h
}

// A peak is the largest data seen. It is safe for concurrent use.
type peak struct {
	mu   sync.Mutex
	most Use[int] // guarded by mu; without its limit
}

func (p *peak) raise(octets int, by string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most.raise(octets, by)
}

func (p *peak) use(limit int) Use[int] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Use[int]{count(limit), p.most.Used, "octets", p.most.By}
}
