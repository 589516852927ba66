package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"co2/methods"
	"co2/registry"
	"co2/relay"
	"co2/relay/courier"
)

// serveCmd is co2 serve: the relay.
type serveCmd struct {
	Listen          string        `arg:"--listen,env:CO2_LISTEN" placeholder:"ADDR" help:"address to listen on; port 0 picks a free one [default: 127.0.0.1:2003]"`
	LAN             bool          `arg:"--lan,env:CO2_LAN" help:"listen on all interfaces, so that other hosts can join"`
	State           string        `arg:"--state,env:CO2_STATE" placeholder:"DIR" help:"folder of the dump [default: co2 in the user's state folder]"`
	MaxSats         int           `arg:"--max-sats,env:CO2_MAX_SATS" default:"10000" placeholder:"N" help:"satellites registered at once; 0: no limit"`
	Rate            float64       `arg:"--rate,env:CO2_RATE" default:"100" placeholder:"N" help:"messages a second from one satellite; 0: no limit"`
	Burst           int           `arg:"--burst,env:CO2_BURST" default:"200" placeholder:"N" help:"messages from one satellite before the rate holds"`
	PingInterval    time.Duration `arg:"--ping-interval,env:CO2_PING_INTERVAL" default:"30s" placeholder:"TIME" help:"between pings of one satellite; 0: only the first"`
	RemoveAfter     span          `arg:"--remove-after,env:CO2_REMOVE_AFTER" placeholder:"TIME" help:"remove satellites that are down for so long, as 36h or 7d; 0: never [default: never]"`
	MassDown        float64       `arg:"--mass-down,env:CO2_MASS_DOWN" default:"15" placeholder:"PERCENT" help:"hold removal, an hour at most, when so many of the satellites and at least 3 go down at once; 0: never"`
	AnyAddress      bool          `arg:"--any-address,env:CO2_ANY_ADDRESS" help:"take messages for a satellite from any address, for satellites behind NAT or with several interfaces"`
	Maintainer      string        `arg:"--maintainer,env:CO2_MAINTAINER" placeholder:"NAME" help:"who runs this relay, told in its properties"`
	MaintainerEmail string        `arg:"--maintainer-email,env:CO2_MAINTAINER_EMAIL" placeholder:"ADDRESS" help:"and where to reach them"`
	Host            []string      `arg:"--host,separate,env:CO2_HOST" placeholder:"NAME" help:"a host name by which browsers reach the pages; may be repeated"`
	Origin          []string      `arg:"--origin,separate,env:CO2_ORIGIN" placeholder:"ORIGIN" help:"an origin whose pages may make calls, such as https://panel.example; may be repeated"`
	NoPolo          bool          `arg:"--no-polo,env:CO2_NO_POLO" help:"do not advertise the relay by multicast"`
	PoloPort        uint16        `arg:"--polo-port,env:CO2_POLO_PORT" default:"1337" placeholder:"PORT" help:"UDP port on which it is advertised"`
	PoloSocket      string        `arg:"--polo-socket,env:CO2_POLO_SOCKET" placeholder:"FILE" help:"Unix socket of the Polo that advertises the relay while it has that port, if it is elsewhere than usual"`
	Validator       bool          `arg:"--validator,env:CO2_VALIDATOR" help:"also serve the eight methods of the XML-RPC validator, validator1.*, to clients under test"`
	storing
	watched
	logging
	bounds
	outboxes
	secured
	limits
}

const (
	defaultListen = "127.0.0.1:2003"
	lanListen     = ":2003"
)

func (c *serveCmd) run(ctx context.Context, t terminal) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	reload := newReload()
	defer reload.close()
	heap := newHeapKeeper(memoryLimit())
	log, thin := c.events(t.err, orDebug(slog.LevelInfo, c.Verbose))
	defer thin.tell(context.WithoutCancel(ctx))
	access, err := c.access(t)
	if err != nil {
		return err
	}
	reload.access = access
	c.fitMemory(memoryLimit(), log)
	files := shareOut(openFilesLimit(), c.MaxConns, c.MaxSats)
	dir, err := c.stateDir()
	if err != nil {
		return err
	}
	dump, err := c.storing.open(dir, log)
	if err != nil {
		return stateHint(err)
	}
	defer func() { err = errors.Join(err, dump.Close()) }()
	carrier := courier.New(courier.Config{UserAgent: "co2/" + registry.Version, MaxKept: files.kept()})
	defer carrier.Close()
	host := new(hostUse)
	relayCfg := c.relayConfig()
	relayCfg.Host = host.use
	watch := c.watched.begin(log, access, c.AcceptWithoutDisk)
	r, err := relay.New(ctx, relayCfg, watch.metrics.dump.measure(dump), carrier, log)
	if err != nil {
		return err
	}
	cfg := c.registryConfig()
	watch.into(&cfg)
	cfg.Door.MaxConns = files.conns
	if reload.certificate, err = c.secured.into(&cfg.Door, log); err != nil {
		return err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", c.address())
	if err != nil {
		return c.listenHint(err)
	}
	defer ln.Close() // again, unless something fails before it is served
	at := netip.MustParseAddrPort(ln.Addr().String())
	r.Listens(at)
	polo, err := c.polo(at, dir, log)
	if err != nil {
		return err
	}
	reload.polo = polo
	pages := newNetwork(r, dump)
	if pages.polo = polo; !canAdvertise(at) {
		pages.noPolo = "it leads to IPv4 addresses only, and this relay has none"
	}
	cfg.Network = pages
	cfg.CallSatellite = newHandCaller(r).call
	server, err := registry.New(cfg, log, append(c.methods(r), polo.methods()...)...)
	if err != nil {
		return err
	}
	host.server = server
	if err := watch.open(ctx, r, server, polo); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, watch.close()) }()
	services := append([]service{
		{"http", func(ctx context.Context) error { return watch.serve(ctx, ln) }},
		{"relay", r.Run},
		{"memory", heap.Run},
		{"log", thin.Run},
		{"reload", func(ctx context.Context) error { return reload.run(ctx, log) }},
	}, slices.Concat(pages.services(), polo.services())...)
	c.announce(t, at, dump, r, files, watch)
	defer context.AfterFunc(ctx, func() {
		watch.health.stopping.Store(true)
		log.Info("stopping; what was accepted is delivered as far as that is quick, a second signal leaves at once", "code", "SERVE-STOP")
	})()
	return serve(ctx, services...)
}

func (c *serveCmd) check() error {
	switch {
	case c.LAN && c.Listen != "":
		return usagef("give --lan or --listen, not both")
	case c.Listen != "" && !hasPort(c.Listen):
		return usagef("--listen %q is not ADDRESS:PORT, such as 127.0.0.1:2003, or :2003 for all addresses", c.Listen)
	case c.MaxSats < 0 || c.Rate < 0 || c.Burst < 1 || c.PingInterval < 0:
		return usagef("--max-sats, --rate and --ping-interval cannot be negative, and --burst is at least 1")
	}
	switch {
	case c.RemoveAfter < 0:
		return usagef("--remove-after is more than 0, for example 24h; without it no satellite is removed")
	case c.RemoveAfter > 0 && c.PingInterval == 0:
		return usagef("--remove-after needs pings: without them nobody is known to be down; set --ping-interval")
	case !(c.MassDown >= 0 && c.MassDown <= 100):
		return usagef("--mass-down is 0 to 100 percent")
	}
	for _, o := range c.Origin {
		if u, err := url.Parse(o); err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != o || strings.Contains(o, "*") {
			return usagef("--origin %q is not scheme://host or scheme://host:port", o)
		}
	}
	return errors.Join(c.bounds.check(), c.watched.check(), c.secured.check(), c.limits.check(), c.outboxes.check())
}

// hasPort reports whether an address to listen on has its form.
func hasPort(address string) bool {
	_, _, err := net.SplitHostPort(address)
	return err == nil
}

func (c *serveCmd) address() string {
	switch {
	case c.LAN:
		return lanListen
	case c.Listen != "":
		return c.Listen
	}
	return defaultListen
}

// stateDir is --state, or co2 in the folder where the user's programs keep
// their state.
func (c *serveCmd) stateDir() (string, error) {
	if c.State != "" {
		return c.State, nil
	}
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "co2"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", usagef("there is no home folder to keep the dump in (%w); name one with --state DIR", err)
	}
	return filepath.Join(home, ".local", "state", "co2"), nil
}

func stateHint(err error) error {
	if errors.Is(err, relay.ErrStateLocked) {
		return fmt.Errorf("%w; stop it, or give this one a folder of its own with --state DIR", err)
	}
	return fmt.Errorf("%w; name a folder you can write with --state DIR, or start without one that can be written with --accept-without-disk", err)
}

func (c *serveCmd) listenHint(err error) error {
	if c.LAN {
		return fmt.Errorf("%w; choose another port with --listen in the place of --lan, for example --listen :2013", err)
	}
	return fmt.Errorf("%w; choose another address with --listen, for example --listen 127.0.0.1:0", err)
}

// relayConfig turns 0, which means no limit on the command line, into what
// means that in a relay.Config.
func (c *serveCmd) relayConfig() relay.Config {
	cfg := relay.Config{
		MaxSats: c.MaxSats, Rate: c.Rate, Burst: c.Burst, PingInterval: c.PingInterval, AnyAddress: c.AnyAddress, AcceptWithoutDisk: c.AcceptWithoutDisk,
	}
	c.bounds.into(&cfg)
	c.outboxes.into(&cfg)
	if cfg.MaxSats == 0 {
		cfg.MaxSats = -1
	}
	if cfg.Rate == 0 {
		cfg.Rate = -1
	}
	if cfg.RemoveAfter, cfg.MassDown = time.Duration(c.RemoveAfter), c.MassDown/100; cfg.MassDown == 0 {
		cfg.MassDown = -1
	}
	if cfg.PingInterval == 0 {
		cfg.PingInterval = -1
	}
	return cfg
}

// polo is nil where there is to be none.
func (c *serveCmd) polo(at netip.AddrPort, state string, log *slog.Logger) (*relayPolo, error) {
	if c.NoPolo || !canAdvertise(at) {
		return nil, nil
	}
	return newRelayPolo(at, c.scheme(), c.PoloPort, c.PoloSocket, state, log)
}

// methods are those of the table beside the built-in ones and the Polo's.
func (c *serveCmd) methods(r *relay.Relay) []methods.Method {
	list := r.Methods()
	if c.Validator {
		list = append(list, registry.Validator()...)
	}
	return list
}

func (c *serveCmd) registryConfig() registry.Config {
	cfg := registry.Config{
		Kind: "relay", Maintainer: c.Maintainer, MaintainerEmail: c.MaintainerEmail, Hosts: c.Host, Origins: c.Origin,
	}
	c.limits.into(&cfg)
	return cfg
}

// announce says what is there, who can reach it, and what to try next.
func (c *serveCmd) announce(t terminal, at netip.AddrPort, dump *relay.Dump, r *relay.Relay, files descriptors, watch *watch) {
	urls := reachable(c.scheme(), at)
	fmt.Fprintf(t.out, "co2 relay %s\n", registry.Version)
	for _, url := range urls {
		fmt.Fprintf(t.out, "  listening  %s\n", url)
	}
	fmt.Fprintf(t.out, "  reachable  %s\n", reachableBy(at))
	fmt.Fprintf(t.out, "  dump       %s (%d satellites)\n", dump.Path(), r.Directory().Len())
	for _, trouble := range dump.Trouble() {
		fmt.Fprintf(t.out, "  TROUBLE    %s\n", printable(trouble))
	}
	if trouble := r.StoreTrouble(); trouble.Failed > 0 {
		fmt.Fprintf(t.out, "  TROUBLE    the dump cannot be written: %s\n", printable(trouble.Err.Error()))
	}
	switch {
	case c.NoPolo:
		fmt.Fprintf(t.out, "  discovery  off\n")
	case !canAdvertise(at):
		fmt.Fprintf(t.out, "  discovery  off: it knows IPv4 addresses only\n")
	default:
		fmt.Fprintf(t.out, "  discovery  as %s by multicast, UDP port %d\n", poloService, c.PoloPort)
	}
	if told := files.words(c.MaxConns, c.MaxSats); told != "" {
		fmt.Fprintf(t.out, "  limited    %s\n", told)
	}
	if c.MaxData > c.MaxBody {
		fmt.Fprintf(t.out, "  limited    a message must fit --max-body %v, whatever --max-data %v allows\n", c.MaxBody, c.MaxData)
	}
	watch.announce(t, c.scheme())
	fmt.Fprintf(t.out, "Next, in another terminal:  co2 satellite%s\n", relayFlag(urls[0]))
}

// relayFlag is what a command needs to use the relay at url.
func relayFlag(url string) string {
	if url == localRelay+"/" {
		return ""
	}
	return " --relay " + url[:len(url)-1]
}

// reachable are the URLs of a listener.
func reachable(scheme string, at netip.AddrPort) []string {
	if !at.Addr().IsUnspecified() {
		return []string{scheme + "://" + at.String() + "/"}
	}
	urls := []string{scheme + "://127.0.0.1:" + strconv.Itoa(int(at.Port())) + "/"}
	addrs, _ := net.InterfaceAddrs() // without them, the loopback is told alone
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			urls = append(urls, scheme+"://"+net.JoinHostPort(n.IP.String(), strconv.Itoa(int(at.Port())))+"/")
		}
	}
	return urls
}

func reachableBy(at netip.AddrPort) string {
	switch {
	case at.Addr().IsLoopback():
		return "by programs on this machine only (--lan lets others in)"
	case at.Addr().IsUnspecified():
		return "by every host that can reach this machine: anyone may register, read and send"
	}
	return "by every host that can reach " + at.Addr().String() + ": anyone may register, read and send"
}
