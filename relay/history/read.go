package history

import (
	"math"
	"time"

	"co2/relay"
)

// A Metric is one thing of which there is a plot.
type Metric int

// The metrics. All but Ping are of a bucket.
const (
	In      Metric = iota // messages accepted, of a satellite those it sent; in 1/s
	Out                   // messages delivered; in 1/s
	Failed                // notifies that failed; in 1/s
	P50                   // the time in which half of the messages were delivered, from acceptance to answer; in s, 1/16 exact
	P99                   // the same of 99 in 100
	Longest               // the same of all
	Waiting               // messages in outboxes
	Oldest                // since the oldest of them was accepted; in s
	Ping                  // in s; a failed one is NaN
)

// columnsOf are where the mean and the greatest of a metric are.
var columnsOf = [...][2]column{
	In: {colIn, colInMost}, Out: {colOut, colOutMost}, Failed: {colFailed, colFailed},
	P50: {colP50, colP50}, P99: {colP99, colP99}, Longest: {colLongest, colLongest},
	Waiting: {colWaiting, colWaitingMost}, Oldest: {colOldest, colOldest}, Ping: {colPing, colPingMost},
}

// A Series is one line of a plot, of closed buckets alone.
type Series struct {
	Step   time.Duration // width of a bucket; of Ping 0
	Points []Point       // oldest first
}

// A Point is one bucket with the time it began. NaN is what was not measured:
// there was nothing to measure, or nobody looked. Of Ping a point is one ping,
// or all that ended in a bucket; there is none for a bucket without.
type Point struct {
	Time  time.Time // wall clock, as it is now
	Value float64   // of a bucket the mean
	Most  float64   // of a bucket the greatest in a second
}

// Series returns the latest span of a metric of a satellite, or of the relay
// for "": in buckets of 1 s up to 10 minutes, of 10 s up to 6 hours. A span of
// 0 means the latest 60 points. Of a satellite that is not kept in full there
// are only its latest 60 pings, of an unknown one nothing.
func (h *History) Series(hostID string, m Metric, span time.Duration) Series {
	now := time.Now()
	h.rollTo(now)
	if hostID == "" {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.relay.series(h.epoch(), m, span)
	}
	if span > 0 {
		h.Look(hostID)
	}
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[hostID]
	switch {
	case sat == nil:
		return Series{}
	case m == Ping && (sat.full == nil || sat.pingsReach(span, h.since(now))):
		return sat.pingSeries(h.epoch(), span, h.since(now))
	case sat.full == nil:
		return Series{}
	}
	return sat.full.plot.series(h.epoch(), m, span)
}

func (p *plot) series(epoch time.Time, m Metric, span time.Duration) Series {
	step, kept, end := fineStep, &p.fine, p.second
	if span > fineStep*fineLimit {
		step, kept, end = roughStep, &p.rough, p.second/perRough
	}
	n := 60
	if span > 0 {
		n = int((span + step - 1) / step)
	}
	n = min(n, kept.len())
	list := Series{Step: step, Points: make([]Point, 0, n)}
	if m == Ping {
		list.Step = 0
	}
	for i := n - 1; i >= 0; i-- {
		c := kept.at(i)
		value, most := c[columnsOf[m][0]], c[columnsOf[m][1]]
		if m == Ping && value == nothing {
			continue
		}
		began := time.Duration(end-1-int64(i)) * step
		list.Points = append(list.Points, Point{epoch.Add(began), value.value(), most.value()})
	}
	return list
}

// pingsReach reports whether the pings kept one by one are all of the span, or
// reach as far back as the buckets do.
func (s *satellite) pingsReach(span, now time.Duration) bool {
	if len(s.pings) < pingsKept {
		return true
	}
	oldest := s.pings[s.atPing].at.since()
	return now-oldest >= span || oldest <= s.full.plot.reach(span)
}

// reach is since when there are buckets for a span.
func (p *plot) reach(span time.Duration) time.Duration {
	if span > fineStep*fineLimit {
		return time.Duration(p.second/perRough-int64(p.rough.len())) * roughStep
	}
	return time.Duration(p.second-int64(p.fine.len())) * fineStep
}

func (s *satellite) pingSeries(epoch time.Time, span, now time.Duration) (list Series) {
	for i := range s.pings {
		p := s.pings[(int(s.atPing)+i)%len(s.pings)]
		at := p.at.since()
		if span > 0 && now-at > span {
			continue
		}
		v := p.took.value()
		list.Points = append(list.Points, Point{epoch.Add(at), v, v})
	}
	return list
}

// Look tells that somebody looks at a satellite, and keeps it in full for at
// least 10 minutes from now.
func (h *History) Look(hostID string) { h.want(hostID, lookedAt, time.Now()) }

// A Satellite is what is kept of one beside its plots.
type Satellite struct {
	Full       bool          // its plots are kept
	Answered   time.Time     // it answered a call; zero: never
	States     []StateChange // oldest first, at most 32
	Deliveries []Delivery    // newest first, at most 50; of those not kept in full 8
}

// A StateChange is the moment a satellite came to stand as it did.
type StateChange struct {
	Time   time.Time // wall clock, as it is now
	State  relay.Standing
	Reason string // empty also where it was not kept
}

// A Delivery is a notify that has ended.
type Delivery struct {
	Time         time.Time // wall clock, as it is now
	Message      string    // id; empty with Sender and Reason: not kept
	Sender       string    // host id
	Took, Waited time.Duration
	Verdict      relay.Verdict
	Reason       string // unless it was delivered
}

// Satellite returns what is kept of a satellite, and whether it is known.
func (h *History) Satellite(hostID string) (list Satellite, ok bool) {
	epoch := h.epoch()
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	sat := s.sats[hostID]
	if sat == nil {
		return list, false
	}
	list = Satellite{Full: sat.full != nil, States: sat.changes(epoch), Deliveries: sat.deliveries(epoch)}
	if sat.answered > 0 {
		list.Answered = epoch.Add(sat.answered.since())
	}
	return list, true
}

// Answered returns when a satellite answered a call last; zero: never.
func (h *History) Answered(hostID string) time.Time {
	s := h.shard(hostID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sat := s.sats[hostID]; sat != nil && sat.answered > 0 {
		return h.epoch().Add(sat.answered.since())
	}
	return time.Time{}
}

func (s *satellite) changes(epoch time.Time) []StateChange {
	list := make([]StateChange, len(s.states))
	for i, c := range s.states {
		list[i] = StateChange{Time: epoch.Add(c.at.since()), State: standings[c.state]}
		if back := len(s.states) - 1 - i; s.full != nil && back < s.full.reasons.len() {
			list[i].Reason = *s.full.reasons.at(back)
		}
	}
	return list
}

func (s *satellite) deliveries(epoch time.Time) (list []Delivery) {
	full := 0
	if s.full != nil {
		full = s.full.deliveries.len()
		for _, d := range s.full.deliveries.latest(full) {
			list = append(list, Delivery{epoch.Add(d.at), d.message, d.sender, d.took, d.waited, d.verdict, d.reason})
		}
	}
	for i := full; i < int(s.nOut); i++ {
		o := s.outcomes[(int(s.atOut)-1-i+2*outcomesKept)%outcomesKept]
		list = append(list, Delivery{Time: epoch.Add(o.at.since()), Took: durationOf(o.took), Waited: durationOf(o.waited), Verdict: o.verdict})
	}
	return list
}

func durationOf(r reading) time.Duration {
	return time.Duration(math.Round(r.value() * float64(time.Second)))
}

// State returns what was found when the relay was looked at last.
func (h *History) State() State {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// Rates are messages a second, on the mean over the latest closed seconds.
type Rates struct {
	Over            time.Duration // how long that was; 0: nothing is closed yet
	In, Out, Failed float64
	Lost            float64 // given up for one receiver each; over the latest looks at the relay, 10 s at most
}

// Rates returns those of the relay, over 10 s where there are so many.
func (h *History) Rates() (r Rates) {
	h.rollTo(time.Now())
	h.mu.Lock()
	defer h.mu.Unlock()
	if k := h.lost.len(); k > 1 {
		last, first := h.lost.at(0), h.lost.at(k-1)
		r.Lost = float64(last.lost-first.lost) / last.at.Sub(first.at).Seconds()
	}
	n := min(int(perRough), h.relay.fine.len())
	if n == 0 {
		return r
	}
	for _, p := range h.relay.fine.latest(n) {
		r.In += p[colIn].value() / float64(n)
		r.Out += p[colOut].value() / float64(n)
		r.Failed += p[colFailed].value() / float64(n)
	}
	r.Over = time.Duration(n) * fineStep
	return r
}

// Times are those of deliveries, from acceptance to answer, in the latest
// closed minute. P50 and P99 are exact to 1/16.
type Times struct {
	Over              time.Duration
	Delivered         int // 0: the others mean nothing
	P50, P99, Longest time.Duration
}

// Times returns those of the relay.
func (h *History) Times() Times {
	h.rollTo(time.Now())
	h.mu.Lock()
	defer h.mu.Unlock()
	var all histogram
	for i := range h.times {
		all.merge(&h.times[i])
	}
	return Times{
		Over:      min(time.Duration(h.relay.fine.len()), time.Duration(len(h.times))) * fineStep,
		Delivered: all.n, P50: all.quantile(0.5), P99: all.quantile(0.99), Longest: all.longest,
	}
}
