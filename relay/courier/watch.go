package courier

import (
	"os"
	"sync"
	"time"
)

// A watch finishes the exchanges that no worker waits for: slow answers, and
// the first ones of new connections. Where the kernel tells of many sockets
// at once, one goroutine does them all, however many hang; other connections
// have a goroutine each until their deadline.
type watch struct {
	c        *Courier
	patience time.Duration // of workers, before they leave an answer to the watch
	poll     *poll         // nil: none here

	mu   sync.Mutex
	open map[*exchange]struct{} // guarded by mu: those with a goroutine
}

func newWatch(c *Courier) *watch {
	w := &watch{c: c, patience: patience, open: map[*exchange]struct{}{}}
	if w.poll = newPoll(c); w.poll != nil {
		w.patience = patience / 2
	}
	return w
}

// add takes x over, whose request may not be written to its end.
func (w *watch) add(x *exchange) {
	if w.poll != nil && x.conn.socket != nil {
		w.poll.add(x)
		return
	}
	w.c.crew.hire(func() { w.await(x) })
}

// post takes over x, of a satellite that is slow, with its request yet to be
// written.
func (w *watch) post(x *exchange) {
	if w.poll != nil && x.conn.socket != nil {
		w.poll.post(x)
		return
	}
	x.start = time.Now()
	w.add(x)
}

// cut ends what is under way; the courier is closed.
func (w *watch) cut() {
	if w.poll != nil {
		w.poll.cut()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for x := range w.open {
		x.conn.SetDeadline(time.Unix(1, 0))
	}
}

func (w *watch) close() {
	if w.poll != nil {
		w.poll.close()
	}
}

func (w *watch) enter(x *exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[x] = struct{}{}
	x.conn.SetDeadline(x.deadline())
	if w.c.closed.Load() {
		x.conn.SetDeadline(time.Unix(1, 0))
	}
}

func (w *watch) leave(x *exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, x)
	x.conn.SetDeadline(time.Time{})
}

// await does x to its end.
func (w *watch) await(x *exchange) {
	if err := w.finishRequest(x); err != nil {
		if timedOut(err) {
			w.c.fail(x, err)
		} else {
			w.c.broken(x, err)
		}
		return
	}
	j := &judge{maxAnswer: w.c.cfg.MaxAnswer}
	buf := make([]byte, 4<<10)
	for {
		n, err := w.readSome(x, buf)
		if timedOut(err) {
			w.c.fail(x, err)
			return
		}
		if w.c.read(x, j, buf[:n], err) {
			return
		}
	}
}

func (w *watch) finishRequest(x *exchange) error {
	w.enter(x)
	defer w.leave(x)
	parts, _ := w.c.parts(x, nil)
	n, err := writeAll(x.conn.Conn, parts[:])
	x.sent += n
	return err
}

// readSome reads what comes within the deadline. An answer that came while
// the process was stopped is still read.
func (w *watch) readSome(x *exchange, buf []byte) (n int, err error) {
	w.enter(x)
	defer w.leave(x)
	n, err = x.conn.Read(buf)
	if timedOut(err) && time.Since(x.deadline()) > grace {
		x.conn.SetDeadline(time.Now().Add(grace))
		n, err = x.conn.Read(buf)
	}
	if n > 0 && err == os.ErrDeadlineExceeded {
		err = nil
	}
	return n, err
}
