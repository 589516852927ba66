package door

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"time"
)

// A flow is an answer that goes out piece by piece, a stream of events: in
// chunks, or to HTTP/1.0 up to the end of its connection. It has no length (a
// decision against H16 for pages; answers to calls never flow) and is not
// compressed. A piece that the peer does not take in time ends it.
type flow struct {
	conn    *conn
	cancel  func() // ends the context of who makes the answer
	chunked bool
	keep    bool  // the connection goes on after it
	mute    bool  // HEAD
	broken  bool  // a piece could not be sent
	sent    int64 // octets of pieces
	watches sync.WaitGroup
	ended   chan struct{} // closed: nothing more is made
	gone    bool          // the peer; set by the watch before it ends
}

const (
	flowBuffer = 64 << 10    // octets the system keeps of a stream for its peer, about
	flowPiece  = 64 << 10    // octets after which a piece goes out without being asked for
	lastWords  = time.Second // for the peer to take what is under way when the server stops
)

// flow begins to send a, with its head; from then on cancel is called when the
// peer has gone or the server stops. It fails if there is no room for another
// stream.
func (a *Answer) flow(cancel context.CancelFunc) error {
	c := a.conn
	r := &c.request
	f := &flow{conn: c, cancel: cancel, mute: r.isHead(), chunked: r.Minor > 0, ended: make(chan struct{})}
	f.keep = f.chunked && r.keep && !a.Close && !c.hall.isClosing()
	if !f.mute {
		if a.refused = c.hall.server.streams.enter(peerOf(c.remote.Addr())); a.refused != nil {
			cancel()
			return a.refused
		}
		if tcp, ok := c.raw.(*net.TCPConn); ok {
			tcp.SetWriteBuffer(flowBuffer)
		}
	}
	a.flowing = f
	now := time.Now()
	head := c.appendHead(c.out[:0], a, now)
	if f.chunked {
		head = append(head, "Transfer-Encoding: chunked\r\n"...)
	}
	if !f.keep {
		head = append(head, "Connection: close\r\n"...)
	}
	c.out = append(head, "\r\n"...)
	c.setWriteBy(now)
	if _, err := c.nc.Write(c.out); err != nil {
		f.broken = true
		cancel()
		return err
	}
	if f.mute {
		cancel()
		return nil
	}
	c.nc.SetReadDeadline(time.Time{})
	f.watches.Go(f.watch)
	f.watches.Go(f.heedClosing)
	return nil
}

// send sends a piece.
func (f *flow) send(piece []byte) error {
	switch {
	case f.broken:
		return net.ErrClosed
	case f.mute || len(piece) == 0:
		return nil
	}
	c := f.conn
	f.setWriteBy()
	out := c.out[:0]
	if f.chunked {
		out = strconv.AppendInt(out, int64(len(piece)), 16)
		out = append(out, "\r\n"...)
	}
	var err error
	if len(piece) <= direct {
		out = append(out, piece...)
		if f.chunked {
			out = append(out, "\r\n"...)
		}
		_, err = c.nc.Write(out)
	} else {
		parts := net.Buffers{out, piece}
		if f.chunked {
			parts = append(parts, []byte("\r\n"))
		}
		_, err = parts.WriteTo(c.nc)
	}
	c.out = out[:0]
	f.sent += int64(len(piece))
	if err != nil {
		f.broken = true
		f.cancel()
	}
	return err
}

// setWriteBy gives the peer time for another piece.
func (f *flow) setWriteBy() {
	if !f.conn.hall.isClosing() {
		f.conn.setWriteBy(time.Now())
	}
}

// watch waits for the peer to close. What it sends meanwhile is its next
// request; one that does not fit ends the stream.
func (f *flow) watch() {
	for {
		if err := f.conn.fill(); err != nil {
			f.gone = !timedOut(err)
			f.cancel()
			return
		}
	}
}

// heedClosing ends the stream when the server stops.
func (f *flow) heedClosing() {
	select {
	case <-f.conn.hall.closing:
		f.cancel()
		f.conn.nc.SetWriteDeadline(time.Now().Add(lastWords))
	case <-f.ended:
	}
}

// end ends the answer; whole tells whether all of it has been made. It reports
// whether the connection can carry another.
func (f *flow) end(whole bool) bool {
	c := f.conn
	if f.mute {
		return f.keep && !f.broken
	}
	defer c.hall.server.streams.leave(peerOf(c.remote.Addr()))
	if f.chunked && whole && !f.broken {
		f.setWriteBy()
		_, err := io.WriteString(c.nc, "0\r\n\r\n")
		f.broken = err != nil
	}
	close(f.ended)
	c.nc.SetReadDeadline(time.Unix(1, 0))
	f.watches.Wait()
	c.mu.Lock()
	c.readBy = time.Time{} // whatever is asked for next is set anew
	c.mu.Unlock()
	if f.gone || f.broken {
		return false
	}
	if !f.keep || !whole || c.hall.isClosing() {
		c.linger()
		return false
	}
	c.nc.SetReadDeadline(time.Time{})
	return true
}
