package relay

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"unicode"
	"unicode/utf8"

	"co2/methods"
	"co2/methods/wire"
)

// registerParams is the struct a satellite sends to relay.register.
type registerParams struct {
	Port        int              `xmlrpc:"port" doc:"TCP port the satellite listens on, 1 to 65535"`
	Nick        string           `xmlrpc:"nick" optional:"true" doc:"name shown to people, at most 64 characters; the host id if empty"`
	Plugins     []string         `xmlrpc:"plugins" optional:"true" doc:"names of the plugins it has loaded, at most 256 of 256 octets"`
	NotifyPass  methods.PassText `xmlrpc:"notify_pass" optional:"true" doc:"password the relay presents to notify; an int is kept as text"`
	MessageInfo bool             `xmlrpc:"message_info" optional:"true" doc:"true: notify also carries message_id, message_time, message_ttl, message_key and message_hops"`
	Presence    bool             `xmlrpc:"presence" optional:"true" doc:"true: notify also tells who joins, leaves, goes down and comes up, and that the relay stops"`
	Queue       string           `xmlrpc:"queue" optional:"true" doc:"what the relay gives up when too many messages wait for this satellite: drop-oldest, drop-newest, or newest-per-key (first those of which a newer one with the same sender and message key waits). Empty: as the relay is set"`
	Dialect     wire.Dialect     `xmlrpc:"dialect" optional:"true" doc:"what a satellite that cannot read everything needs, a string of words or an array of them: nil-omit or nil-empty, i8-string, date-basic, number-plain, latin1 or ascii; or the name of a peer, python, tcl, frontier. Empty: notify brings data as it was sent"`
}

// The bounds of what a registration says (xmlrpc.md L21).
const (
	maxNick       = 64 // characters
	maxPlugins    = 256
	maxPluginName = 256 // octets
	maxPass       = 1024
)

func (p registerParams) check() error {
	switch {
	case p.Port < 1 || p.Port > 65535:
		return &methods.ParamError{Key: "port", Got: strconv.Itoa(p.Port), Want: "1 to 65535"}
	case utf8.RuneCountInString(p.Nick) > maxNick:
		return &methods.ParamError{Key: "nick", Got: fmt.Sprintf("%d characters", utf8.RuneCountInString(p.Nick)), Want: fmt.Sprintf("at most %d", maxNick)}
	case hasControl(p.Nick):
		return &methods.ParamError{Key: "nick", Got: "control characters", Want: "printable text"}
	case len(p.Plugins) > maxPlugins:
		return &methods.ParamError{Key: "plugins", Got: fmt.Sprintf("%d names", len(p.Plugins)), Want: fmt.Sprintf("at most %d", maxPlugins)}
	case len(p.NotifyPass) > maxPass:
		return &methods.ParamError{Key: "notify_pass", Got: fmt.Sprintf("%d octets", len(p.NotifyPass)), Want: fmt.Sprintf("at most %d", maxPass)}
	}
	if misfit := QueuePolicy(p.Queue).check(); misfit != nil {
		return misfit
	}
	for i, name := range p.Plugins {
		if len(name) > maxPluginName || hasControl(name) {
			return &methods.ParamError{Key: fmt.Sprintf("plugins[%d]", i), Got: clip(name), Want: fmt.Sprintf("at most %d octets without control characters", maxPluginName)}
		}
	}
	return nil
}

func hasControl(s string) bool {
	for _, c := range s {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' {
			return true
		}
	}
	return false
}

func (r *Relay) register(ctx context.Context, p registerParams) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	from := methods.Peer(ctx).Addr.Addr()
	at := netip.AddrPortFrom(from, uint16(p.Port))
	if err := r.targets.check(at); err != nil {
		return "", err
	}
	reg := p.registration(at)
	reg.Registered = r.cfg.Now().UTC() // without its monotonic part: the order by age survives a restart
	return reg.HostID, r.roster.Register(ctx, reg)
}

func (p registerParams) registration(at netip.AddrPort) Registration {
	reg := Registration{
		HostID:   at.String(),
		Callback: Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
		Seen:     at.Addr(), Nick: p.Nick, Plugins: p.Plugins,
		NotifyPass: string(p.NotifyPass), MessageInfo: p.MessageInfo, Dialect: p.Dialect,
		Presence: p.Presence,
		Queue:    QueuePolicy(p.Queue),
	}
	if reg.Nick == "" {
		reg.Nick = reg.HostID
	}
	return reg
}
