//go:build !race

package relay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// A life is one run of a relay, from its start to its stop or its crash: the
// disk and the network as that run has them. A crash cuts both off, so that
// what the run still does afterwards reaches nobody. It is the run's Store
// and its Carrier.
type life struct {
	disk  *disk
	world *world

	mu       sync.Mutex
	over     bool                   // guarded by mu
	doomed   doom                   // guarded by mu: what the next commit meets
	underWay map[tenure]bool        // guarded by mu: who is being called
	made     map[incarnate]*counted // guarded by mu: calls that ended
}

// A tenure is the time from a registration of a host id to its removal, in
// which it may register again.
type tenure struct {
	hostID string
	number int
}

// An incarnate is one registration of a host id in one life.
type incarnate struct {
	hostID      string
	incarnation uint64
}

// counted is what calls of notify to a satellite came to.
type counted struct {
	calls, fails int
	lastGood     time.Time
}

// A doom is when a crash comes in a commit.
type doom int

const (
	spared doom = iota
	beforeWrite
	afterWrite
)

var (
	errCrashed  = errors.New("the relay has crashed")
	errDiskFull = errors.New("no space left on device")
)

func newLife(d *disk, w *world) *life {
	return &life{disk: d, world: w, underWay: map[tenure]bool{}, made: map[incarnate]*counted{}}
}

// end cuts the run off.
func (l *life) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
}

func (l *life) doom(d doom) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doomed = d
}

func (l *life) Load(ctx context.Context) ([]relay.Record, error) { return l.disk.Load(ctx) }

func (l *life) Close() error { return nil }

func (l *life) Commit(ctx context.Context, c relay.Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return errCrashed
	}
	l.over = l.doomed != spared
	if l.doomed == beforeWrite {
		return errCrashed
	}
	if err := l.disk.Commit(ctx, c); err != nil || !l.over {
		return err
	}
	return errCrashed // it is on disk, but nobody hears of that
}

// Send implements relay.Carrier.
func (l *life) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	for _, d := range batch {
		of, live := l.begin(d)
		go func() {
			o := relay.Outcome{Verdict: relay.Abandoned, Reason: errCrashed.Error()}
			if live {
				o = l.world.answer(d)
				l.finish(of, d, o)
			}
			done(d, o)
		}()
	}
}

func (l *life) Forget(relay.Callback) {}

func (l *life) begin(d relay.Delivery) (of tenure, live bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return of, false
	}
	of = l.world.called(d)
	if l.underWay[of] {
		l.world.wrong("two calls at once to %s", d.HostID)
	}
	l.underWay[of] = true
	return of, true
}

func (l *life) finish(of tenure, d relay.Delivery, o relay.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.underWay, of)
	if d.Method != "notify" {
		return
	}
	key := incarnate{d.HostID, d.Incarnation}
	if l.made[key] == nil {
		l.made[key] = new(counted)
	}
	c := l.made[key]
	c.calls++
	if o.Verdict == relay.Delivered {
		c.lastGood = time.Now()
	} else {
		c.fails++
	}
}

func (l *life) counted(s relay.Satellite) counted {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.made[incarnate{s.HostID, s.Incarnation}]; c != nil {
		return *c
	}
	return counted{}
}

// A disk is a store that can be full.
type disk struct {
	store
	full atomic.Bool
}

func (d *disk) Commit(ctx context.Context, c relay.Change) error {
	if d.full.Load() {
		return errDiskFull
	}
	return d.store.Commit(ctx, c)
}

// A temper is how a satellite takes calls.
type temper string

const (
	kind  temper = "kind"  // answers after a millisecond
	slow  temper = "slow"  // answers after two seconds
	rough temper = "rough" // answers with a fault
)

// A world is the satellites of a network, what they were told, and what was
// wrong about it.
type world struct {
	mu      sync.Mutex
	temper  map[string]temper            // guarded by mu; by host id
	members map[string]*modelSat         // guarded by mu: as acknowledged
	owed    map[string]map[int]bool      // guarded by mu: messages by receiver
	latest  map[string]map[string]int    // guarded by mu: message by receiver and sender
	id      map[string]map[string]string // guarded by mu: message_id likewise
	removed map[string]int               // guarded by mu: how often, by host id
	errs    []string                     // guarded by mu
}

func (w *world) wrong(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrongLocked(format, args...)
}

func (w *world) wrongLocked(format string, args ...any) {
	w.errs = append(w.errs, fmt.Sprintf(format, args...))
}

func (w *world) answer(d relay.Delivery) relay.Outcome {
	w.mu.Lock()
	how := w.temper[d.HostID]
	w.mu.Unlock()
	took := time.Millisecond
	if how == slow {
		took = 2 * time.Second
	}
	time.Sleep(took)
	if how == rough {
		return dead("it said no")
	}
	return relay.Outcome{Verdict: relay.Delivered, Took: took}
}

// called looks at a call as its receiver does.
func (w *world) called(d relay.Delivery) tenure {
	doc := string(d.Document())
	w.mu.Lock()
	defer w.mu.Unlock()
	switch to := w.members[d.HostID]; {
	case to == nil:
		w.wrongLocked("%s was called, which is not registered", d.HostID)
	case to.paused:
		w.wrongLocked("%s was called, which is paused", d.HostID)
	case d.To.Addr.String() != d.HostID:
		w.wrongLocked("%s was called at %s", d.HostID, d.To.Addr)
	case d.Method == "notify":
		w.notifiedLocked(to, d.HostID, doc)
	case strings.Contains(doc, passMark):
		w.wrongLocked("a ping of %s holds a notify_pass", d.HostID)
	}
	return tenure{d.HostID, w.removed[d.HostID]}
}

func (w *world) notifiedLocked(to *modelSat, hostID, doc string) {
	var p struct {
		HostID string `xmlrpc:"host_id" doc:"sender"`
		Data   int    `xmlrpc:"data" doc:"number"`
		Pass   string `xmlrpc:"notify_pass" optional:"true" doc:"password"`
		ID     string `xmlrpc:"message_id" optional:"true" doc:"id"`
	}
	call, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
	if err == nil {
		err = call.Decode(0, &p)
	}
	switch {
	case err != nil:
		w.wrongLocked("notify to %s: %v", hostID, err)
	case p.HostID == hostID:
		w.wrongLocked("%s got its own message %d", hostID, p.Data)
	case !slices.Contains(to.passes(), p.Pass):
		w.wrongLocked("notify to %s has the notify_pass %q, want %q", hostID, p.Pass, to.passes())
	case strings.Count(doc, passMark) > strings.Count(p.Pass, passMark):
		w.wrongLocked("notify to %s holds another's notify_pass: %s", hostID, doc)
	case p.Data <= w.latest[hostID][p.HostID]:
		w.wrongLocked("%s got message %d of %s after %d", hostID, p.Data, p.HostID, w.latest[hostID][p.HostID])
	case p.ID != "" && p.ID <= w.id[hostID][p.HostID]:
		w.wrongLocked("%s got message_id %s of %s after %s", hostID, p.ID, p.HostID, w.id[hostID][p.HostID])
	}
	inner(w.latest, hostID)[p.HostID] = p.Data
	if p.ID != "" {
		inner(w.id, hostID)[p.HostID] = p.ID
	}
	delete(w.owed[hostID], p.Data)
}

func inner[K comparable, V any](m map[string]map[K]V, key string) map[K]V {
	if m[key] == nil {
		m[key] = map[K]V{}
	}
	return m[key]
}
