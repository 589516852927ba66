// Package history remembers what a relay did of late, for plots and lists: of
// the relay and of the satellites of interest second by second, of all others
// the latest pings and outcomes. What it keeps is bounded however long it runs
// and whatever satellites send; nothing of it is on disk.
//
// A [History] is a [relay.Observer] and hears the relay's events. Everything
// exported is safe for concurrent use.
package history

import (
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"co2/relay"
)

// A Source is the relay whose history is kept, as far as it has to be asked.
type Source interface {
	Directory() relay.Directory
	Samples() iter.Seq[relay.Sample]
	Held() relay.Held
	Lost() relay.Losses
}

// A Config tunes a history. Zero values mean the defaults in brackets.
type Config struct {
	Full int              // satellites kept second by second [200]; negative: none
	Now  func() time.Time // wall clock [time.Now]
}

// A History is what is remembered. New makes it, Run works it.
type History struct {
	cfg     Config
	source  Source
	start   time.Time // monotonic
	seed    maphash.Seed
	recents *recents

	second  atomic.Int64  // the open one
	sweep   atomic.Uint32 // number of the latest look at the whole roster
	fulls   atomic.Int32  // satellites in full
	crowded atomic.Bool   // none of them gives its place to one in trouble
	shards  [shardCount]shard
	looks   int // of Run: how often it looked

	mu    sync.Mutex    // before that of a shard, after those of the relay
	relay *plot         // guarded by mu
	times [60]histogram // guarded by mu; delivery times of the latest closed seconds, by their number
	state State         // guarded by mu
	lost  ring[lostBy]  // guarded by mu; what the latest looks found
}

// shardCount is how many calls can be recorded at once.
const shardCount = 16

// A shard is some of the satellites, and what it has counted for the relay in
// the open second.
type shard struct {
	mu    sync.Mutex
	sats  map[string]*satellite // guarded by mu; by host id
	fulls []*satellite          // guarded by mu; those in full
	all   tally                 // guarded by mu
	_     [64]byte              // so that two of them share no cache line
}

// New returns the history of a relay that does not run yet. The caller has to
// make it an observer of the relay and a listener of its events.
func New(cfg Config, source Source) *History {
	if cfg.Full == 0 {
		cfg.Full = 200
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &History{cfg: cfg, source: source, start: time.Now(), seed: maphash.MakeSeed(), recents: newRecents(), relay: newPlot(0), lost: ring[lostBy]{limit: looksCompared}}
	for i := range h.shards {
		h.shards[i].sats = map[string]*satellite{}
	}
	for _, s := range source.Directory().Satellites() {
		h.shard(s.HostID).add(s.HostID, 0, told{state: numberOf(relay.Standing(s.State))}, 0)
	}
	return h
}

func (h *History) shard(hostID string) *shard {
	return &h.shards[maphash.String(h.seed, hostID)%shardCount]
}

// since is how long a monotonic time is after the start.
func (h *History) since(t time.Time) time.Duration { return t.Sub(h.start) }

// epoch is when the start was by the wall clock as it is now: however that was
// set in between, what is reckoned from it fits together.
func (h *History) epoch() time.Time { return h.cfg.Now().Round(0).Add(-h.since(time.Now())) }

// add makes a satellite known. The shard's lock is held, or nobody else knows
// of the shard yet.
func (s *shard) add(hostID string, at moment, is told, sweep uint32) *satellite {
	sat := &satellite{id: hostID, told: is, sweep: sweep}
	sat.entered(at, "")
	s.sats[hostID] = sat
	return sat
}

// Accepted implements [relay.Observer].
func (h *History) Accepted(m *relay.Message, nick string, receivers int) {
	h.recents.message(messageOf(m, nick, receivers))
	h.rollTo(time.Now())
	s := h.shard(m.Sender)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.in++
	if sat := s.sats[m.Sender]; sat != nil && sat.full != nil {
		sat.full.plot.now.in++
	}
}

// Ended implements [relay.Observer].
func (h *History) Ended(e relay.Ended) {
	h.rollTo(e.At)
	s := h.shard(e.HostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.ended(&e)
	sat := s.sats[e.HostID]
	if sat == nil || e.Gone {
		return
	}
	since := h.since(e.At)
	sat.ended(&e, momentOf(since))
	if sat.full != nil {
		sat.full.ended(&e, since)
	}
}

func (t *tally) ended(e *relay.Ended) {
	ok := e.Verdict == relay.Delivered
	switch {
	case e.Method == "ping" && ok:
		t.pinged(e.Took)
	case e.Method == "ping":
		t.pingFails++
	case ok:
		t.delivered(e.Waited + e.Took)
	case e.Verdict == relay.Dead:
		t.failed++
	}
}

func (s *satellite) ended(e *relay.Ended, at moment) {
	if e.Verdict == relay.Delivered {
		s.answered = max(at, 1)
	}
	switch {
	case e.Method != "ping":
		s.notified(outcome{at, readingOf(seconds(e.Took)), readingOf(seconds(e.Waited)), e.Verdict})
	case e.Verdict == relay.Delivered:
		s.pinged(at, readingOf(seconds(e.Took)))
	default:
		s.pinged(at, failure)
	}
}

func (f *full) ended(e *relay.Ended, since time.Duration) {
	f.plot.now.ended(e)
	if e.Method != "ping" {
		f.deliveries.push(delivery{since, e.Message, e.Sender, clip(e.Reason, reasonKept), e.Took, e.Waited, e.Verdict})
	}
}

// rollTo closes what is over at a time. Whoever records looks for that, so that
// all is counted in its own second however late the ticks are.
func (h *History) rollTo(t time.Time) {
	second := int64(h.since(t) / fineStep)
	if second <= h.second.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rollLocked(second)
}

func (h *History) rollLocked(second int64) {
	if second <= h.second.Load() {
		return
	}
	for i := range h.shards {
		s := &h.shards[i]
		s.mu.Lock()
		h.relay.now.merge(&s.all)
		s.all = tally{}
		for _, sat := range s.fulls {
			sat.full.plot.roll(second)
		}
		s.mu.Unlock()
	}
	closed := h.second.Load()
	for k := closed; k < min(second, closed+int64(len(h.times))); k++ {
		h.times[k%int64(len(h.times))] = histogram{}
	}
	h.times[closed%int64(len(h.times))] = h.relay.now.times
	h.relay.roll(second)
	h.second.Store(second)
}
