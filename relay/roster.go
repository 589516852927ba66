package relay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"co2/methods"
)

// A Roster is the set of registered satellites. It is safe for concurrent use.
//
// All changes of membership go through one goroutine, Run: it takes those
// that came together, commits them to the store with one write, and only then
// lets them be seen and answered.
type Roster struct {
	saver     *saver
	events    *Events
	now       func() time.Time
	maxSats   int
	policy    QueuePolicy // of satellites that asked for none
	newOutbox func() Outbox
	joined    func(*member)
	resumed   func(*member) // its pause has ended
	left      func(*member, Callback)

	changes chan *change
	closed  chan struct{}

	mu          sync.RWMutex
	members     map[string]*member // guarded by mu; by host id
	inOrder     []*member          // guarded by mu; oldest registration first; nil: to be made anew
	incarnation uint64             // guarded by mu; the latest given
	present     map[string]*member // guarded by mu; those that want to be told of the others
	wanted      atomic.Int64       // len(present), for those who must not wait for mu
}

// A change is one request to change the membership: to put, to mark or else
// to remove a satellite.
type change struct {
	hostID string
	put    *Registration         // the satellite to add or replace
	mark   func(Marks) Marks     // what becomes of its marks
	check  func(Satellite) error // of the satellite to remove; nil: it may go
	code   Code                  // of the event, with a reason
	reason string
	same   bool // it changes nothing
	err    error
	done   chan struct{}
}

// saveEvery is how often changed counters go to the store.
const saveEvery = time.Minute

func newRoster(cfg Config, store Store, events *Events) *Roster {
	return &Roster{
		saver:  &saver{store: store, events: events, now: cfg.Now, accept: cfg.AcceptWithoutDisk},
		events: events, now: cfg.Now, maxSats: cfg.MaxSats, policy: cfg.QueuePolicy,
		newOutbox: newRoom(cfg).newOutbox,
		joined:    func(*member) {}, resumed: func(*member) {}, left: func(*member, Callback) {},
		changes: make(chan *change), closed: make(chan struct{}),
		members: map[string]*member{}, present: map[string]*member{},
	}
}

// load takes the satellites of the store in. It runs before Run. There may be
// more than max_sats: all stay, new ones are refused.
func (r *Roster) load(ctx context.Context) error {
	records, err := r.saver.load(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range records {
		r.addLocked(rec.Registration).restore(rec, r.now())
	}
	if len(records) > 0 {
		r.events.emit(Event{Code: DumpLoad, Time: r.now(), Reason: fmt.Sprintf("%d satellites", len(records))})
	}
	return nil
}

// Register adds reg, or replaces the registration with its host id, and
// returns when that is on disk.
func (r *Roster) Register(ctx context.Context, reg Registration) error {
	return r.submit(ctx, &change{hostID: reg.HostID, put: &reg})
}

// Remove takes the satellite away if check allows, and returns when that is
// on disk. An unknown id is a [*KeyError], told before check is asked.
func (r *Roster) Remove(ctx context.Context, hostID string, check func(Satellite) error) error {
	return r.submit(ctx, &change{hostID: hostID, check: check, code: SatLeave})
}

// Evict is Remove for who is not the satellite itself, with the reason.
func (r *Roster) Evict(ctx context.Context, hostID, reason string, check func(Satellite) error) error {
	return r.submit(ctx, &change{hostID: hostID, check: check, code: SatRemove, reason: reason})
}

// Mark changes the marks of a satellite and returns when that is on disk. It
// tells the event of this code, unless nothing changes. An unknown id is a
// [*KeyError].
func (r *Roster) Mark(ctx context.Context, hostID string, code Code, reason string, mark func(Marks) Marks) error {
	return r.submit(ctx, &change{hostID: hostID, mark: mark, code: code, reason: reason})
}

func (r *Roster) submit(ctx context.Context, c *change) error {
	c.done = make(chan struct{})
	select {
	case r.changes <- c:
	case <-r.closed:
		return errClosing
	case <-ctx.Done():
		return ctx.Err()
	}
	<-c.done // Run answers each change it took
	return c.err
}

// Run makes the changes until ctx ends, then saves the counters.
func (r *Roster) Run(ctx context.Context) error {
	writes := context.WithoutCancel(ctx)
	r.saver.try(writes)
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	for {
		select {
		case <-ctx.Done():
			close(r.closed)
			return r.saveAll(writes)
		case first := <-r.changes:
			r.commit(writes, r.gather(first))
		case <-save.C:
			_ = r.saveCounters(writes) // the saver tells, and tries again
		case <-r.saver.retry:
			r.saver.again(writes)
		}
	}
}

// saveAll is the last that is written.
func (r *Roster) saveAll(ctx context.Context) error {
	err := r.saveCounters(ctx)
	if err == nil && r.saver.trouble().Failed > 0 {
		err = r.saver.again(ctx)
	}
	if err != nil {
		return fmt.Errorf("save counters: %w", err)
	}
	return nil
}

// gather returns first and all changes that wait beside it.
func (r *Roster) gather(first *change) []*change {
	batch := []*change{first}
	for {
		select {
		case c := <-r.changes:
			batch = append(batch, c)
		default:
			return batch
		}
	}
}

// commit decides, stores and applies a batch, and answers its callers.
func (r *Roster) commit(ctx context.Context, batch []*change) {
	after := r.decide(batch)
	if err := r.saver.commit(ctx, after.end); err != nil {
		after.fail(err)
	}
	for _, c := range batch {
		if c.err == nil && !c.same {
			r.apply(c)
		}
		close(c.done)
	}
}

// A plan is what a batch of changes does to the membership, not yet done.
type plan struct {
	ok  []*change
	end map[string]*Record // by host id: what becomes of it; nil: it goes
}

// decide marks the changes that cannot be made with their errors, each seen
// as if those before it were made.
func (r *Roster) decide(batch []*change) plan {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p := plan{end: map[string]*Record{}}
	count := len(r.members)
	for _, c := range batch {
		before := r.planned(p, c.hostID)
		after, err := r.decideOne(c, before, count)
		if c.err = err; err != nil || c.same {
			continue
		}
		switch {
		case before == nil:
			count++
		case after == nil:
			count--
		}
		p.ok = append(p.ok, c)
		p.end[c.hostID] = after
	}
	return p
}

// decideOne returns what a change makes of a satellite, nil for nothing,
// before being nil if it is not registered.
func (r *Roster) decideOne(c *change, before *Satellite, count int) (*Record, error) {
	switch {
	case c.put != nil && before == nil && count >= r.maxSats:
		return nil, r.refuse()
	case c.put != nil && before == nil:
		return &Record{Registration: *c.put}, nil
	case c.put != nil:
		return &Record{Registration: *c.put, Marks: before.Marks}, nil
	case before == nil:
		return nil, &KeyError{c.hostID}
	case c.mark != nil:
		after := before.Record()
		after.Marks = c.mark(before.Marks)
		c.same = after.Marks == before.Marks
		return &after, nil
	case c.check == nil:
		return nil, nil
	}
	return nil, c.check(*before)
}

func (r *Roster) refuse() error {
	text := fmt.Sprintf("this relay takes at most %d satellites, and has them; try again later or ask its maintainer for a higher max_sats", r.maxSats)
	r.events.emit(Event{Code: LimitSats, Time: r.now(), Reason: text})
	return &methods.RegistryError{Text: text}
}

// planned returns the satellite as p leaves it, nil if there is none.
func (r *Roster) planned(p plan, hostID string) *Satellite {
	if rec, changed := p.end[hostID]; changed {
		if rec == nil {
			return nil
		}
		return &Satellite{Registration: rec.Registration, Marks: rec.Marks, Traffic: rec.Traffic}
	}
	if m := r.members[hostID]; m != nil {
		s := m.snapshot()
		return &s
	}
	return nil
}

func (p plan) fail(err error) {
	for _, c := range p.ok {
		c.err = err
	}
}

// apply makes one change that is on disk.
func (r *Roster) apply(c *change) {
	switch {
	case c.put != nil:
		r.put(c)
	case c.mark != nil:
		r.mark(c)
	default:
		r.drop(c)
	}
}

func (r *Roster) put(c *change) {
	r.mu.Lock()
	_, again := r.members[c.put.HostID]
	m := r.addLocked(*c.put)
	r.mu.Unlock()
	ev := Event{Code: SatJoin, Time: r.now(), HostID: c.put.HostID, Nick: c.put.Nick}
	if again {
		m.mu.Lock()
		ev.Code, ev.Reason = m.rejoinedLocked(time.Now(), r.now())
		ev.Flapping = m.sat.Flapping
		m.mu.Unlock()
	}
	if ev.Code != "" {
		r.events.emit(ev)
	}
	r.joined(m)
}

// addLocked puts reg in the roster. A satellite that registers again keeps
// its outbox, and the call under way to it ends before the next one starts.
func (r *Roster) addLocked(reg Registration) *member {
	m := r.members[reg.HostID]
	if m == nil {
		m = &member{outbox: r.newOutbox(), sat: Satellite{Breaker: newBreaker(r.now())}}
		r.members[reg.HostID] = m
	}
	r.incarnation++
	r.inOrder = nil
	r.wantsLocked(m, reg.HostID, reg.Presence)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sat = Satellite{
		Registration: reg, Marks: m.sat.Marks, Liveness: newLiveness(r.now()), Incarnation: r.incarnation,
		Breaker: m.sat.Breaker, Policy: reg.Queue.or(r.policy), Flapping: m.flaps.on(), FlappingSince: m.sat.FlappingSince,
	}
	m.saved = Traffic{}
	if m.sat.Paused {
		m.sat.pause(r.now())
	}
	return m
}

// restore makes a new member what the store kept of it.
func (m *member) restore(rec Record, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sat.Marks, m.sat.Traffic, m.saved, m.sat.restored = rec.Marks, rec.Traffic, rec.Traffic, true
	if rec.Paused {
		m.sat.pause(now)
	}
}

// mark makes a change of marks. A pause begins with the call under way, if
// there is one: it is not broken off.
func (r *Roster) mark(c *change) {
	m := r.member(c.hostID)
	m.mu.Lock()
	before := m.sat.Marks
	m.sat.Marks = c.mark(before)
	ended := before.Paused && !m.sat.Paused
	switch {
	case ended:
		m.sat.resume(r.now())
	case m.sat.Paused:
		m.sat.pause(r.now())
		m.pingDue = false
	}
	s := m.sat
	r.events.emit(Event{Code: c.code, Time: r.now(), HostID: s.HostID, Nick: s.Nick, State: s.State, Reason: c.reason})
	m.mu.Unlock()
	if ended {
		r.resumed(m)
	}
}

func (r *Roster) drop(c *change) {
	r.mu.Lock()
	m := r.members[c.hostID]
	delete(r.members, c.hostID)
	r.inOrder = nil
	r.wantsLocked(m, c.hostID, false)
	r.mu.Unlock()
	m.mu.Lock()
	m.gone = true
	m.outbox.Clear()
	nick, at := m.sat.Nick, m.sat.Callback
	m.mu.Unlock()
	r.left(m, at)
	r.events.emit(Event{Code: c.code, Time: r.now(), HostID: c.hostID, Nick: nick, Reason: c.reason})
}

// saveCounters commits the records whose counters have changed since they
// were stored. An idle relay writes nothing, but looks whether what it has
// written is still there.
func (r *Roster) saveCounters(ctx context.Context) error {
	end := map[string]*Record{}
	var changed []*member
	for _, m := range r.all() {
		if s := m.snapshot(); s.Traffic != m.saved {
			rec := s.Record()
			end[s.HostID] = &rec
			changed = append(changed, m)
		}
	}
	if len(end) == 0 {
		return r.saver.verify(ctx)
	}
	if err := r.saver.save(ctx, end); err != nil {
		return err
	}
	for _, m := range changed {
		m.saved = end[m.sat.HostID].Traffic
	}
	return nil
}

// Satellites returns copies of all satellites, oldest registration first.
func (r *Roster) Satellites() []Satellite {
	members := r.all()
	sats := make([]Satellite, len(members))
	for i, m := range members {
		sats[i] = m.snapshot()
	}
	return sats
}

// Find returns a copy of the satellite with the host id, and whether it is
// registered.
func (r *Roster) Find(hostID string) (Satellite, bool) {
	if m := r.member(hostID); m != nil {
		return m.snapshot(), true
	}
	return Satellite{}, false
}

// Len is the number of satellites.
func (r *Roster) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.members)
}

func (r *Roster) member(hostID string) *member {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.members[hostID]
}

// all returns the members, oldest registration first. The slice is shared:
// read only.
func (r *Roster) all() []*member {
	r.mu.RLock()
	list := r.inOrder
	r.mu.RUnlock()
	if list != nil {
		return list
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inOrder == nil {
		r.inOrder = make([]*member, 0, len(r.members))
		for _, m := range r.members {
			r.inOrder = append(r.inOrder, m)
		}
		slices.SortFunc(r.inOrder, byAge)
	}
	return r.inOrder
}

// wantsLocked notes whether m is told of the others.
func (r *Roster) wantsLocked(m *member, hostID string, yes bool) {
	if yes {
		r.present[hostID] = m
	} else {
		delete(r.present, hostID)
	}
	r.wanted.Store(int64(len(r.present)))
}

// wanting returns those that want to be told of the others, but for one: who
// it is about.
func (r *Roster) wanting(butFor string) []*member {
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]*member, 0, len(r.present))
	for id, m := range r.present {
		if id != butFor {
			list = append(list, m)
		}
	}
	return list
}

// byAge orders members as the dump does, so that a restart changes nothing.
func byAge(a, b *member) int {
	ta, ida := a.age()
	tb, idb := b.age()
	return cmp.Or(ta.Compare(tb), cmp.Compare(ida, idb))
}

// sent counts a message accepted from the satellite, if it is still there.
func (r *Roster) sent(hostID string, now time.Time) {
	if m := r.member(hostID); m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.sat.SendCount++
		m.sat.SendTime = now
	}
}
