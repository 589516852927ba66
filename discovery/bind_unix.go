//go:build unix

package discovery

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// bindGroup makes the socket by hand because package net binds to the wildcard
// address, with SO_REUSEADDR, when it is given a group. Shared sets that option
// on the group: each of those who have set it hears every datagram.
func bindGroup(group netip.AddrPort, shared bool) (*net.UDPConn, error) {
	fd, err := socket()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), "polo "+group.String())
	defer file.Close() // FilePacketConn works on a duplicate
	if shared {
		if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
			return nil, os.NewSyscallError("setsockopt", err)
		}
	}
	to := &syscall.SockaddrInet4{Port: int(group.Port()), Addr: group.Addr().As4()}
	switch err := syscall.Bind(fd, to); {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, ErrGroupTaken
	case err != nil:
		return nil, os.NewSyscallError("bind", err)
	}
	conn, err := net.FilePacketConn(file)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

// socket holds off forks until the new socket is marked not to be inherited.
func socket() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, syscall.IPPROTO_UDP)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}
