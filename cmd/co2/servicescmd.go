package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"co2/discovery"
)

// servicesCmd is co2 services: what this host offers, or another one.
type servicesCmd struct {
	toPolo
	Node    string        `arg:"--node" placeholder:"ADDR" help:"ask the Polo of another host what it offers; it does not tell services of users"`
	Port    uint16        `arg:"--polo-port,env:CO2_POLO_PORT" default:"1337" placeholder:"PORT" help:"with --node: its UDP port"`
	Timeout time.Duration `arg:"--timeout" default:"1s" placeholder:"TIME" help:"with --node: how long to wait for its answer, at most 1m"`
	JSON    bool          `arg:"--json" help:"print a JSON array"`
}

func (c *servicesCmd) run(ctx context.Context, t terminal) error {
	if c.Timeout <= 0 {
		return usagef("--timeout %v is no time to wait", c.Timeout)
	}
	if c.Node != "" {
		return c.showNode(ctx, t)
	}
	list, err := c.list(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		out := newLines(t.out)
		out.print(slices.Concat([]offer{}, list))
		return out.failed
	}
	if len(list) == 0 {
		fmt.Fprintln(t.err, "no service is offered; offer one with: co2 publish ID KEY=VALUE")
		return nil
	}
	return table(t.out, []string{"ID", "KIND", "GROUPS", "PARAMS", "FILE"},
		cells(list, offer.id, offer.kind, offer.groups, offer.params, offer.file))
}

func cells(list []offer, columns ...func(offer) string) [][]string {
	rows := make([][]string, len(list))
	for i, o := range list {
		for _, column := range columns {
			rows[i] = append(rows[i], column(o))
		}
	}
	return rows
}

func (o offer) id() string { return o.ID }

func (o offer) kind() string {
	if o.Owner != "" {
		return "of " + o.Owner
	}
	return "host"
}

func (o offer) groups() string { return strings.Join(o.Groups, " ") }

func (o offer) params() string {
	var parts []string
	for name, v := range o.Params {
		if text, err := json.Marshal(v); err == nil {
			parts = append(parts, name+"="+string(text))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// file tells whether it is in one, so that it outlives the Polo.
func (o offer) file() string {
	switch {
	case o.Disabled:
		return "disabled"
	case o.Static || o.Permanent:
		return "yes"
	}
	return "-"
}

func (c *servicesCmd) list(ctx context.Context) ([]offer, error) {
	polo, err := c.reach(ctx)
	if err != nil {
		return nil, err
	}
	defer polo.Close()
	list, err := polo.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", polo.where(), err)
	}
	return list, nil
}

// showNode asks another host by unicast, which an original Polo never hears.
func (c *servicesCmd) showNode(ctx context.Context, t terminal) error {
	nodes, err := discovery.Find(ctx, discovery.Query{
		Command: discovery.CommandServices, Node: c.Node, Port: c.Port, Timeout: c.Timeout, Retries: 2,
	})
	switch {
	case err != nil:
		return err
	case len(nodes) == 0:
		return fmt.Errorf("%w: %s did not answer within %v; does a Polo or a relay run there, with --lan? Polos of MarcoPolo 0.1.7 never answer this", errNothingFound, c.Node, c.Timeout)
	}
	node := nodes[0]
	if node.Truncated {
		fmt.Fprintln(t.err, "it offers more than fits in its answer")
	}
	if c.JSON {
		out := newLines(t.out)
		out.print(slices.Concat([]discovery.Service{}, node.Services))
		return out.failed
	}
	list := make([]offer, len(node.Services))
	for i, s := range node.Services {
		list[i] = offer{ID: s.ID, Params: s.Params}
	}
	return table(t.out, []string{"ID", "PARAMS"}, cells(list, offer.id, offer.params))
}
