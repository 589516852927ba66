package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"co2/discovery"
)

// findCmd is co2 find: a Marco that asks once.
type findCmd struct {
	Service string        `arg:"positional" default:"co2-relay" help:"id of the service; * asks for all nodes"`
	Timeout time.Duration `arg:"--timeout" default:"1s" placeholder:"TIME" help:"how long to wait for answers, at most 1m"`
	Port    uint16        `arg:"--polo-port,env:CO2_POLO_PORT" default:"1337" placeholder:"PORT" help:"UDP port to ask on"`
	JSON    bool          `arg:"--json" help:"print each node as a line of JSON"`
}

// foundLine is one node as it is printed.
type foundLine struct {
	Address string         `json:"address"`
	URL     string         `json:"url,omitempty"` // of a relay
	Params  map[string]any `json:"params"`
}

var errNothingFound = errors.New("nothing found")

func (c *findCmd) run(ctx context.Context, t terminal) error {
	service := c.Service
	if service == "*" {
		service = ""
	}
	if c.Timeout <= 0 {
		return usagef("--timeout %v is no time to wait", c.Timeout)
	}
	nodes, err := discovery.Find(ctx, discovery.Query{Service: service, Port: c.Port, Timeout: c.Timeout, Retries: 2})
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return fmt.Errorf("%w: no answer for %q within %v; is a relay running with --lan, on this network?", errNothingFound, c.Service, c.Timeout)
	}
	out := newLines(t.out)
	for _, n := range nodes {
		line := foundLine{Address: n.Addr.String(), Params: n.Params}
		if service == poloService {
			line.URL, _ = relayURL(n) // none: the params are shown
		}
		if c.JSON {
			out.print(line)
		} else {
			fmt.Fprintln(t.out, line)
		}
	}
	return out.failed
}

// String is the line for people.
func (f foundLine) String() string {
	if f.URL != "" {
		return printable(f.URL)
	}
	parts := []string{f.Address}
	for name, v := range f.Params {
		text, err := json.Marshal(v)
		if err == nil {
			parts = append(parts, fmt.Sprintf("%s=%s", name, text))
		}
	}
	slices.Sort(parts[1:])
	return printable(strings.Join(parts, "  "))
}
