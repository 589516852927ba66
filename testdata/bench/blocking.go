package main

import (
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// A blocking is a connection whose reads and writes are plain system calls
// that keep their thread, as a program with one connection makes them. Go's
// own wait in a poller, and wake a thread for each answer: with one call at a
// time that takes longer than most servers do.
type blocking struct{ fd int }

func dialBlocking(network, addr string) (*blocking, error) {
	conn, err := net.Dial(network, addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &blocking{fd: -1}
	if err := raw.Control(func(fd uintptr) { b.fd, err = syscall.Dup(int(fd)) }); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("dup: %w", err)
	}
	return b, syscall.SetNonblock(b.fd, false)
}

// SetDeadline bounds each read and write by the time that is left now.
func (b *blocking) SetDeadline(by time.Time) error {
	left := syscall.NsecToTimeval(int64(time.Until(by)))
	if err := syscall.SetsockoptTimeval(b.fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &left); err != nil {
		return err
	}
	return syscall.SetsockoptTimeval(b.fd, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &left)
}

// Read implements io.Reader.
func (b *blocking) Read(p []byte) (int, error) {
	for {
		switch n, err := syscall.Read(b.fd, p); {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write implements io.Writer.
func (b *blocking) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n, err := syscall.Write(b.fd, p[done:])
		if err != nil && err != syscall.EINTR {
			return done, err
		}
		done += max(n, 0)
	}
	return len(p), nil
}

// Close implements io.Closer.
func (b *blocking) Close() error { return syscall.Close(b.fd) }
