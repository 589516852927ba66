package relay

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Presence tells the satellites that asked for it who joins, leaves, goes
// down and comes up, and that the relay stops. What it says goes the way of
// all messages, by outbox and courier.
//
// It hears of everything by the stream of events, keeps what it has not told
// yet in a bounded queue, and tells it in Run. Should more happen than
// satellites can be told one by one, the rest is told as one notice that
// counts it.
type Presence struct {
	roster *Roster
	post   func(*Message, []*member)
	self   func() string // the relay's own host id
	ids    *messageIDs
	now    func() time.Time
	log    *slog.Logger
	bucket *rate.Limiter // of notifies
	wake   chan struct{}

	sumUp time.Time // of Run: when what was too many is told; zero: nothing is

	mu     sync.Mutex
	queue  []notice            // guarded by mu: to be told
	many   tally               // guarded by mu: not to be told one by one
	down   map[string]struct{} // guarded by mu: of whom a down was heard, by host id
	closed bool                // guarded by mu: nothing more is told
}

// The bounds of what is told. One notice costs as many tokens as it has
// receivers, but at least noticeCost: no satellite gets more than 100 notices
// a second, after 200 at once, as from any other sender; and all of them
// together cost the relay no more than 10,000 calls a second.
const (
	noticeRate  = 10_000 // tokens a second
	noticeBurst = 20_000
	noticeCost  = 100
	noticeQueue = 1000        // notices waiting to be told
	sumUpAfter  = time.Second // from the first that was too many to the notice that counts them
)

func newPresence(cfg Config, roster *Roster, post func(*Message, []*member), self func() string, ids *messageIDs, log *slog.Logger) *Presence {
	return &Presence{
		roster: roster, post: post, self: self, ids: ids, now: cfg.Now, log: log,
		bucket: rate.NewLimiter(noticeRate, noticeBurst), wake: make(chan struct{}, 1),
		down: map[string]struct{}{},
	}
}

// hear is the listener of the stream of events.
func (p *Presence) hear(ev Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	word := p.wordLocked(ev)
	if word == "" || p.closed || p.roster.wanted.Load() == 0 {
		return
	}
	n := notice{Event: word, HostID: ev.HostID, Nick: ev.Nick, Time: ev.Time.UTC(), Reason: ev.Reason}
	if len(p.queue) < noticeQueue {
		p.queue = append(p.queue, n)
	} else {
		p.many.add(n)
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// wordLocked is what an event is to satellites, empty for nothing. Who
// registers again was not gone, and nobody comes up who was not told down. Of
// one that flaps nothing is told until it has settled, unless it leaves.
func (p *Presence) wordLocked(ev Event) string {
	_, wasDown := p.down[ev.HostID]
	tellsState := ev.Code == SatState && !ev.Flapping || ev.Code == SatSettle
	switch {
	case ev.Code == SatJoin:
		return noticeJoin
	case ev.Code == SatLeave || ev.Code == SatRemove:
		delete(p.down, ev.HostID)
		return noticeLeave
	case tellsState && ev.State == StateDown && !wasDown:
		p.down[ev.HostID] = struct{}{}
		return noticeDown
	case tellsState && ev.State == StateUp && wasDown:
		delete(p.down, ev.HostID)
		return noticeUp
	}
	return ""
}

// Run tells what is heard until ctx ends; the last is that the relay leaves.
func (p *Presence) Run(ctx context.Context) error {
	timer := time.NewTimer(sumUpAfter)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			p.farewell()
			return nil
		case <-p.wake:
		case <-timer.C:
		}
		if p.tellAll(time.Now()); !p.sumUp.IsZero() {
			timer.Reset(time.Until(p.sumUp))
		}
	}
}

// tellAll tells what waits, one by one as long as that is not too much.
func (p *Presence) tellAll(now time.Time) {
	tooMany := !p.sumUp.IsZero()
	for _, n := range p.take() {
		if tooMany = tooMany || !p.bucket.AllowN(now, p.cost()); tooMany {
			p.count(n)
		} else if receivers := p.roster.wanting(n.HostID); len(receivers) > 0 {
			p.tell(n, receivers)
		}
	}
	p.sumUpDue(now)
}

func (p *Presence) take() []notice {
	p.mu.Lock()
	defer p.mu.Unlock()
	queue := p.queue
	p.queue = nil
	return queue
}

func (p *Presence) count(n notice) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.many.add(n)
}

// sumUpDue tells what was too many, once its time has come. Until then
// everything else is counted too: what is told stays in order.
func (p *Presence) sumUpDue(now time.Time) {
	p.mu.Lock()
	many := p.many
	due := many != tally{} && !p.sumUp.IsZero() && !now.Before(p.sumUp)
	if due {
		p.many = tally{}
	}
	p.mu.Unlock()
	switch {
	case due:
		p.sumUp = time.Time{}
		p.tell(p.ofRelay(noticeMany, many.String()+"; too many to tell one by one, relay.get_satellites lists who is here"), p.roster.wanting(""))
	case many != tally{} && p.sumUp.IsZero():
		delay := p.bucket.ReserveN(now, p.cost()).DelayFrom(now)
		p.sumUp = now.Add(max(delay, sumUpAfter))
	}
}

// cost is that of one notice now.
func (p *Presence) cost() int {
	return min(max(int(p.roster.wanted.Load()), noticeCost), noticeBurst)
}

// ofRelay is a notice of the relay about itself.
func (p *Presence) ofRelay(event, reason string) notice {
	self := p.self()
	return notice{Event: event, HostID: self, Nick: self, Time: p.now().UTC(), Reason: reason}
}

func (p *Presence) tell(n notice, receivers []*member) {
	now := p.now()
	m, err := n.message(p.ids.next(now), p.self(), now)
	if err != nil { // a nick that cannot be spelled was refused at registration
		p.log.Error("a presence notice cannot be spelled", "code", "RELAY-NOTICE", "satellite", n.HostID, "err", err)
		return
	}
	p.post(m, receivers)
}

// farewell says that the relay leaves, after what was still to be told. What
// happens from now on is not told.
func (p *Presence) farewell() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.tellAll(time.Now())
	p.tell(p.ofRelay(noticeLeaving, "the relay stops; it remembers its satellites"), p.roster.wanting(""))
}
