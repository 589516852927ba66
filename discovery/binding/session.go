package binding

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// How long a connection waits: for a whole request, for the greeting of TLS,
// for its peer to take a reply, and for the rest of what it will not read.
const (
	requestWait = 60 * time.Second
	greetWait   = 10 * time.Second
	replyWait   = 4 * time.Second // as long as an old client waits for it
	lingerWait  = time.Second
)

// mostLingered is how much of what a refused peer goes on sending is read, in
// bytes, so that it reads the refusal.
const mostLingered = 1 << 20

// A session is one connection to a door.
type session struct {
	conn net.Conn
	peer peer
}

// drop closes the connection without the last words of TLS, for which it might
// have to wait.
func (s *session) drop() {
	if secure, ok := s.conn.(*tls.Conn); ok {
		secure.NetConn().Close()
		return
	}
	s.conn.Close()
}

// attend answers the requests of a connection, in order, until it ends.
func (d *Door) attend(ctx context.Context, h *hall, s *session) {
	defer s.conn.Close()
	defer h.leave(s)
	if secure, ok := s.conn.(*tls.Conn); ok {
		secure.SetDeadline(time.Now().Add(greetWait))
		if err := secure.HandshakeContext(ctx); err != nil {
			d.log.Debug("no TLS connection", "err", err)
			return
		}
		secure.SetDeadline(time.Time{})
	}
	for in := newStream(s.conn); d.exchange(h, s, in); {
	}
}

// exchange answers one request and reports whether there may be another.
func (d *Door) exchange(h *hall, s *session, in stream) bool {
	s.conn.SetReadDeadline(time.Now().Add(requestWait))
	value, err := in.next()
	var reply []byte
	switch {
	case err == nil, errors.Is(err, errMalformed), errors.Is(err, errTooLarge):
		if !h.begin(s) {
			return false
		}
	default: // the end, too late, or broken
		return false
	}
	switch {
	case err == nil:
		reply = d.answer(s.peer, value)
	case errors.Is(err, errMalformed):
		reply = errorReply("Malformed JSON")
	default:
		reply = errorReply("Request too large")
	}
	s.conn.SetWriteDeadline(time.Now().Add(replyWait))
	if _, failed := s.conn.Write(reply); failed != nil {
		return false
	}
	more := h.end(s, time.Now())
	if err != nil {
		linger(s.conn)
		return false
	}
	return more
}

// linger ends our side and reads on for a while: closing at once, with bytes
// unread, could take the reply back from a peer that still sends.
func linger(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		conn.SetReadDeadline(time.Now().Add(lingerWait))
		io.CopyN(io.Discard, conn, mostLingered)
	}
}
