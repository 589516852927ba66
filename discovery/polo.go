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
	"maps"
	"net/netip"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A PoloConfig says where a [Polo] answers, whom, and what about itself. Its
// zero value means the defaults.
type PoloConfig struct {
	Groups []netip.Addr // multicast groups; default [DefaultGroups]
	Port   uint16       // UDP port; default 1337
	// Interfaces returns where it answers; default [Loopback], so that only
	// this host finds it. It is called every 3 s: interfaces come and go.
	Interfaces func() ([]Interface, error)
	// Attempts is how often to try to listen to a group, and to join it on an
	// interface; default without end.
	Attempts int
	// Hops is the multicast time to live of the sockets, as the original sets
	// it, though a Polo sends only unicast; default 1.
	Hops int

	// Params are told to whoever asks for nodes; default only the hostname,
	// which is added if it is missing.
	Params       map[string]any
	Hostname     string // default the system's
	HideHostname bool   // leaves it out of Params

	// Networks are those whose hosts are answered; default the networks that
	// are directly attached to the interface a request came in on.
	Networks []netip.Prefix
	Limits   Limits // of replies

	// Changed is called by Run after its first attempt to hear the groups, and
	// whenever what it hears has changed. It must return soon.
	Changed func(PoloStats)

	// Listen opens the socket of a group; default [ListenGroup], which lets no
	// other program of this host hear it, as [ShareGroup] does.
	Listen        func(group netip.AddrPort) (GroupConn, error)
	ListenUnicast func(addr netip.AddrPort) (PacketConn, error) // default [ListenUnicast]
}

// A Polo answers requests for services, in its multicast groups and by unicast.
type Polo struct {
	cfg     PoloConfig
	offers  Offers
	log     *slog.Logger
	lines   *trickle // of log, for what the network sends
	limiter *limiter
	self    []byte    // the answer to Marco
	selfErr error     // why there is none
	counts  []*counts // of the groups, and at last of unicast
	around  atomic.Pointer[surroundings]

	mu    sync.Mutex
	heard PoloStats // all but the counters; guarded by mu
}

// NewPolo returns a Polo that offers offers, which may change at any time,
// once it runs. A nil log is silent.
func NewPolo(cfg PoloConfig, offers Offers, log *slog.Logger) *Polo {
	cfg = cfg.complete()
	p := &Polo{cfg: cfg, offers: offers, log: orSilent(log), lines: newTrickle(), limiter: newLimiter(cfg.Limits)}
	p.self, p.selfErr = Reply{Command: CommandPolo, Params: cfg.Params}.Encode()
	for range len(cfg.Groups) + 1 {
		p.counts = append(p.counts, new(counts))
	}
	p.around.Store(new(surroundings))
	for _, group := range cfg.Groups {
		p.heard.Groups = append(p.heard.Groups, GroupStats{Group: group})
	}
	return p
}

// complete returns cfg with its defaults.
func (cfg PoloConfig) complete() PoloConfig {
	if len(cfg.Groups) == 0 {
		cfg.Groups = DefaultGroups()
	}
	cfg.Port = cmp.Or(cfg.Port, DefaultPort)
	cfg.Hops = cmp.Or(cfg.Hops, 1)
	if cfg.Interfaces == nil {
		cfg.Interfaces = Loopback
	}
	if cfg.Listen == nil {
		cfg.Listen = ListenGroup
	}
	if cfg.ListenUnicast == nil {
		cfg.ListenUnicast = ListenUnicast
	}
	if cfg.Hostname == "" {
		cfg.Hostname, _ = os.Hostname() // an unknown name is told as an empty one
	}
	cfg.Params = cfg.told()
	return cfg
}

// told returns the params of the node: always an object, and with the hostname
// unless that is hidden, whatever the original was configured to send.
func (cfg PoloConfig) told() map[string]any {
	params := map[string]any{"hostname": cfg.Hostname}
	maps.Copy(params, cfg.Params)
	if cfg.HideHostname {
		delete(params, "hostname")
	}
	return params
}

// Check returns why the Polo can never answer, or nil: what [Polo.Run] would
// return.
func (p *Polo) Check() error {
	var errs []error
	for i, group := range p.cfg.Groups {
		switch {
		case !isGroup(group):
			errs = append(errs, fmt.Errorf("group %s is not an IPv4 multicast address", group))
		case slices.Contains(p.cfg.Groups[:i], group):
			errs = append(errs, fmt.Errorf("group %s is given twice", group))
		}
	}
	if p.selfErr != nil {
		errs = append(errs, fmt.Errorf("params of the node: %w", p.selfErr))
	}
	if p.cfg.Hops < 1 || p.cfg.Hops > 255 {
		errs = append(errs, fmt.Errorf("%d hops, want 1 to 255", p.cfg.Hops))
	}
	return errors.Join(errs...)
}

// Run answers until ctx ends, and then returns nil. While a group cannot be
// heard, or not on every interface, it keeps trying, 3 s after the first
// failure, then at growing intervals of up to a minute; the log says when that
// begins and ends, and [Polo.Stats] whether it lasts. The only error is a
// config that can never work.
func (p *Polo) Run(ctx context.Context) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("polo: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	h := newHearing(ctx, p)
	defer h.close()
	defer stop()
	rounds := time.NewTicker(roundTime)
	defer rounds.Stop()
	for {
		h.round()
		select {
		case <-ctx.Done():
			return nil
		case <-rounds.C:
		}
	}
}
