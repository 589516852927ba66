package binding

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"time"
)

// How long a connection waits: for a whole request since its first byte, for
// the first one since the beginning, for the greeting of TLS, for its peer to
// take a reply, and for the rest of what it will not read. Between requests
// there is no limit but that of the hall: programs of the original's bindings
// publish when they start and unpublish when they end, through one connection.
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
	conn  net.Conn
	peer  peer
	asked bool // it has had a request
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
			d.log.Debug("no TLS connection", "code", "BIND-TLS", "err", err)
			return
		}
		secure.SetDeadline(time.Time{})
	}
	for in := newStream(s.conn); d.exchange(h, s, in); {
	}
}

// exchange answers one request and reports whether there may be another.
func (d *Door) exchange(h *hall, s *session, in stream) bool {
	value, err := s.await(in)
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
	s.asked = true
	more := h.end(s, time.Now())
	if err != nil {
		linger(s.conn)
		return false
	}
	return more
}

// await returns the next request.
func (s *session) await(in stream) (json.RawMessage, error) {
	if s.asked {
		s.conn.SetReadDeadline(time.Time{})
		if err := in.begun(); err != nil {
			return nil, err
		}
	}
	s.conn.SetReadDeadline(time.Now().Add(requestWait))
	return in.next()
}

// linger ends our side and reads on for a while: closing at once, with bytes
// unread, could take the reply back from a peer that still sends.
func linger(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		conn.SetReadDeadline(time.Now().Add(lingerWait))
		io.CopyN(io.Discard, conn, mostLingered)
	}
}
