package history

import "time"

// The two resolutions of a plot.
const (
	fineStep   = time.Second
	fineLimit  = 600 // 10 minutes
	roughStep  = 10 * fineStep
	roughLimit = 2160 // 6 hours
	perRough   = int64(roughStep / fineStep)
)

// A column is what a bucket holds of one thing.
type column int

const (
	colIn column = iota
	colInMost
	colOut
	colOutMost
	colFailed
	colP50
	colP99
	colLongest
	colWaiting
	colWaitingMost
	colOldest
	colPing
	colPingMost
	columns
)

// A point is a closed bucket.
type point [columns]reading

// quiet is a bucket in which nothing happened, and nobody looked at the
// queues.
var quiet = new(tally).point(1)

// A tally is a bucket that is open.
type tally struct {
	in, out, failed int
	inMost, outMost int // in one second, once that is over
	times           histogram
	pings           int
	pingFails       int
	pingSum         time.Duration
	pingMost        time.Duration
	looks           int // at the queues
	waiting         int // sum over the looks
	waitingMost     int
	oldest          time.Duration
}

// merge adds what another one counted.
func (t *tally) merge(o *tally) {
	t.in += o.in
	t.out += o.out
	t.failed += o.failed
	t.inMost = max(t.inMost, o.inMost)
	t.outMost = max(t.outMost, o.outMost)
	t.times.merge(&o.times)
	t.pings += o.pings
	t.pingFails += o.pingFails
	t.pingSum += o.pingSum
	t.pingMost = max(t.pingMost, o.pingMost)
	t.looks += o.looks
	t.waiting += o.waiting
	t.waitingMost = max(t.waitingMost, o.waitingMost)
	t.oldest = max(t.oldest, o.oldest)
}

func (t *tally) delivered(took time.Duration) {
	t.out++
	t.times.add(took)
}

func (t *tally) pinged(took time.Duration) {
	t.pings++
	t.pingSum += took
	t.pingMost = max(t.pingMost, took)
}

// look takes what waits now.
func (t *tally) look(waiting int, oldest time.Duration) {
	t.looks++
	t.waiting += waiting
	t.waitingMost = max(t.waitingMost, waiting)
	t.oldest = max(t.oldest, oldest)
}

// point closes a tally of so many seconds. Durations are in seconds, traffic
// is in messages a second.
func (t *tally) point(seconds float64) (p point) {
	p[colIn] = readingOf(float64(t.in) / seconds)
	p[colInMost] = readingOf(float64(t.inMost))
	p[colOut] = readingOf(float64(t.out) / seconds)
	p[colOutMost] = readingOf(float64(t.outMost))
	p[colFailed] = readingOf(float64(t.failed) / seconds)
	p[colP50], p[colP99], p[colLongest] = nothing, nothing, nothing
	if t.times.n > 0 {
		p[colP50] = readingOf(t.times.quantile(0.5).Seconds())
		p[colP99] = readingOf(t.times.quantile(0.99).Seconds())
		p[colLongest] = readingOf(t.times.longest.Seconds())
	}
	p[colWaiting], p[colWaitingMost], p[colOldest] = nothing, nothing, nothing
	if t.looks > 0 {
		p[colWaiting] = readingOf(float64(t.waiting) / float64(t.looks))
		p[colWaitingMost] = readingOf(float64(t.waitingMost))
		p[colOldest] = readingOf(t.oldest.Seconds())
	}
	p[colPing], p[colPingMost] = nothing, nothing
	switch {
	case t.pings > 0:
		p[colPing] = readingOf(t.pingSum.Seconds() / float64(t.pings))
		p[colPingMost] = readingOf(t.pingMost.Seconds())
	case t.pingFails > 0:
		p[colPing], p[colPingMost] = failure, failure
	}
	return p
}

// A plot is the buckets of one satellite, or of the relay. Seconds are
// numbered from the start of the history.
type plot struct {
	began  int64 // its first second
	second int64 // the open one
	now    tally // of this second
	soFar  tally // of the seconds before it in the open rough bucket
	fine   ring[point]
	rough  ring[point]
}

func newPlot(second int64) *plot {
	return &plot{began: second, second: second, fine: ring[point]{limit: fineLimit}, rough: ring[point]{limit: roughLimit}}
}

// roll closes all buckets that end before this second.
func (p *plot) roll(second int64) {
	if second <= p.second {
		return
	}
	p.now.inMost, p.now.outMost = p.now.in, p.now.out
	p.fine.push(p.now.point(fineStep.Seconds()))
	p.soFar.merge(&p.now)
	p.now = tally{}
	for range min(second-p.second-1, fineLimit) {
		p.fine.push(quiet)
	}
	if over := p.second/perRough + 1; second/perRough >= over {
		length := min(perRough, over*perRough-p.began) // the first may be a part
		p.rough.push(p.soFar.point(float64(length)))
		p.soFar = tally{}
		for range min(second/perRough-over, roughLimit) {
			p.rough.push(quiet)
		}
	}
	p.second = second
}
