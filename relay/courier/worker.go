package courier

import (
	"sync"
	"time"
)

// A worker writes the calls of a batch, one after another, and then reads
// their answers in the same order. Most are there by then; those that are not
// are left to the watch.
type worker struct {
	*Courier
	mover *mover
	judge *judge
	buf   []byte // of requests
}

// workers that are not at work.
var workers = sync.Pool{New: func() any { return &worker{mover: newMover(), judge: new(judge)} }}

// hand returns a worker for c, to be put back among workers.
func (c *Courier) hand() *worker {
	w := workers.Get().(*worker)
	w.Courier, w.judge.maxAnswer = c, c.cfg.MaxAnswer
	return w
}

// work does batches until there are no more.
func (c *Courier) work() {
	w := c.hand()
	defer workers.Put(w)
	w.mover.waiter = c.waiters.take()
	defer func() {
		c.waiters.give(w.mover.waiter)
		w.mover.waiter = nil
	}()
	t := trays.Get().(*tray)
	defer trays.Put(t)
	for b := c.queue.take(false); b != nil; b = c.queue.take(true) {
		list := t.load(b)
		b.release()
		w.carry(list)
		clear(list)
	}
}

// A tray holds the exchanges of a worker's batch.
type tray [batchSize]exchange

// trays that nobody uses.
var trays = sync.Pool{New: func() any { return new(tray) }}

// load makes exchanges of a batch.
func (t *tray) load(b *batch) []exchange {
	for i := range b.n {
		t[i].Delivery, t[i].done = b.list[i].Delivery, b.list[i].done
	}
	return t[:b.n]
}

func (w *worker) carry(list []exchange) {
	if w.closed.Load() {
		for i := range list {
			abandon(&list[i])
		}
		return
	}
	w.lines.board(list)
	var open [batchSize]int32
	n := 0
	for i := range list {
		if w.post(&list[i]) {
			open[n] = int32(i)
			n++
		}
	}
	w.collect(list, open[:n])
}

// post writes a call, and reports whether its answer is to be waited for here.
func (w *worker) post(x *exchange) bool {
	switch {
	case x.line == nil:
		w.secure.put(x.aside())
		return false
	case x.conn == nil:
		w.dial(x.aside())
		return false
	}
	if x.line.late.Load() {
		w.late.post(x.aside())
		return false
	}
	x.start = time.Now()
	if err := w.write(x); err != nil {
		w.broken(x, err)
		return false
	}
	if x.sent < x.total {
		w.late.add(x.aside())
		return false
	}
	return true
}

// wholeSize is up to which length a request is put together in one piece, in
// octets. Longer ones are written from where they lie.
const wholeSize = 32 << 10

// write writes what x's connection takes at once.
func (w *worker) write(x *exchange) (err error) {
	if len(x.Head) > wholeSize {
		return w.writeRest(x)
	}
	w.buf = w.appendLead(w.buf[:0], &x.Delivery)
	w.buf = append(append(append(w.buf, x.Head...), x.Own...), x.Tail...)
	x.total = len(w.buf)
	x.sent, err = w.mover.write(x.conn, w.buf)
	return err
}

// writeRest goes on with a request that is written in part.
func (w *worker) writeRest(x *exchange) error {
	var parts [4][]byte
	parts, w.buf = w.parts(x, w.buf)
	n, err := w.mover.writeParts(x.conn, parts[:])
	x.sent += n
	return err
}

// collect reads the answers of those that are open. It waits for the one
// that was written last: those of the others are there by then, and each is
// read once. When one has not come within a time in which most others have,
// it and the rest are left to the watch. When most have not, that says more
// of the machine than of them, and they have some more time.
func (w *worker) collect(list []exchange, open []int32) {
	for more := moreTime; len(open) > 0; {
		n := len(open) - 1
		x := &list[open[n]]
		b, err := w.mover.readUntil(x.conn, time.Now().Add(w.late.patience))
		ended := w.read(x, w.judge, b, err)
		late := w.unfinished(list, open[:n])
		switch last := open[n]; {
		case ended:
			open = late
		case len(b) > 0: // a part of it
			w.late.add(x.aside())
			open = late
		case more > 0 && len(late) > n/2:
			more--
			open = append(late, last)
		default:
			for _, i := range append(late, last) {
				w.late.add(list[i].aside())
			}
			return
		}
	}
}

// moreTime is how often most of a batch may let a worker wait in vain.
const moreTime = 3

// unfinished reads what has come for those that are open, and returns which
// still are.
func (w *worker) unfinished(list []exchange, open []int32) []int32 {
	left := open[:0]
	for _, i := range open {
		if !w.finish(&list[i]) {
			left = append(left, i)
		}
	}
	return left
}

// finish reads what has come of x's answer, and reports whether x has ended.
func (w *worker) finish(x *exchange) bool {
	for {
		b, err := w.mover.read(x.conn)
		if len(b) == 0 && err == nil {
			return false
		}
		if w.read(x, w.judge, b, err) {
			return true
		}
	}
}
