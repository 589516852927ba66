package satellite_test

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"co2/methods/wire"
)

// A memListener is a listener at an address that exists nowhere.
type memListener struct {
	at    netip.AddrPort
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newMemListener(at string) *memListener {
	return &memListener{at: netip.MustParseAddrPort(at), conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *memListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }

// dial connects to l from an address of choice.
func (l *memListener) dial(from string) wire.DialFunc {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case l.conns <- memConn{far, l.Addr(), net.TCPAddrFromAddrPort(netip.MustParseAddrPort(from))}:
			return near, nil
		case <-l.done:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// A memConn is a pipe with addresses.
type memConn struct {
	net.Conn
	local, remote net.Addr
}

func (c memConn) LocalAddr() net.Addr  { return c.local }
func (c memConn) RemoteAddr() net.Addr { return c.remote }
