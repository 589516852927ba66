package door

import (
	"context"
	"sync"
	"time"
)

// A flow is an answer that goes out piece by piece: a stream of events, which
// has no length and ends with its connection (a decision against H16 for
// pages; answers to calls never flow).
type flow struct {
	conn    *conn
	mute    bool // HEAD
	sent    int64
	watches sync.WaitGroup
}

// flow sends what there is of a. The first time it begins with the head, and
// from then on cancel is called when the peer has gone or the server stops.
func (a *Answer) flow(ctx context.Context, cancel func()) error {
	if a.flowing != nil {
		return nil // every piece has gone out already
	}
	c := a.conn
	f := &flow{conn: c, mute: c.request.isHead()}
	a.flowing = f
	now := time.Now()
	c.out = append(c.appendHead(c.out[:0], a, now), "Connection: close\r\n\r\n"...)
	c.setWriteBy(now)
	if _, err := c.nc.Write(c.out); err != nil {
		return err
	}
	c.nc.SetReadDeadline(time.Time{})
	f.watches.Go(func() { f.watch(cancel) })
	f.watches.Go(func() {
		select {
		case <-c.hall.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	_, err := f.write(a.Body)
	return err
}

func (f *flow) write(p []byte) (int, error) {
	if f.mute || len(p) == 0 {
		return len(p), nil
	}
	f.conn.setWriteBy(time.Now())
	n, err := f.conn.nc.Write(p)
	f.sent += int64(n)
	return n, err
}

// watch waits for the peer to close.
func (f *flow) watch(cancel func()) {
	defer cancel()
	var b [512]byte
	for {
		if _, err := f.conn.nc.Read(b[:]); err != nil {
			return
		}
	}
}

// end stops watching.
func (f *flow) end() {
	f.conn.nc.SetReadDeadline(time.Unix(1, 0))
	f.watches.Wait()
}
