package courier

import "sync"

// A lane does work that may take long, in the order it comes, in a bounded
// number of goroutines, none while there is none.
type lane struct {
	work  func(*exchange)
	limit int
	crew  *crew

	mu      sync.Mutex
	waiting fifo // guarded by mu
	working int  // guarded by mu
}

func (c *Courier) newLane(limit int, work func(*exchange)) *lane {
	return &lane{work: work, limit: limit, crew: &c.crew}
}

func (l *lane) put(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting.push(x)
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
	x := l.waiting.pop()
	if x == nil {
		l.working--
	}
	return x
}

// A fifo gives exchanges out in the order they came.
type fifo struct {
	list []*exchange
	from int // where the first one is
}

func (f *fifo) push(x *exchange) { f.list = append(f.list, x) }

// first is the one to come out next; nil: none.
func (f *fifo) first() *exchange {
	if f.from == len(f.list) {
		return nil
	}
	return f.list[f.from]
}

func (f *fifo) pop() *exchange {
	x := f.first()
	if x == nil {
		return nil
	}
	f.list[f.from] = nil
	f.from++
	if f.from == len(f.list) {
		f.list, f.from = nil, 0
	} else if f.from >= 1024 && 2*f.from >= len(f.list) { // one that never empties does not grow
		f.list, f.from = append([]*exchange(nil), f.list[f.from:]...), 0
	}
	return x
}
