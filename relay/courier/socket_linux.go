package courier

import (
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A socket is a connected TCP socket outside of Go's own poller, which would
// be woken by every answer though a worker is about to read it anyway. Its
// functions never wait, but for wait. It is for one goroutine at a time.
type socket struct{ fd int }

// takeSocket takes a connection's socket out of the hands of package net. It
// returns nil, and leaves nc as it is, if nc is no TCP connection or there is
// no descriptor to do it with.
func takeSocket(nc net.Conn) *socket {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	fd := -1
	err = raw.Control(func(old uintptr) {
		if own, err := unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			fd = own
		}
	})
	if err != nil || fd < 0 {
		return nil
	}
	tcp.Close() // the socket goes on by its other descriptor
	return &socket{fd}
}

// read returns how much has come; 0 and no error if nothing has.
func (s *socket) read(b []byte) (int, error) {
	for {
		switch n, err := unix.Read(s.fd, b); {
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			return 0, nil
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// wait returns when there is something to read, or the time is over.
func (s *socket) wait(d time.Duration) {
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	for end := time.Now().Add(d); ; d = time.Until(end) {
		ms := int((d + time.Millisecond - 1) / time.Millisecond)
		if _, err := unix.Poll(fds, max(ms, 0)); err != unix.EINTR {
			return
		}
	}
}

// write writes what the far end takes at once.
func (s *socket) write(b []byte) (int, error) {
	return sent(func() (int, error) { return unix.Write(s.fd, b) })
}

// writeParts is write of what lies in pieces.
func (s *socket) writeParts(parts [][]byte) (int, error) {
	return sent(func() (int, error) { return unix.Writev(s.fd, parts) })
}

func sent(call func() (int, error)) (int, error) {
	for {
		switch n, err := call(); err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, nil
		default:
			return 0, os.NewSyscallError("write", err)
		}
	}
}

// abort has the kernel throw away what the far end does not take, once the
// socket is closed.
func (s *socket) abort() {
	_ = unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

func (s *socket) close() error { return unix.Close(s.fd) }
