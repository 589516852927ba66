package courier

import (
	"container/heap"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A poll finishes exchanges on sockets as they become ready, all in one
// goroutine that is there while there are any. An exchange is in it or in the
// hands of that goroutine, never both.
type poll struct {
	c     *Courier
	epoll *os.File // read by nobody: it becomes ready when one of its sockets is
	raw   syscall.RawConn

	mu      sync.Mutex
	open    map[int64]*exchange // guarded by mu; by the number the kernel has for it
	byEnd   deadlines           // guarded by mu
	last    int64               // guarded by mu: number given
	working bool                // guarded by mu
}

// newPoll returns nil if the kernel has none to give.
func newPoll(c *Courier) *poll {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil
	}
	f := os.NewFile(uintptr(fd), "epoll")
	raw, err := f.SyscallConn()
	if err != nil || f.SetReadDeadline(time.Time{}) != nil {
		f.Close()
		return nil
	}
	return &poll{c: c, epoll: f, raw: raw, open: map[int64]*exchange{}}
}

func (p *poll) close() { p.epoll.Close() }

// add takes x over.
func (p *poll) add(x *exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	x.number = p.last
	if err := p.tell(x, unix.EPOLL_CTL_ADD); err != nil {
		x.failed = err // told by the goroutine, since done must not be called here
	}
	p.open[x.number] = x
	heap.Push(&p.byEnd, x)
	if !p.working {
		p.working = true
		p.c.crew.hire(p.work)
	} else if x.pos == 0 || x.failed != nil || p.c.closed.Load() {
		p.epoll.SetReadDeadline(time.Unix(1, 0)) // look at the deadlines again
	}
}

// tell has the kernel watch x's socket, or not any more.
func (p *poll) tell(x *exchange, op int) (err error) {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(x.number), Pad: int32(x.number >> 32)}
	if x.sent < x.total {
		e.Events |= unix.EPOLLOUT
	}
	control := func(set uintptr) {
		err2 := x.conn.raw.Control(func(fd uintptr) { err = unix.EpollCtl(int(set), op, int(fd), &e) })
		if err == nil {
			err = err2
		}
	}
	if err2 := p.raw.Control(control); err == nil {
		err = err2
	}
	return err
}

// cut has the goroutine look whether the courier is closed.
func (p *poll) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoll.SetReadDeadline(time.Unix(1, 0))
}

func (p *poll) work() {
	w := p.c.hand()
	defer workers.Put(w)
	events := make([]unix.EpollEvent, batchSize)
	for p.expire(w) {
		for _, e := range p.wait(events) {
			if x := p.pick(int64(uint32(e.Fd)) | int64(e.Pad)<<32); x != nil {
				p.advance(w, x)
			}
		}
	}
}

// wait returns the sockets that are ready; none when a deadline has come.
func (p *poll) wait(events []unix.EpollEvent) []unix.EpollEvent {
	n := 0
	p.raw.Read(func(fd uintptr) bool {
		var err error
		if n, err = unix.EpollWait(int(fd), events, 0); err == unix.EINTR {
			n = 0
		}
		return n > 0 || err != nil
	})
	return events[:max(n, 0)]
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
	p.tell(x, unix.EPOLL_CTL_DEL)
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
	p.working = len(p.open) > 0
	return p.working
}

// overdue takes one exchange out whose time has come. If there is none, wait
// will end when there is.
func (p *poll) overdue() *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byEnd) == 0 {
		return nil
	}
	x := p.byEnd[0]
	if end := x.deadline(); x.failed == nil && time.Now().Before(end) && !p.c.closed.Load() {
		p.epoll.SetReadDeadline(end)
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
