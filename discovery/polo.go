// Package discovery lets programs find one another on a local network by the
// MarcoPolo protocol of 2015: JSON datagrams over IPv4 multicast. A [Polo]
// offers services; [Find] asks, as a Marco, who offers one. Both work with the
// original programs.
//
// The protocol has no authentication. Any host can claim a service, and what a
// Polo offers is told to whoever asks: a found address is a hint, to be
// verified by talking to the service itself.
//
// All exported functions and methods may be called concurrently, except that
// a Polo has one Run at a time.
package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
)

// A PoloConfig says where a [Polo] answers and whom. Its zero value means the
// defaults.
type PoloConfig struct {
	Group netip.Addr // multicast group; default 224.0.0.112
	Port  uint16     // UDP port; default 1337
	// Interfaces are where it answers; default loopback, so that only this
	// host finds it.
	Interfaces []net.Interface
	// Hostname is told to whoever asks for nodes; default the system's.
	Hostname string
	// Networks are those whose hosts are answered; default the networks that
	// are directly attached to the interface a request came in on.
	Networks []netip.Prefix
	// Listen opens the socket; default [ListenGroup].
	Listen func(group netip.AddrPort) (GroupConn, error)
}

// A Polo answers requests for services in one multicast group.
type Polo struct {
	cfg        PoloConfig
	services   *Services
	log        *slog.Logger
	neighbours neighbours
	limiter    *limiter

	mu    sync.Mutex
	stats PoloStats // guarded by mu
}

// NewPolo returns a Polo that offers services, which may change at any time,
// once it runs. A nil log is silent.
func NewPolo(cfg PoloConfig, services *Services, log *slog.Logger) *Polo {
	if !cfg.Group.IsValid() {
		cfg.Group = DefaultGroup()
	}
	cfg.Port = cmp.Or(cfg.Port, DefaultPort)
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname() // an unknown name is told as an empty one
	}
	if cfg.Listen == nil {
		cfg.Listen = ListenGroup
	}
	return &Polo{cfg: cfg, services: services, log: orSilent(log), limiter: newLimiter()}
}

// Run answers until ctx ends, and then returns nil. While the group cannot be
// joined, or not on every interface, it keeps trying, 3 s after the first
// failure, then at growing intervals of up to a minute; the log says when that
// begins and ends, and [Polo.Stats] whether it lasts. The only error is a
// config that can never work.
func (p *Polo) Run(ctx context.Context) error {
	if !isGroup(p.cfg.Group) {
		return fmt.Errorf("polo: group %s is not an IPv4 multicast address", p.cfg.Group)
	}
	var waits backoff
	for ctx.Err() == nil {
		conn, on, err := p.open()
		if err == nil {
			waits = backoff{}
			err = p.serve(ctx, conn, on)
		}
		if ctx.Err() == nil {
			p.note(err)
			sleep(ctx, waits.next())
		}
	}
	return nil
}

func (p *Polo) open() (GroupConn, []net.Interface, error) {
	on := p.cfg.Interfaces
	if len(on) == 0 {
		var err error
		if on, err = loopback(); err != nil {
			return nil, nil, err
		}
	}
	conn, err := p.cfg.Listen(netip.AddrPortFrom(p.cfg.Group, p.cfg.Port))
	return conn, on, err
}

// serve answers on the interfaces that can be joined and tries the others
// again from time to time, until the socket fails or ctx closes it.
func (p *Polo) serve(ctx context.Context, conn GroupConn, on []net.Interface) error {
	defer closeWith(ctx, conn)()
	p.neighbours = neighbours{interfaces: on, allowed: p.cfg.Networks}
	var waits backoff
	for missing := on; ; {
		missing = p.join(conn, missing)
		var again time.Time
		if len(missing) > 0 {
			again = time.Now().Add(waits.next())
		}
		if err := conn.SetReadDeadline(again); err != nil {
			return err
		}
		if err := p.listen(conn); !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// join returns the interfaces that could not be joined.
func (p *Polo) join(conn GroupConn, on []net.Interface) []net.Interface {
	var errs []error
	missing := slices.DeleteFunc(slices.Clone(on), func(i net.Interface) bool {
		err := conn.Join(i)
		if err != nil {
			errs = append(errs, err)
		}
		return err == nil
	})
	p.note(errors.Join(errs...))
	return missing
}

// listen answers each datagram until reading fails.
func (p *Polo) listen(conn PacketConn) error {
	buf := make([]byte, MaxMessage+1) // one more, to tell what is too long
	for {
		n, path, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		reply, silence := p.answer(buf[:n], path, time.Now())
		if silence == nil {
			// The source address is left to routing, as in the original.
			_, silence = conn.WriteTo(reply, Path{Peer: path.Peer})
		}
		p.count(silence)
		if silence != nil {
			p.log.Debug("request not answered", "err", silence, "remote", path.Peer, "datagram", excerpt(buf[:n]))
		}
	}
}
