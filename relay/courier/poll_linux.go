package courier

import (
	"container/heap"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A poll finishes exchanges on sockets as they become ready, all in one
// goroutine that is there while there are any. An exchange is in it or in the
// hands of that goroutine, never both.
type poll struct {
	c *Courier
	*epoll

	mu      sync.Mutex
	open    map[int64]*exchange // guarded by mu; by the number the kernel has for it
	byEnd   deadlines           // guarded by mu
	last    int64               // guarded by mu: number given
	slow    fifo                // guarded by mu: to be written
	recent  fifo                // guarded by mu: written from slow within the last patience
	hopes   int                 // guarded by mu: of recent, those without an answer
	working bool                // guarded by mu
}

// maxHopes is how many calls to slow satellites may wait for an answer that
// still would be in time. So many at once cannot make each other slow.
const maxHopes = 256

// newPoll returns nil if the kernel has none to give.
func newPoll(c *Courier) *poll {
	e := newEpoll()
	if e == nil {
		return nil
	}
	return &poll{c: c, epoll: e, open: map[int64]*exchange{}}
}

// add takes x over, whose answer is to be read.
func (p *poll) add(x *exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.addLocked(x)
	if x.pos == 0 || x.failed != nil || p.c.closed.Load() {
		p.stirLocked()
	}
}

func (p *poll) addLocked(x *exchange) {
	p.last++
	x.number = p.last
	x.failed = p.tell(x) // its end is told by the goroutine, as done must not be called here
	p.open[x.number] = x
	heap.Push(&p.byEnd, x)
}

// post takes x over, which is to be written when there are not too many others.
func (p *poll) post(x *exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	alone := p.slow.first() == nil // so no alarm is set for it
	p.slow.push(x)
	if alone || p.hopes < maxHopes || p.c.closed.Load() {
		p.stirLocked()
	}
}

// stirLocked has the goroutine look again what there is to do.
func (p *poll) stirLocked() {
	if !p.working {
		p.working = true
		p.c.crew.hire(p.work)
		return
	}
	p.file.SetReadDeadline(time.Unix(1, 0))
}

// tell has the kernel say once when x's socket is ready.
func (p *poll) tell(x *exchange) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: int32(x.number), Pad: int32(x.number >> 32)}
	if x.sent < x.total {
		e.Events |= unix.EPOLLOUT
	}
	op := unix.EPOLL_CTL_ADD
	if x.conn.polled {
		op = unix.EPOLL_CTL_MOD
	}
	x.conn.polled = true
	return unix.EpollCtl(p.fd, op, x.conn.socket.fd, &e)
}

// cut has the goroutine look whether the courier is closed.
func (p *poll) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.working {
		p.stirLocked()
	}
}

func (p *poll) work() {
	w := p.c.hand()
	defer workers.Put(w)
	events := make([]unix.EpollEvent, batchSize)
	for p.expire(w) {
		for x := p.next(); x != nil; x = p.next() {
			p.begin(w, x)
		}
		for _, e := range p.wait(events) {
			if x := p.pick(int64(uint32(e.Fd)) | int64(e.Pad)<<32); x != nil {
				p.advance(w, x)
			}
		}
	}
}

// next takes the next call to a slow satellite that may be made now.
func (p *poll) next() *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for x := p.recent.first(); x != nil && (!x.hoped || now.Sub(x.start) >= patience); x = p.recent.first() {
		p.recent.pop()
		p.giveUpLocked(x)
	}
	if p.hopes >= maxHopes && !p.c.closed.Load() || p.slow.first() == nil {
		p.setAlarmLocked()
		return nil
	}
	x := p.slow.pop()
	x.start, x.hoped = now, true
	p.hopes++
	p.recent.push(x)
	return x
}

// giveUpLocked counts x as one that is not answered in time, or is answered.
func (p *poll) giveUpLocked(x *exchange) {
	if x.hoped {
		x.hoped = false
		p.hopes--
	}
}

// setAlarmLocked has wait return when there is something to do without an
// answer. What stirred since expire looked is not forgotten by it.
func (p *poll) setAlarmLocked() {
	var at time.Time
	switch {
	case p.c.closed.Load() || len(p.byEnd) > 0 && p.byEnd[0].failed != nil:
		p.file.SetReadDeadline(time.Unix(1, 0))
		return
	case len(p.byEnd) > 0:
		at = p.byEnd[0].deadline()
	}
	if x := p.recent.first(); x != nil && p.slow.first() != nil {
		if late := x.start.Add(patience); at.IsZero() || late.Before(at) {
			at = late
		}
	}
	p.file.SetReadDeadline(at)
}

// begin writes the call of x.
func (p *poll) begin(w *worker, x *exchange) {
	err := w.write(x)
	p.mu.Lock()
	if err == nil && !p.c.closed.Load() {
		p.addLocked(x)
		p.mu.Unlock()
		return
	}
	p.giveUpLocked(x)
	p.mu.Unlock()
	if p.c.closed.Load() {
		err = os.ErrDeadlineExceeded
	}
	p.c.broken(x, err)
}

// pick takes an exchange out.
func (p *poll) pick(number int64) *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	x := p.open[number]
	if x != nil {
		p.outLocked(x)
	}
	return x
}

func (p *poll) outLocked(x *exchange) {
	delete(p.open, x.number)
	heap.Remove(&p.byEnd, x.pos)
	p.giveUpLocked(x)
}

// expire ends the exchanges whose time has come, all if the courier is
// closed, and reports whether any are left.
func (p *poll) expire(w *worker) (more bool) {
	for {
		x := p.overdue()
		if x == nil {
			break
		}
		if x.failed != nil {
			p.c.fail(x, x.failed)
		} else if !p.move(w, x) { // a process that was stopped finds the answer now
			p.c.fail(x, os.ErrDeadlineExceeded)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.working = len(p.open) > 0 || p.slow.first() != nil
	return p.working
}

// overdue takes one exchange out whose time has come.
func (p *poll) overdue() *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byEnd) == 0 {
		return nil
	}
	x := p.byEnd[0]
	if end := x.deadline(); x.failed == nil && time.Now().Before(end) && !p.c.closed.Load() {
		return nil
	}
	p.outLocked(x)
	return x
}

// advance goes on with x as far as it goes.
func (p *poll) advance(w *worker, x *exchange) {
	if !p.move(w, x) {
		p.add(x)
	}
}

// move writes and reads what goes now, and reports whether x has ended.
func (p *poll) move(w *worker, x *exchange) (ended bool) {
	if x.sent < x.total {
		if err := w.writeRest(x); err != nil && !lost(err) {
			p.c.fail(x, err)
			return true
		} // what the far end said before it closed is worth reading
	}
	for {
		b, err := w.mover.read(x.conn)
		if len(b) == 0 && err == nil {
			return false
		}
		if p.c.read(x, w.judge, b, err) {
			return true
		}
	}
}

// deadlines is a heap of exchanges, the first to end on top.
type deadlines []*exchange

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, k int) bool { return d.key(i).Before(d.key(k)) }
func (d deadlines) Swap(i, k int)      { d[i], d[k] = d[k], d[i]; d[i].pos, d[k].pos = i, k }

func (d deadlines) key(i int) time.Time {
	if d[i].failed != nil {
		return time.Time{}
	}
	return d[i].deadline()
}

func (d *deadlines) Push(x any) {
	e := x.(*exchange)
	e.pos = len(*d)
	*d = append(*d, e)
}

func (d *deadlines) Pop() any {
	last := len(*d) - 1
	e := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	return e
}
