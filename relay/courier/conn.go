package courier

import (
	"net"
	"time"
)

// A conn is a connection to a satellite.
type conn struct {
	net.Conn         // nil if there is a socket
	socket   *socket // nil: none, as in tests
	kept     bool    // it may be kept after its call
	polled   bool    // the poll knows it
}

// newConn returns a conn for nc; bare takes it out of the hands of package
// net if that can be.
func newConn(nc net.Conn, kept, bare bool) *conn {
	if bare {
		if s := takeSocket(nc); s != nil {
			return &conn{socket: s, kept: kept}
		}
	}
	return &conn{Conn: nc, kept: kept}
}

// abort has the kernel throw away what the far end does not take, once the
// connection is closed.
func (c *conn) abort() {
	if c.socket != nil {
		c.socket.abort()
	} else if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// Close closes the connection, which nobody uses any more.
func (c *conn) Close() error {
	if c.socket != nil {
		return c.socket.close()
	}
	return c.Conn.Close()
}

// grace is the least time an operation has that the kernel may be able to
// end at once. A deadline that has passed makes Go give up without asking it.
const grace = 2 * time.Millisecond

// A mover moves octets without waiting, or not for long. It is for one
// goroutine.
type mover struct {
	in     []byte
	waiter *waiter // nil: it cannot wait for sockets
}

func newMover() *mover { return &mover{in: make([]byte, readSize)} }

// readSize is what is read at once, in octets; usual answers are shorter.
const readSize = 16 << 10

// read returns what has come; nothing and no error if nothing has.
func (m *mover) read(c *conn) ([]byte, error) {
	if c.socket == nil {
		return m.readUntil(c, time.Time{})
	}
	n, err := c.socket.read(m.in)
	return m.in[:n], err
}

// readUntil is read that waits until then if nothing has come, but no shorter
// than it takes to find out.
func (m *mover) readUntil(c *conn, until time.Time) ([]byte, error) {
	now := time.Now()
	if soon := now.Add(grace); until.Before(soon) {
		until = soon
	}
	if c.socket != nil {
		if m.waiter != nil {
			m.waiter.wait(c.socket, until.Sub(now))
		}
		return m.read(c)
	}
	c.SetReadDeadline(until)
	defer c.SetReadDeadline(time.Time{})
	n, err := c.Read(m.in)
	return m.in[:n], unlessLate(err)
}

// write writes what the far end takes at once.
func (m *mover) write(c *conn, b []byte) (int, error) {
	if c.socket != nil {
		return c.socket.write(b)
	}
	c.SetWriteDeadline(time.Now().Add(grace))
	n, err := c.Write(b)
	return n, unlessLate(err)
}

// writeParts is write of what lies in pieces.
func (m *mover) writeParts(c *conn, parts [][]byte) (int, error) {
	if c.socket != nil {
		return c.socket.writeParts(parts)
	}
	c.SetWriteDeadline(time.Now().Add(grace))
	n, err := writeAll(c.Conn, parts)
	return n, unlessLate(err)
}

func unlessLate(err error) error {
	if timedOut(err) {
		return nil
	}
	return err
}

// writeAll writes pieces one after another.
func writeAll(c net.Conn, parts [][]byte) (n int, err error) {
	for _, b := range parts {
		if len(b) == 0 {
			continue
		}
		k, err := c.Write(b)
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
