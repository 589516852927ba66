package relay

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// alarms wake members at set times: one goroutine for all, and no timer while
// none is set. An alarm is no promise that there is something to do: who is
// woken looks.
type alarms struct {
	sooner chan struct{} // one was set before all others

	mu   sync.Mutex
	list alarmList // guarded by mu; a heap
}

type alarm struct {
	at time.Time // monotonic
	m  *member
}

func newAlarms() *alarms { return &alarms{sooner: make(chan struct{}, 1)} }

// set wakes m at a time.
func (a *alarms) set(m *member, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	heap.Push(&a.list, alarm{at, m})
	if a.list[0].at.Equal(at) {
		select {
		case a.sooner <- struct{}{}:
		default: // it was told already
		}
	}
}

// Run wakes members until ctx ends.
func (a *alarms) Run(ctx context.Context, wake func(m *member, now time.Time)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.sooner:
		case <-timer.C:
		}
		now := time.Now()
		for m := a.due(now); m != nil; m = a.due(now) {
			wake(m, now)
		}
		if next, ok := a.next(); ok {
			timer.Reset(next.Sub(now))
		}
	}
}

// due takes a member whose time has come, nil if there is none.
func (a *alarms) due(now time.Time) *member {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 || a.list[0].at.After(now) {
		return nil
	}
	return heap.Pop(&a.list).(alarm).m
}

func (a *alarms) next() (at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 {
		return at, false
	}
	return a.list[0].at, true
}

type alarmList []alarm

func (l alarmList) Len() int           { return len(l) }
func (l alarmList) Less(i, j int) bool { return l[i].at.Before(l[j].at) }
func (l alarmList) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *alarmList) Push(x any)        { *l = append(*l, x.(alarm)) }

func (l *alarmList) Pop() any {
	last := len(*l) - 1
	a := (*l)[last]
	(*l)[last] = alarm{}
	*l = (*l)[:last]
	return a
}
