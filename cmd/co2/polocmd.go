package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"co2/discovery"
	"co2/discovery/binding"
	"co2/registry"
)

// poloCmd is co2 polo: a Polo as a daemon, in the place of the original's
// polod.
type poloCmd struct {
	Dir           string   `arg:"--dir,env:CO2_POLO_DIR" placeholder:"DIR" help:"folder of polo.cfg, the service files and the keys [default: /etc/marcopolo/polo for root, for others co2/polo in their configuration folder]"`
	Config        string   `arg:"--config,env:CO2_POLO_CONFIG" placeholder:"FILE" help:"configuration [default: polo.cfg in --dir]"`
	LAN           bool     `arg:"--lan,env:CO2_POLO_LAN" help:"answer on all interfaces [default: if there is a configuration file; without one, this host alone]"`
	Local         bool     `arg:"--local,env:CO2_POLO_LOCAL" help:"answer this host alone"`
	Interface     []string `arg:"--interface,separate,env:CO2_POLO_INTERFACE" placeholder:"NAME" help:"answer on this interface, also if it comes later; may be repeated"`
	Network       []string `arg:"--network,separate,env:CO2_POLO_NETWORK" placeholder:"PREFIX" help:"answer hosts of this network, such as 10.0.0.0/8; may be repeated [default: the networks of the interfaces]"`
	Answers       *int     `arg:"--answers,env:CO2_POLO_ANSWERS" placeholder:"N" help:"answers a second to all, and as many at once; 0: no limit [default: 512]"`
	SourceAnswers *int     `arg:"--source-answers,env:CO2_POLO_SOURCE_ANSWERS" placeholder:"N" help:"answers a second to one address, and twice as many at once; 0: no limit [default: 32]"`
	Group         []string `arg:"--group,separate,env:CO2_POLO_GROUP" placeholder:"GROUP" help:"multicast group; may be repeated [default: 224.0.0.112 and 224.0.0.113]"`
	Port          uint16   `arg:"--polo-port,env:CO2_POLO_PORT" placeholder:"PORT" help:"UDP port [default: 1337]"`
	BindingPort   uint16   `arg:"--binding-port,env:CO2_POLO_BINDING_PORT" placeholder:"PORT" help:"TCP port of 127.0.0.1 for programs that publish by TLS [default: 1390]"`
	NoTLS         bool     `arg:"--no-tls,env:CO2_POLO_NO_TLS" help:"let programs publish by the Unix socket alone"`
	Socket        string   `arg:"--socket,env:CO2_POLO_SOCKET" placeholder:"FILE" help:"Unix socket for programs that publish [default: /run/marcopolo/polo.sock for root, co2/polo.sock in $XDG_RUNTIME_DIR for others]"`
	PidFile       string   `arg:"--pid-file,env:CO2_POLO_PID_FILE" placeholder:"FILE" help:"where its process number is kept [default: /run/marcopolo/polod.pid for root, co2/polod.pid in $XDG_RUNTIME_DIR for others]"`
	HideHostname  bool     `arg:"--hide-hostname,env:CO2_POLO_HIDE_HOSTNAME" help:"do not tell askers the name of this host"`
	logged
	Verbose       bool     `arg:"-v,--verbose,env:CO2_VERBOSE" help:"log every request that is not answered"`
	Reload        bool     `arg:"--reload" help:"have the running one of --pid-file read its configuration and service files again, as SIGHUP does, and end"`
	ReissueTokens bool     `arg:"--reissue-tokens" help:"give new tokens to users who have one of an original Polo, and end"`
	User          []string `arg:"positional" placeholder:"USER" help:"with --reissue-tokens: these alone [default: all of /etc/passwd]"`
}

func (c *poloCmd) run(ctx context.Context, t terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Reload {
		return signalReload(t, daemonPidFile(c.PidFile, "polod.pid"))
	}
	folders, err := newPoloFolders(c.Dir)
	if err != nil {
		return err
	}
	set, err := c.settings(folders)
	if err != nil {
		return err
	}
	if c.ReissueTokens {
		return c.reissueTokens(t, set)
	}
	return c.serve(ctx, t, set)
}

func (c *poloCmd) check() error {
	if count(c.LAN, c.Local, len(c.Interface) > 0) > 1 {
		return usagef("give one of --lan, --local and --interface")
	}
	if c.Reload && c.ReissueTokens {
		return usagef("give --reload or --reissue-tokens, not both")
	}
	if len(c.User) > 0 && !c.ReissueTokens {
		return usagef("%q: users are named with --reissue-tokens alone", c.User[0])
	}
	return nil
}

func count(all ...bool) (n int) {
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// poloSettings are what holds: the flags over the configuration file over the
// defaults.
type poloSettings struct {
	discovery.PoloFile
	folders    poloFolders
	config     string // path
	configured bool   // the file is there
	warnings   []discovery.ConfigWarning
	networks   []netip.Prefix
}

func (c *poloCmd) settings(folders poloFolders) (poloSettings, error) {
	set := poloSettings{folders: folders, config: c.Config}
	if set.config == "" {
		set.config = folders.config()
	}
	var err error
	if set.PoloFile, set.warnings, err = discovery.ReadPoloFile(set.config); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w; name a folder of this user with --dir DIR", err)
		}
		return set, err
	}
	_, err = os.Stat(set.config)
	set.configured = err == nil
	if errors.Is(err, fs.ErrNotExist) && c.Config != "" {
		return set, usagef("--config %s: there is no such file", c.Config)
	}
	return set, c.over(&set)
}

// over puts the flags over what the file says.
func (c *poloCmd) over(set *poloSettings) error {
	groups, err := groupFlags(c.Group)
	if err != nil {
		return err
	}
	if len(groups) > 0 {
		set.Groups = groups
	}
	for _, text := range c.Network {
		network, err := netip.ParsePrefix(text)
		if err != nil || !network.Addr().Is4() {
			return usagef("--network %q is not an IPv4 network such as 10.0.0.0/8", text)
		}
		set.networks = append(set.networks, network.Masked())
	}
	if err := errors.Join(overCount("--answers", c.Answers, &set.Answers), overCount("--source-answers", c.SourceAnswers, &set.SourceAnswers)); err != nil {
		return err
	}
	if c.Port != 0 {
		set.Port = c.Port
	}
	if c.BindingPort != 0 {
		set.BindingPort = c.BindingPort
	}
	return nil
}

// overCount puts the number of a flag over that of the file.
func overCount(name string, flag, into *int) error {
	switch {
	case flag == nil:
		return nil
	case *flag < 0 || *flag > math.MaxInt32:
		return usagef("%s %d is not a number of answers", name, *flag)
	}
	*into = *flag
	return nil
}

// reach is where a Polo answers. Who has written a configuration has asked for
// a Polo on the network; who only starts one has not.
func (c *poloCmd) reach(set poloSettings) (on func() ([]discovery.Interface, error), words string, others bool) {
	names := c.Interface
	if len(names) == 0 && !c.LAN && !c.Local {
		names = set.Interfaces
	}
	switch lan := c.LAN || set.configured && !c.Local; {
	case len(names) > 0:
		return discovery.NamedInterfaces(names...), "by hosts on " + strings.Join(names, ", "), true
	case lan:
		return discovery.AllInterfaces, "by every host on the networks of this machine", true
	}
	return discovery.Loopback, "by programs on this machine only (--lan lets others ask)", false
}

// attempts is the number of them for the retries of the file: none means
// without end there, as it does for a Polo.
func attempts(retries int) int {
	if retries < 0 {
		return 0
	}
	return max(1, retries)
}

func (c *poloCmd) polo(set poloSettings) discovery.PoloConfig {
	on, _, _ := c.reach(set)
	return discovery.PoloConfig{
		Groups: set.Groups, Port: set.Port, Interfaces: on, Attempts: attempts(set.Retries),
		Params: set.Params, HideHostname: c.HideHostname, Networks: set.networks, Limits: set.Limits(),
	}
}

func (c *poloCmd) door(set poloSettings) binding.DoorConfig {
	cfg := binding.DoorConfig{NoTLS: c.NoTLS, Socket: c.Socket}
	if cfg.Socket == "" {
		cfg.Socket = binding.DefaultSocket()
	}
	cfg.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(int(set.BindingPort)))
	set.folders.door(set.PoloFile, &cfg)
	return cfg
}

func (c *poloCmd) announce(t terminal, set poloSettings, store *discovery.Store, door binding.DoorConfig) {
	fmt.Fprintf(t.out, "co2 polo %s\n", registry.Version)
	fmt.Fprintf(t.out, "  answering  %s, UDP port %d\n", groupWords(set.Groups), set.Port)
	_, words, others := c.reach(set)
	switch {
	case others && c.HideHostname:
		words += ": they are told every service that is offered"
	case others:
		words += ": they are told this host's name and every service that is offered"
	}
	fmt.Fprintf(t.out, "  reachable  %s\n", words)
	if set.configured {
		fmt.Fprintf(t.out, "  config     %s\n", set.config)
	}
	fmt.Fprintf(t.out, "  services   %d in %s; of users in ~/%s\n", len(store.List()), set.folders.services(set.PoloFile), set.UserDir)
	var ways []string
	if door.Socket != "" {
		ways = append(ways, door.Socket)
	}
	if !door.NoTLS {
		ways = append(ways, "TLS on "+door.Addr)
	}
	fmt.Fprintf(t.out, "  publish    by %s\n", strings.Join(ways, ", and by "))
	fmt.Fprintf(t.out, "Next, in another terminal:  co2 services\n")
}
