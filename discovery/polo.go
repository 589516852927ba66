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
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
)

// A PoloConfig says where a [Polo] answers and whom. Its zero value means the
// defaults.
type PoloConfig struct {
	Groups []netip.Addr // multicast groups; default [DefaultGroups]
	Port   uint16       // UDP port; default 1337
	// Interfaces returns where it answers; default [Loopback], so that only
	// this host finds it.
	Interfaces func() ([]Interface, error)
	// Hostname is told to whoever asks for nodes; default the system's.
	Hostname string
	// Networks are those whose hosts are answered; default the networks that
	// are directly attached to the interface a request came in on.
	Networks []netip.Prefix
	// Listen opens the socket; default [ListenGroup].
	Listen func(group netip.AddrPort) (GroupConn, error)
}

// Offers is what a [Polo] has to offer. The datagrams it returns are shared:
// they are never changed. A group that is not valid stands for unicast, where
// the services of all groups are offered. All methods may be called
// concurrently.
type Offers interface {
	// Reply returns the answer to a request for a root service, from memory.
	Reply(group netip.Addr, id string) (datagram []byte, ok bool)
	// IsUserID reports whether id has the form of a user's service.
	IsUserID(id string) bool
	// UserReply returns the answer to a request for a user's service. It may
	// read from disk.
	UserReply(group netip.Addr, id string) (datagram []byte, ok bool)
	// ServicesReply returns the list of the root services.
	ServicesReply(group netip.Addr) []byte
}

// A Polo answers requests for services in its multicast groups.
type Polo struct {
	cfg    PoloConfig
	offers Offers
	log    *slog.Logger

	mu         sync.Mutex
	neighbours neighbours // guarded by mu, as what follows
	limiter    *limiter
	stats      PoloStats
}

// NewPolo returns a Polo that offers offers, which may change at any time,
// once it runs. A nil log is silent.
func NewPolo(cfg PoloConfig, offers Offers, log *slog.Logger) *Polo {
	if len(cfg.Groups) == 0 {
		cfg.Groups = DefaultGroups()
	}
	if cfg.Interfaces == nil {
		cfg.Interfaces = Loopback
	}
	cfg.Port = cmp.Or(cfg.Port, DefaultPort)
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname() // an unknown name is told as an empty one
	}
	if cfg.Listen == nil {
		cfg.Listen = ListenGroup
	}
	return &Polo{cfg: cfg, offers: offers, log: orSilent(log), limiter: newLimiter()}
}

// Run answers until ctx ends, and then returns nil. While a group cannot be
// joined, or not on every interface, it keeps trying, 3 s after the first
// failure, then at growing intervals of up to a minute; the log says when that
// begins and ends, and [Polo.Stats] whether it lasts. The only error is a
// config that can never work.
func (p *Polo) Run(ctx context.Context) error {
	for _, group := range p.cfg.Groups {
		if !isGroup(group) {
			return fmt.Errorf("polo: group %s is not an IPv4 multicast address", group)
		}
	}
	var groups sync.WaitGroup
	for _, group := range p.cfg.Groups {
		groups.Go(func() { p.hear(ctx, group) })
	}
	groups.Wait()
	return nil
}

// hear answers one group.
func (p *Polo) hear(ctx context.Context, group netip.Addr) {
	var waits backoff
	for ctx.Err() == nil {
		conn, on, err := p.open(group)
		if err == nil {
			waits = backoff{}
			err = p.serve(ctx, group, conn, on)
		}
		if ctx.Err() == nil {
			p.note(group, err)
			sleep(ctx, waits.next())
		}
	}
}

func (p *Polo) open(group netip.Addr) (GroupConn, []Interface, error) {
	on, err := p.cfg.Interfaces()
	if err != nil {
		return nil, nil, err
	}
	conn, err := p.cfg.Listen(netip.AddrPortFrom(group, p.cfg.Port))
	return conn, on, err
}

// serve answers on the interfaces that can be joined and tries the others
// again from time to time, until the socket fails or ctx closes it.
func (p *Polo) serve(ctx context.Context, group netip.Addr, conn GroupConn, on []Interface) error {
	defer closeWith(ctx, conn)()
	p.mu.Lock()
	p.neighbours = neighbours{interfaces: on, allowed: p.cfg.Networks}
	p.mu.Unlock()
	var waits backoff
	for missing := on; ; {
		missing = p.join(group, conn, missing)
		var again time.Time
		if len(missing) > 0 {
			again = time.Now().Add(waits.next())
		}
		if err := conn.SetReadDeadline(again); err != nil {
			return err
		}
		if err := p.listen(group, conn); !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// join returns the interfaces that could not be joined.
func (p *Polo) join(group netip.Addr, conn GroupConn, on []Interface) []Interface {
	var errs []error
	missing := slices.DeleteFunc(slices.Clone(on), func(i Interface) bool {
		err := conn.Join(i.Interface)
		if err != nil {
			errs = append(errs, err)
		}
		return err == nil
	})
	p.note(group, errors.Join(errs...))
	return missing
}

// listen answers each datagram until reading fails.
func (p *Polo) listen(group netip.Addr, conn PacketConn) error {
	buf := make([]byte, MaxMessage+1) // one more, to tell what is too long
	for {
		n, path, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		reply, silence := p.answer(buf[:n], group, path, time.Now())
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
