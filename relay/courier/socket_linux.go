package courier

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A socket is a connected TCP socket outside of Go's own poller, which would
// be woken by every answer though a worker is about to read it anyway. Its
// functions never wait. It is for one goroutine at a time.
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
	n, errno := s.do(unix.SYS_RECVFROM, b)
	switch {
	case errno == unix.EAGAIN:
		return 0, nil
	case errno != 0:
		return 0, os.NewSyscallError("recv", errno)
	case n == 0 && len(b) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// do makes a system call that moves octets of b. The kernel never waits in
// it, so Go's scheduler is not told: it would take each call that the far end
// interrupts for one that blocks, and look for such 50,000 times a second.
// Sending and receiving are shorter ways through it than writing and reading.
func (s *socket) do(call uintptr, b []byte) (int, syscall.Errno) {
	if len(b) == 0 {
		return 0, 0
	}
	for {
		n, _, errno := unix.RawSyscall6(call, uintptr(s.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), 0
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// write writes what the far end takes at once.
func (s *socket) write(b []byte) (int, error) {
	n, errno := s.do(unix.SYS_SENDTO, b)
	if errno != 0 && errno != unix.EAGAIN {
		return 0, os.NewSyscallError("send", errno)
	}
	return n, nil
}

// writeParts is write of what lies in pieces.
func (s *socket) writeParts(parts [][]byte) (n int, err error) {
	for _, b := range parts {
		k, err := s.write(b)
		if n += k; err != nil || k < len(b) {
			return n, err
		}
	}
	return n, nil
}

// abort has the kernel throw away what the far end does not take, once the
// socket is closed.
func (s *socket) abort() {
	_ = unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}

func (s *socket) close() error { return unix.Close(s.fd) }
