package courier

import "sync"

// A lane does work that may take long, in the order it comes, in a bounded
// number of goroutines, none while there is none.
type lane struct {
	work  func(*exchange)
	limit int
	crew  *crew

	mu      sync.Mutex
	waiting []*exchange // guarded by mu; from first on
	first   int         // guarded by mu
	working int         // guarded by mu
}

func (c *Courier) newLane(limit int, work func(*exchange)) *lane {
	return &lane{work: work, limit: limit, crew: &c.crew}
}

func (l *lane) put(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, x)
	if l.working < l.limit {
		l.working++
		l.crew.hire(l.run)
	}
}

func (l *lane) run() {
	for x := l.take(); x != nil; x = l.take() {
		l.work(x)
	}
}

func (l *lane) take() *exchange {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == len(l.waiting) {
		l.waiting, l.first = nil, 0
		l.working--
		return nil
	}
	x := l.waiting[l.first]
	l.waiting[l.first] = nil
	l.first++
	if l.first >= 1024 && 2*l.first >= len(l.waiting) { // a lane that never empties does not grow
		l.waiting, l.first = append([]*exchange(nil), l.waiting[l.first:]...), 0
	}
	return x
}
