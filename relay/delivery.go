package relay

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Delivery is one call to one satellite: a notify with a message, or a ping.
type Delivery struct {
	HostID      string
	Incarnation uint64
	To          Callback
	Method      string        // "notify" or "ping"
	Head        []byte        // shared by all receivers of a message: never change it
	Own         []byte        // this receiver's part
	Tail        string        // the rest of the document
	Charset     string        // of the document; empty: utf-8
	Timeout     time.Duration // for the whole exchange, from its start

	message *Message // nil: a ping
	pass    string   // the receiver's, when the call was made
	to      *member
	began   time.Time // when the carrier got it, monotonic
}

// Document is the whole call as it is sent.
func (d Delivery) Document() []byte {
	doc := make([]byte, 0, len(d.Head)+len(d.Own)+len(d.Tail))
	return append(append(append(doc, d.Head...), d.Own...), d.Tail...)
}

// A Carrier takes calls to satellites.
type Carrier interface {
	// Send starts the deliveries and returns. For each it calls done exactly
	// once, from any goroutine but never before Send returns on the caller's.
	// The relay sends nothing more to a satellite until then. The batch is the
	// relay's again once Send returns.
	Send(batch []Delivery, done func(Delivery, Outcome))
	// Forget tells that the satellite at to has left, so that nothing need be
	// kept for it. A call to it may still be under way.
	Forget(to Callback)
}

// A member is a satellite of the roster together with its line: what waits
// for it, and the one call to it that may be under way.
type member struct {
	mu      sync.Mutex
	sat     Satellite   // guarded by mu
	outbox  Outbox      // guarded by mu
	busy    bool        // guarded by mu: a call is under way
	pingDue bool        // guarded by mu: ping before the next message
	pinged  bool        // guarded by mu: the latest call was a ping
	gone    bool        // guarded by mu: no longer in the roster
	flaps   flaps       // guarded by mu
	losses  *lossReport // guarded by mu; nil: nothing was lost lately
	plan    pingPlan    // guarded by Pinger.mu
	saved   Traffic     // of Roster.Run: the counters as stored
}

// age returns what orders members by age.
func (m *member) age() (registered time.Time, hostID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sat.Registered, m.sat.HostID
}

// snapshot returns a copy of the satellite.
func (m *member) snapshot() Satellite {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sat
	s.Waiting = m.outbox.Len()
	if s.Breaker.State == BreakerOpen {
		s.Breaker.Retry = s.Breaker.left(time.Now())
	}
	return s
}

// use returns a copy of the satellite and the octets that wait for it.
func (m *member) use() (s Satellite, bytes int) {
	s = m.snapshot()
	m.mu.Lock()
	defer m.mu.Unlock()
	return s, m.outbox.Bytes()
}

// deliveries passes messages and pings to satellites: one call under way for
// each, whatever the others do.
type deliveries struct {
	carrier     Carrier
	events      *Events
	heart       *heartbeat
	relearn     func(*member) // a call to it left open whether it is there
	now         func() time.Time
	notifyLimit time.Duration
	pingLimit   time.Duration
	room        *room
	alarms      *alarms
	pinged      func(hostID string) bool // whether this node pings it at intervals
	parcels     sync.Pool
	observers   []Observer // set before Run
	lost        lossSum    // of all members

	open   atomic.Int64  // calls under way
	closed atomic.Bool   // nothing more is started
	idle   chan struct{} // gets one when open falls to 0, unless it has one
}

func newDeliveries(cfg Config, carrier Carrier, events *Events) *deliveries {
	late := func(reason string) { events.emit(Event{Code: RelayLate, Time: cfg.Now(), Reason: reason}) }
	return &deliveries{
		carrier: carrier, events: events, now: cfg.Now, heart: newHeartbeat(cfg, late), relearn: func(*member) {},
		notifyLimit: cfg.NotifyTimeout, pingLimit: cfg.PingTimeout,
		room: newRoom(cfg), alarms: newAlarms(), idle: make(chan struct{}, 1),
		pinged: func(string) bool { return cfg.PingInterval > 0 },
	}
}

// post puts msg in the outbox of each receiver but its sender and starts the
// calls to those that are idle.
func (d *deliveries) post(msg *Message, receivers []*member) {
	if news := d.room.adjust(); news != "" {
		d.events.emit(Event{Code: LimitRoom, Time: d.now(), Reason: news})
	}
	now := time.Now()
	p := d.parcel()
	for _, m := range receivers {
		if dl, ok := d.append(m, msg, now); ok {
			p.add(dl)
		}
	}
	p.send()
}

func (d *deliveries) append(m *member, msg *Message, now time.Time) (Delivery, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone || m.sat.HostID == msg.Sender {
		return Delivery{}, false
	}
	d.lostLocked(m, m.outbox.Append(msg, m.sat.Policy, now), now)
	return d.nextLocked(m, now)
}

// ping calls m's ping as soon as no other call to it is under way.
func (d *deliveries) ping(members ...*member) {
	now := time.Now()
	p := d.parcel()
	for _, m := range members {
		m.mu.Lock()
		m.pingDue = !m.sat.Paused
		dl, ok := d.nextLocked(m, now)
		m.mu.Unlock()
		if ok {
			p.add(dl)
		}
	}
	p.send()
}

// joined is told of each registration. What an earlier one with its host id
// failed to take says nothing of this one.
func (d *deliveries) joined(m *member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d.closeLocked(m, "it registered again")
}

// wake starts what waits for m, as after it was paused.
func (d *deliveries) wake(m *member) { d.ring(m, time.Now()) }

// ring looks what there is to do for m at a time it was to be woken.
func (d *deliveries) ring(m *member, now time.Time) {
	m.mu.Lock()
	if !m.gone {
		d.tellLossesLocked(m, now)
		d.halfOpenLocked(m, now)
	}
	next, ok := d.nextLocked(m, now)
	m.mu.Unlock()
	if ok {
		d.send(next)
	}
}

func (d *deliveries) send(dl Delivery) {
	p := d.parcel()
	p.add(dl)
	p.send()
}

// nextLocked takes the next call to m, if it is idle and something is due.
// The caller sends it.
func (d *deliveries) nextLocked(m *member, now time.Time) (Delivery, bool) {
	if m.busy || m.gone || m.sat.Paused {
		return Delivery{}, false
	}
	dl := Delivery{HostID: m.sat.HostID, Incarnation: m.sat.Incarnation, To: m.sat.Callback, to: m, pass: m.sat.NotifyPass}
	// A ping goes first, but not twice: where pings fall due faster than they
	// are answered, no message would ever go.
	if m.pingDue && !m.pinged || !d.messageLocked(m, &dl, now) {
		if !m.pingDue {
			return Delivery{}, false
		}
		m.pingDue = false
		dl.Method, dl.Head, dl.Timeout = "ping", pingCall, d.pingLimit
	}
	m.pinged = dl.message == nil
	if m.busy = d.start(); !m.busy {
		return Delivery{}, false
	}
	return dl, true
}

// messageLocked makes dl the call with the message that goes next, if one does.
func (d *deliveries) messageLocked(m *member, dl *Delivery, now time.Time) bool {
	if m.sat.Breaker.State == BreakerOpen {
		return false
	}
	msg, lost := m.outbox.Next(now)
	d.lostLocked(m, lost, now)
	if msg == nil {
		return false
	}
	dl.message, dl.Method, dl.Timeout = msg, "notify", d.notifyLimit
	form := notifyForm{m.sat.Dialect, m.sat.MessageInfo}
	head, grew := msg.notifyHead(form)
	d.room.grew(grew)
	dl.Head, dl.Own, dl.Tail = head, form.pass(m.sat.NotifyPass), notifyTail
	dl.Charset = m.sat.Dialect.Charset()
	return true
}

// start counts a call about to be made, unless the relay has stopped.
func (d *deliveries) start() bool {
	d.open.Add(1)
	if d.closed.Load() {
		d.end()
		return false
	}
	return true
}

func (d *deliveries) end() {
	if d.open.Add(-1) == 0 {
		select {
		case d.idle <- struct{}{}:
		default:
		}
	}
}

// drain waits until nothing is under way, but no longer than grace; then
// nothing more is started. What a breaker or a pause holds back is not waited for.
func (d *deliveries) drain(grace time.Duration) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for late := false; !late && d.open.Load() > 0; {
		select {
		case <-d.idle:
		case <-timer.C:
			late = true
		}
	}
	d.closed.Store(true)
}

// done records the outcome of a call and starts the next one.
func (d *deliveries) done(dl Delivery, o Outcome) {
	defer d.end()
	m := dl.to
	if o.Quotes { // before the lock: the message may be long
		o.Reason = without(o.Reason, dl.pass, dl.message)
	}
	late := o.Verdict != Delivered && d.heart.lateSince(dl.began)
	relearn := late
	if late && o.Verdict == Dead {
		o.Verdict = Abandoned
	}
	m.mu.Lock()
	m.busy = false
	if dl.message != nil {
		m.outbox.Done(dl.message.ID, o)
		if o.Verdict == Abandoned && !m.gone && !d.closed.Load() {
			d.lostLocked(m, Losses{Cut: 1}, time.Now())
		}
	}
	if late {
		o.Verdict = Abandoned // what is to be tried again teaches nothing either
	}
	if m.gone {
		m.outbox.Clear() // of what is to be tried again
	}
	if o.Verdict != Delivered {
		if !o.Quotes || m.sat.NotifyPass != dl.pass { // or it has registered another since
			o.Reason = without(o.Reason, m.sat.NotifyPass, nil)
		}
		o.Reason = presentable(o.Reason)
	}
	if !m.gone && m.sat.Incarnation == dl.Incarnation {
		if o.Verdict != Abandoned {
			d.recordLocked(m, dl, o)
		} else if late && dl.message != nil {
			d.emitLocked(m, DlvFail, "not the satellite's fault, the relay was late: "+o.Reason)
		}
		d.judgeLocked(m, dl, o)
		relearn = relearn || dl.message == nil && d.pinged(dl.HostID) && m.sat.unheard()
	}
	now, gone := time.Now(), m.gone
	next, ok := d.nextLocked(m, now)
	m.mu.Unlock()
	d.observe(&dl, &o, gone, now)
	if ok {
		d.send(next)
	}
	if relearn {
		d.relearn(m)
	}
}

func (d *deliveries) recordLocked(m *member, dl Delivery, o Outcome) {
	now, before := d.now(), m.sat.State
	if dl.message == nil {
		m.sat.pinged(o, now)
	} else {
		m.sat.notified(o, now)
		m.sat.RecvCount++
		if o.Verdict == Delivered {
			m.sat.RecvTime = now
		} else {
			m.sat.RecvFails++
			d.emitLocked(m, DlvFail, o.Reason)
		}
	}
	if m.sat.tried(o) && !m.flaps.on() {
		d.emitLocked(m, SatWayBack, m.sat.WayBack)
	}
	if m.sat.State != before {
		d.emitLocked(m, SatState, m.sat.LastError)
	}
}

func (d *deliveries) emitLocked(m *member, code Code, reason string) {
	s := m.sat
	d.events.emit(Event{Code: code, Time: d.now(), HostID: s.HostID, Nick: s.Nick, State: s.State, Flapping: s.Flapping, Reason: reason})
}
