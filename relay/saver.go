package relay

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"time"
)

// A saver brings the changes of a roster to its store. After a failure it
// tries again every retryEvery until the store works. All its methods but
// trouble are for one goroutine.
type saver struct {
	store  Store
	events *Events
	now    func() time.Time
	accept bool               // what cannot be written counts as made, and is owed
	owed   map[string]*Record // by host id, as in a plan: made, but not on disk
	retry  <-chan time.Time   // ticks when a store that failed is to be tried again; nil while it works

	mu      sync.Mutex
	failing StoreTrouble // guarded by mu; zero: none
}

// retryEvery is how soon a store that failed is tried again. With the time a
// write takes it is well within the 5 s in which a relay has to notice that
// there is space again.
const retryEvery = 2 * time.Second

// StoreTrouble says that the store of a relay fails. The zero value says that
// it works.
type StoreTrouble struct {
	Since  time.Time // wall clock
	Err    error     // the latest
	Failed int       // commits since then
	Owed   int       // satellites with changes that are accepted but not on disk
}

// load returns what the store holds, and tells what was wrong with it, and
// whether it can be written: else nobody would know before the first change.
func (s *saver) load(ctx context.Context) ([]Record, error) {
	records, err := s.store.Load(ctx)
	if t, ok := s.store.(interface{ Trouble() []string }); ok && err == nil {
		for _, words := range t.Trouble() {
			s.events.tell(Event{Code: DumpBad, Time: s.now(), Reason: words}) // the store has logged it
		}
	}
	if t, ok := s.store.(interface{ Try() error }); ok && err == nil {
		if err := t.Try(); err != nil {
			s.retry = time.After(retryEvery)
			s.failed(err)
		}
	}
	return records, err
}

// commit makes what a plan ends in durable, with what is owed from before. If
// it cannot, the changes are owed or a [*StoreError].
func (s *saver) commit(ctx context.Context, end map[string]*Record) error {
	err := s.save(ctx, end)
	switch {
	case err == nil:
		return nil
	case !s.accept:
		return &StoreError{err}
	}
	s.owed = s.withOwed(end)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing.Owed = len(s.owed)
	return nil
}

// save is commit without owing.
func (s *saver) save(ctx context.Context, end map[string]*Record) error {
	if len(end) == 0 {
		return nil
	}
	return s.write(ctx, s.withOwed(end))
}

// verify has a store write anew what somebody has taken away, if it can tell.
// One that failed is tried anyway.
func (s *saver) verify(ctx context.Context) error {
	if g, ok := s.store.(interface{ Gone() bool }); !ok || s.retry != nil || !g.Gone() {
		return nil
	}
	return s.write(ctx, nil)
}

// withOwed is end and what is owed beside it.
func (s *saver) withOwed(end map[string]*Record) map[string]*Record {
	if len(s.owed) == 0 {
		return end
	}
	all := maps.Clone(s.owed)
	maps.Copy(all, end)
	return all
}

// try finds out at the start whether changes can be written, where nobody
// would be told otherwise.
func (s *saver) try(ctx context.Context) {
	if s.accept {
		_ = s.again(ctx)
	}
}

// again tries a store that failed, with what is owed.
func (s *saver) again(ctx context.Context) error {
	s.retry = nil
	return s.write(ctx, s.owed)
}

func (s *saver) write(ctx context.Context, end map[string]*Record) error {
	if err := s.store.Commit(ctx, changeTo(end)); err != nil {
		if s.retry == nil {
			s.retry = time.After(retryEvery)
		}
		s.failed(err)
		return err
	}
	s.owed, s.retry = nil, nil
	s.worked()
	return nil
}

func changeTo(end map[string]*Record) (c Change) {
	for id, rec := range end {
		if rec != nil {
			c.Put = append(c.Put, *rec)
		} else {
			c.Remove = append(c.Remove, id)
		}
	}
	return c
}

// failed tells of the first failure; those after it are counted.
func (s *saver) failed(err error) {
	s.mu.Lock()
	first := s.failing.Failed == 0
	if first {
		s.failing.Since = s.now()
	}
	s.failing.Err = err
	s.failing.Failed++
	s.mu.Unlock()
	if !first {
		return
	}
	reason := err.Error() + "; registrations and removals are refused until it works, messages are relayed"
	if s.accept {
		reason = err.Error() + "; registrations and removals are accepted but not durable until it works"
	}
	s.events.emit(Event{Code: DumpFail, Time: s.now(), Reason: reason})
}

func (s *saver) worked() {
	s.mu.Lock()
	was := s.failing
	s.failing = StoreTrouble{}
	s.mu.Unlock()
	if was.Failed == 0 {
		return
	}
	reason := fmt.Sprintf("written again after %d failures since %s", was.Failed, was.Since.UTC().Format(time.RFC3339))
	if was.Owed > 0 {
		reason += fmt.Sprintf("; what was accepted of %d satellites is on disk now", was.Owed)
	}
	s.events.emit(Event{Code: DumpOK, Time: s.now(), Reason: reason})
}

// trouble is safe for concurrent use.
func (s *saver) trouble() StoreTrouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failing
}

// use tells what is owed among the limits of the relay.
func (s *saver) use() Use[int] {
	t := s.trouble()
	u := Use[int]{0, t.Owed, "satellites", ""}
	if s.accept {
		u.Limit = math.MaxInt32
	}
	if t.Failed > 0 {
		u.Unit = fmt.Sprintf("satellites, no write since %s", t.Since.UTC().Format(time.RFC3339))
	}
	return u
}
