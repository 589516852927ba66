package courier

import (
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A conn is a connection to a satellite.
type conn struct {
	net.Conn
	raw    syscall.RawConn // nil: no socket, as in tests
	kept   bool            // it may be kept after its call
	polled bool            // the poll knows it
}

func newConn(nc net.Conn, kept bool) *conn {
	c := &conn{Conn: nc, kept: kept}
	if tcp, ok := nc.(*net.TCPConn); ok {
		c.raw, _ = tcp.SyscallConn()
	}
	return c
}

// abort has the kernel throw away what the far end does not take, once the
// connection is closed.
func (c *conn) abort() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// grace is the least time an operation has that the kernel may be able to
// end at once. A deadline that has passed makes Go give up without asking it.
const grace = 2 * time.Millisecond

// A mover moves octets without waiting, or not for long. Its functions are
// made once, so that moving costs no memory. It is for one goroutine.
type mover struct {
	in   []byte
	out  []byte
	rest [][]byte
	n    int
	err  error

	tryRead, waitRead, tryWrite, tryWriteParts func(fd uintptr) bool
}

func newMover() *mover {
	m := &mover{in: make([]byte, readSize)}
	m.tryRead = func(fd uintptr) bool { m.readOnce(fd); return true }
	m.waitRead = func(fd uintptr) bool { m.readOnce(fd); return m.err != unix.EAGAIN }
	m.tryWrite = func(fd uintptr) bool {
		m.n, m.err = retry(func() (int, error) { return unix.Write(int(fd), m.out) })
		return true
	}
	m.tryWriteParts = func(fd uintptr) bool { m.writePartsOnce(fd); return true }
	return m
}

// readSize is what is read at once, in octets; usual answers are shorter.
const readSize = 16 << 10

func (m *mover) readOnce(fd uintptr) {
	m.n, m.err = retry(func() (int, error) { return unix.Read(int(fd), m.in) })
	if m.n == 0 && m.err == nil {
		m.err = io.EOF
	}
}

// writePartsOnce writes pieces until the socket takes no more.
func (m *mover) writePartsOnce(fd uintptr) {
	for _, b := range m.rest {
		if len(b) == 0 {
			continue
		}
		n, err := retry(func() (int, error) { return unix.Write(int(fd), b) })
		m.n += n
		if m.err = err; err != nil || n < len(b) {
			return
		}
	}
}

// retry repeats a system call that a signal has interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// read returns what has come; nothing and no error if nothing has.
func (m *mover) read(c *conn) ([]byte, error) {
	if c.raw == nil {
		return m.readUntil(c, time.Time{})
	}
	err := m.with(c.raw.Read, m.tryRead)
	return m.in[:m.n], err
}

// readUntil is read that waits until then if nothing has come, but no shorter
// than it takes to find out.
func (m *mover) readUntil(c *conn, until time.Time) ([]byte, error) {
	if soon := time.Now().Add(grace); until.Before(soon) {
		until = soon
	}
	c.SetReadDeadline(until)
	defer c.SetReadDeadline(time.Time{})
	if c.raw != nil {
		err := m.with(c.raw.Read, m.waitRead)
		return m.in[:m.n], err
	}
	n, err := c.Read(m.in)
	return m.in[:n], unlessLate(err)
}

// with does op on a socket; that it is not ready, or did not become so in
// time, is no error.
func (m *mover) with(do func(func(uintptr) bool) error, op func(uintptr) bool) error {
	m.n, m.err = 0, nil
	if err := do(op); err != nil {
		return unlessLate(err)
	}
	if m.err == unix.EAGAIN {
		return nil
	}
	return m.err
}

// write writes what the far end takes at once.
func (m *mover) write(c *conn, b []byte) (int, error) {
	if c.raw == nil {
		c.SetWriteDeadline(time.Now().Add(grace))
		n, err := c.Write(b)
		return n, unlessLate(err)
	}
	m.out = b
	err := m.with(c.raw.Write, m.tryWrite)
	m.out = nil
	return m.n, err
}

// writeParts is write of what lies in pieces.
func (m *mover) writeParts(c *conn, parts [][]byte) (int, error) {
	if c.raw == nil {
		c.SetWriteDeadline(time.Now().Add(grace))
		n, err := writeAll(c.Conn, parts)
		return n, unlessLate(err)
	}
	m.rest = parts
	err := m.with(c.raw.Write, m.tryWriteParts)
	m.rest = nil
	return m.n, err
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
