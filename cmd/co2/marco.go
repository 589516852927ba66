package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
	"co2/registry"
)

// marcoCmd is co2 marco: a Marco as a daemon, in the place of the original's
// marcod.
type marcoCmd struct {
	Config  string        `arg:"--config,env:CO2_MARCO_CONFIG" placeholder:"FILE" help:"configuration [default: /etc/marcopolo/marco/marco.cfg, if it is there]"`
	Listen  string        `arg:"--listen,env:CO2_MARCO_LISTEN" placeholder:"ADDR" help:"address for local programs; the bindings of MarcoPolo know only the default [default: 127.0.1.1:1338]"`
	Network []string      `arg:"--network,separate,env:CO2_MARCO_NETWORK" placeholder:"PREFIX" help:"answer programs of this network too, such as 172.17.0.0/16, which needs --listen; may be repeated"`
	Group   []string      `arg:"-d,--group,separate,env:CO2_MARCO_GROUP" placeholder:"GROUP" help:"multicast group to ask for programs that name none; may be repeated [default: 224.0.0.112]"`
	Timeout time.Duration `arg:"--timeout,env:CO2_MARCO_TIMEOUT" placeholder:"TIME" help:"how long to wait for answers for programs that do not say, at most 1m [default: 1s]"`
	Retries int           `arg:"--retries,env:CO2_MARCO_RETRIES" default:"1" placeholder:"N" help:"how often to ask again in that time, at most 10; datagrams may get lost"`
	Queries int           `arg:"--max-queries,env:CO2_MARCO_MAX_QUERIES" default:"256" placeholder:"N" help:"queries at one time; what local programs send above that is not answered"`
	Port    uint16        `arg:"--polo-port,env:CO2_POLO_PORT" placeholder:"PORT" help:"UDP port to ask on [default: 1337]"`
	PidFile string        `arg:"--pid-file,env:CO2_MARCO_PID_FILE" placeholder:"FILE" help:"where its process number is kept [default: /run/marcopolo/marcod.pid for root, co2/marcod.pid in $XDG_RUNTIME_DIR for others]"`
	logged
	Verbose bool `arg:"-v,--verbose,env:CO2_VERBOSE" help:"log every request that is refused or ignored"`
	Reload  bool `arg:"--reload" help:"have the running one of --pid-file read its configuration again, as SIGHUP does, and end"`
}

func (c *marcoCmd) run(ctx context.Context, t terminal) error {
	if c.Reload {
		return signalReload(t, daemonPidFile(c.PidFile, "marcod.pid"))
	}
	set, err := c.settings()
	if err != nil {
		return err
	}
	return c.serve(ctx, t, set)
}

// marcoSettings are what holds: the flags over the configuration file over the
// defaults.
type marcoSettings struct {
	discovery.MarcoFile
	config   string // path; empty: there is none
	warnings []discovery.ConfigWarning
	listen   netip.AddrPort
	networks []netip.Prefix
}

func (c *marcoCmd) settings() (marcoSettings, error) {
	set := marcoSettings{config: c.Config}
	if set.config == "" {
		set.config = discovery.MarcoConfigFile
	}
	var err error
	if set.MarcoFile, set.warnings, err = discovery.ReadMarcoFile(set.config); err != nil {
		return set, err
	}
	if _, err := os.Stat(set.config); errors.Is(err, fs.ErrNotExist) {
		if c.Config != "" {
			return set, usagef("--config %s: there is no such file", c.Config)
		}
		set.config = ""
	}
	return set, c.over(&set)
}

// over puts the flags over what the file says.
func (c *marcoCmd) over(set *marcoSettings) (err error) {
	set.listen = netip.AddrPortFrom(set.BindingAddr, set.BindingPort)
	if c.Listen != "" {
		if set.listen, err = netip.ParseAddrPort(c.Listen); err != nil || !set.listen.Addr().Is4() {
			return usagef("--listen %q is not an IPv4 address with a port, such as 127.0.1.1:1338", c.Listen)
		}
	}
	for _, text := range c.Network {
		network, err := netip.ParsePrefix(text)
		if err != nil || !network.Addr().Is4() {
			return usagef("--network %q is not an IPv4 network such as 172.17.0.0/16", text)
		}
		set.networks = append(set.networks, network.Masked())
	}
	groups, err := groupFlags(c.Group)
	if err != nil {
		return err
	}
	if len(groups) > 0 {
		set.Groups = groups
	}
	if c.Timeout != 0 {
		set.Timeout = c.Timeout
	}
	if c.Port != 0 {
		set.PoloPort = c.Port
	}
	return c.check(set)
}

func (c *marcoCmd) check(set *marcoSettings) error {
	switch {
	case set.Timeout < time.Millisecond || set.Timeout > discovery.MaxTimeout:
		return usagef("--timeout %v is not from 1ms to 1m", set.Timeout)
	case c.Retries < 0 || c.Retries > discovery.MaxRetries:
		return usagef("--retries %d is not from 0 to %d", c.Retries, discovery.MaxRetries)
	case c.Queries < 1:
		return usagef("--max-queries %d is no number of queries", c.Queries)
	}
	return nil
}

func (c *marcoCmd) query(set marcoSettings) discovery.Query {
	return discovery.Query{Groups: set.Groups, Port: set.PoloPort, Timeout: set.Timeout, Retries: c.Retries}
}

// serve is the daemon.
func (c *marcoCmd) serve(ctx context.Context, t terminal, set marcoSettings) (err error) {
	d, err := beginDaemon(c.daemon(set.Log, c.Verbose, t.err), daemonPidFile(c.PidFile, "marcod.pid"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	log := d.log
	warnOfConfig(log.Logger, set.warnings)
	door := binding.NewMarcoDoor(binding.MarcoConfig{
		Addr: set.listen, Query: c.query(set), Queries: c.Queries, Networks: set.networks,
	}, log.Logger)
	if err := door.Listen(); err != nil {
		return fmt.Errorf("%w; if another Marco runs, stop that, or choose with --listen ADDR", err)
	}
	c.announce(t, set)
	return serve(ctx,
		service{"log", log.thin.Run},
		service{"marco", door.Run},
		service{"reload", func(ctx context.Context) error { return c.reloadAt(ctx, d.reloads, door, set, log) }},
	)
}

func (c *marcoCmd) announce(t terminal, set marcoSettings) {
	fmt.Fprintf(t.out, "co2 marco %s\n", registry.Version)
	fmt.Fprintf(t.out, "  answering  programs of this host at %s, UDP\n", set.listen)
	for _, n := range set.networks {
		fmt.Fprintf(t.out, "             and those of %s\n", n)
	}
	fmt.Fprintf(t.out, "  asking     %s, UDP port %d, for %v\n", groupWords(set.Groups), set.PoloPort, set.Timeout)
	if set.config != "" {
		fmt.Fprintf(t.out, "  config     %s\n", set.config)
	}
	fmt.Fprintln(t.out, "Next: programs with a MarcoPolo binding find nodes and services; co2 find needs no Marco")
}

// reloadAt reads the configuration again at each signal, and takes of it what
// can be without a restart.
func (c *marcoCmd) reloadAt(ctx context.Context, reloads <-chan os.Signal, door *binding.MarcoDoor, set marcoSettings, log daemonLog) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-reloads:
		}
		log.reopen()
		now, err := c.settings()
		if err != nil {
			log.Error("configuration not reloaded, that of before holds", "code", "MARCO-NORELOAD", "err", err)
			continue
		}
		warnOfConfig(log.Logger, now.warnings)
		log.setLevel(now.Log)
		logChanges(log.Logger, marcoKeys(set, now))
		door.SetQuery(c.query(now))
		set.Timeout, set.Groups, set.PoloPort, set.Log.Level = now.Timeout, now.Groups, now.PoloPort, now.Log.Level
		log.Info("configuration reloaded", "code", "MARCO-RELOAD", "groups", groupWords(set.Groups), "timeout", set.Timeout, "polo_port", set.PoloPort)
	}
}

// marcoKeys are the keys with an effect.
func marcoKeys(was, now marcoSettings) []configKey {
	return []configKey{
		{"timeout", was.Timeout, now.Timeout, false},
		{"multicast_addr", was.Groups, now.Groups, false},
		{"poloport", was.PoloPort, now.PoloPort, false},
		{"logging_level", was.Log.Level, now.Log.Level, false},
		{"logging_dir", was.Log.Dir, now.Log.Dir, true},
		{"logging_filename", was.Log.Name, now.Log.Name, true},
		{"binding_iface", was.listen.Addr(), now.listen.Addr(), true},
		{"marcoport", was.listen.Port(), now.listen.Port(), true},
	}
}
