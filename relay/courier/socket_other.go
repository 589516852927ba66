//go:build !linux

package courier

import (
	"net"
	"time"
)

// A socket is not taken on this system: connections stay with package net.
type socket struct{}

func takeSocket(net.Conn) *socket { return nil }

func (*socket) read([]byte) (int, error)         { return 0, nil }
func (*socket) write([]byte) (int, error)        { return 0, nil }
func (*socket) writeParts([][]byte) (int, error) { return 0, nil }
func (*socket) abort()                           {}
func (*socket) close() error                     { return nil }

// A waiter is not needed without sockets.
type waiter struct{}

func newWaiter() *waiter { return nil }

func (*waiter) wait(*socket, time.Duration) {}
func (*waiter) close()                      {}
