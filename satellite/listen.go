package satellite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// DefaultPort is where satellites listen.
const DefaultPort = "2004"

// open opens the address the relay calls. Without one given it is the address
// by which this host reaches the relay, so that the relay reaches it back: the
// loopback when the relay is on it. That is known once the relay answers, so
// open tries until then.
func (n *Node) open(ctx context.Context) (net.Listener, error) {
	switch {
	case n.cfg.Listener != nil:
		return n.cfg.Listener, nil
	case n.cfg.Listen != "":
		return new(net.ListenConfig).Listen(ctx, "tcp", n.cfg.Listen)
	}
	tries := n.cfg.backoff()
	for {
		ip, err := wayTo(ctx, n.control)
		if err == nil {
			return n.listenOn(ctx, ip)
		}
		n.tell(ctx, Status{Err: err, Retry: tries.next})
		tries.pause(ctx)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// listenOn listens on port 2004 of ip, or on a free one when that is taken or
// was not wanted.
func (n *Node) listenOn(ctx context.Context, ip string) (net.Listener, error) {
	var lc net.ListenConfig
	if n.cfg.AnyPort {
		return lc.Listen(ctx, "tcp", net.JoinHostPort(ip, "0"))
	}
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(ip, DefaultPort))
	if errors.Is(err, syscall.EADDRINUSE) {
		ln, err = lc.Listen(ctx, "tcp", net.JoinHostPort(ip, "0"))
	}
	return ln, err
}

// wayTo returns the local address of a connection to the relay. A name may
// have several addresses, so only a connection that stands tells which.
func wayTo(ctx context.Context, control *Control) (string, error) {
	d := net.Dialer{Timeout: 3 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(control.url.Hostname(), control.port()))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	host, _, err := net.SplitHostPort(conn.LocalAddr().String())
	return host, err
}

// portOf returns the port the relay is told.
func portOf(ln net.Listener) (int, error) {
	at, err := netip.ParseAddrPort(ln.Addr().String())
	if err != nil {
		return 0, fmt.Errorf("listening on %s, which is no IP address and port", ln.Addr())
	}
	return int(at.Port()), nil
}
