package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"co2/discovery"
)

// findCmd is co2 find: a Marco that asks once. Its one-letter options are
// those of marcodiscover.
type findCmd struct {
	Service  string        `arg:"positional" help:"id of the service, of a user's as USER:ID; * asks for all nodes [default: co2-relay]"`
	ID       string        `arg:"-s,--service" placeholder:"SERVICE" help:"the same"`
	Services bool          `arg:"-S,--services" help:"list the services of every node, or of --node, except those of users; Polos of MarcoPolo 0.1.7 do not tell them"`
	Group    []string      `arg:"-d,--group,separate,env:CO2_GROUP" placeholder:"GROUP" help:"multicast group to ask; may be repeated [default: 224.0.0.112]"`
	Node     string        `arg:"-n,--node" placeholder:"HOST" help:"hear this host alone, asked by unicast; Polos of MarcoPolo 0.1.7 do not hear that, so the group is asked too once half of the time is over"`
	Params   []string      `arg:"--params,separate" placeholder:"KEY=VALUE" help:"only nodes whose params have this text, or with KEY:=JSON any value; may be repeated"`
	Exclude  []string      `arg:"--exclude,separate" placeholder:"ADDR" help:"leave out this address; may be repeated"`
	MaxNodes int           `arg:"--max-nodes" placeholder:"N" help:"end with the first N nodes [default: all that answer in time]"`
	Timeout  time.Duration `arg:"--timeout" default:"1s" placeholder:"TIME" help:"how long to wait for answers, at most 1m"`
	Port     uint16        `arg:"--polo-port,env:CO2_POLO_PORT" default:"1337" placeholder:"PORT" help:"UDP port to ask on"`
	JSON     bool          `arg:"--json" help:"print each node as a line of JSON"`
	Shell    bool          `arg:"--shell" help:"print nothing but addresses, one on a line, as marcodiscover did; with * those of all nodes"`
}

var errNothingFound = errors.New("nothing found")

func (c *findCmd) run(ctx context.Context, t terminal) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	nodes, err := discovery.Find(ctx, q)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return fmt.Errorf("%w: %s", errNothingFound, c.nothing())
	}
	if c.service() == poloService {
		nodes = newLookup(c.Port).atDoors(ctx, nodes)
	}
	return c.print(t, nodes)
}

// service is the id looked for, "" for all nodes.
func (c *findCmd) service() string {
	if id := cmp.Or(c.Service, c.ID, poloService); id != "*" && !c.Services {
		return id
	}
	return ""
}

// query returns what to ask, or what is wrong with the command line.
func (c *findCmd) query() (discovery.Query, error) {
	q := discovery.Query{
		Service: c.service(), Node: c.Node, Port: c.Port, Timeout: c.Timeout, Retries: 2, MaxNodes: c.MaxNodes,
	}
	if c.Services {
		q.Command = discovery.CommandServices
	}
	if err := c.check(); err != nil {
		return q, err
	}
	var err error
	if q.Groups, err = groupFlags(c.Group); err != nil {
		return q, err
	}
	for _, text := range c.Exclude {
		addr, err := netip.ParseAddr(text)
		if err != nil || !addr.Unmap().Is4() {
			return q, usagef("--exclude %q is not an IPv4 address", text)
		}
		q.Exclude = append(q.Exclude, addr)
	}
	q.Params, err = wantedParams(c.Params)
	return q, err
}

func (c *findCmd) check() error {
	switch {
	case c.Timeout <= 0:
		return usagef("--timeout %v is no time to wait", c.Timeout)
	case c.Timeout > discovery.MaxTimeout:
		return usagef("--timeout %v is above 1m", c.Timeout)
	case c.MaxNodes < 0:
		return usagef("--max-nodes %d is no number of nodes", c.MaxNodes)
	case c.Service != "" && c.ID != "" && c.Service != c.ID:
		return usagef("give one service, not %q and %q", c.Service, c.ID)
	case c.Services && (c.Service != "" || c.ID != "" || len(c.Params) > 0):
		return usagef("--services lists them all: give it without a service and --params")
	case c.JSON && c.Shell:
		return usagef("give --json or --shell, not both")
	}
	return nil
}

// wantedParams reads KEY=VALUE, a text, and KEY:=JSON.
func wantedParams(pairs []string) (map[string]any, error) {
	params := make(map[string]any, len(pairs))
	for _, arg := range pairs {
		p, err := readPair(arg)
		if err != nil {
			return nil, usagef("--params: %w", err)
		}
		if params[p.key], err = p.value(); err != nil {
			return nil, usagef("--params %s: %w", p.key, err)
		}
	}
	return params, nil
}

// nothing says what was asked, and what to try.
func (c *findCmd) nothing() string {
	what, hint := "", ""
	switch service := c.service(); {
	case service == poloService:
		what, hint = fmt.Sprintf("no answer for %q", service),
			"is a relay running: on this host with co2 serve, on another one of this network with co2 serve --lan?"
	case service != "":
		what, hint = fmt.Sprintf("no answer for %q", service), "co2 find '*' shows all nodes, co2 find --services what they offer"
	case c.Services:
		what, hint = "no node told its services", "co2 find '*' shows all nodes, also of MarcoPolo 0.1.7"
	default:
		what, hint = "no node answered", "is a Polo running: co2 polo, or a relay with co2 serve; on another host of this network with --lan?"
	}
	what += fmt.Sprintf(" within %v", c.Timeout)
	if c.Node != "" {
		hint = "co2 find '*' shows all nodes"
		if c.Services {
			hint = "Polos of MarcoPolo 0.1.7 do not tell theirs; co2 find '*' shows all nodes"
		}
		return fmt.Sprintf("%s from %s; does a Polo or a relay run there, with --lan? %s", what, c.Node, hint)
	}
	if len(c.Params) > 0 {
		what, hint = what+" with these --params", "without them: co2 find "+shellWord(cmp.Or(c.service(), "*"))
	}
	if at := slices.IndexFunc(c.Params, looksTyped); at >= 0 {
		p, _ := readPair(c.Params[at])
		hint = fmt.Sprintf("--params %s=%s looks for a text; for another value of JSON: --params %s:=%s", p.key, p.text, p.key, p.text)
	}
	return what + "; " + hint
}

// looksTyped reports whether a pair asks for a text that could be meant as a
// number or so.
func looksTyped(arg string) bool {
	p, _ := readPair(arg)
	return !p.isJSON && json.Valid([]byte(p.text))
}
