package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"co2/discovery"
)

// foundLine is one node as it is printed.
type foundLine struct {
	Address string         `json:"address"`
	URL     string         `json:"url,omitempty"` // of a relay
	Params  map[string]any `json:"params"`
}

// servicesLine is one node with what it offers.
type servicesLine struct {
	Address   string              `json:"address"`
	Services  []discovery.Service `json:"services"`
	Truncated bool                `json:"truncated,omitempty"` // there are more
}

func newServicesLine(n discovery.Node) servicesLine {
	line := servicesLine{n.Addr.String(), []discovery.Service{}, n.Truncated}
	for _, s := range n.Services {
		if s.Params == nil {
			s.Params = map[string]any{}
		}
		line.Services = append(line.Services, s)
	}
	return line
}

func (c *findCmd) print(t terminal, nodes []discovery.Node) error {
	switch {
	case c.Shell:
		printAddresses(t, nodes)
		return nil
	case c.Services && !c.JSON:
		return printServices(t, nodes)
	}
	out := newLines(t.out)
	for _, n := range nodes {
		switch {
		case c.Services:
			out.print(newServicesLine(n))
		case c.JSON:
			out.print(c.line(n))
		default:
			fmt.Fprintln(t.out, c.line(n))
		}
	}
	return out.failed
}

// printAddresses prints the address of each host once, whatever it offers.
func printAddresses(t terminal, nodes []discovery.Node) {
	told := make(map[netip.Addr]bool, len(nodes))
	for _, n := range nodes {
		if !told[n.Addr] {
			fmt.Fprintln(t.out, n.Addr)
		}
		told[n.Addr] = true
	}
}

func (c *findCmd) line(n discovery.Node) foundLine {
	line := foundLine{Address: n.Addr.String(), Params: n.Params}
	if c.service() == poloService {
		line.URL, _ = relayURL(n) // none: the params are shown
	}
	return line
}

// String is the line for people.
func (f foundLine) String() string {
	if f.URL != "" {
		return printable(f.URL)
	}
	return printable(strings.TrimSpace(f.Address + "  " + showParams(f.Params)))
}

// showParams writes params as name=JSON, by name.
func showParams(params map[string]any) string {
	var parts []string
	for name, v := range params {
		text, err := json.Marshal(v)
		if err == nil {
			parts = append(parts, fmt.Sprintf("%s=%s", name, text))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "  ")
}

// printServices prints a table of what the nodes offer.
func printServices(t terminal, nodes []discovery.Node) error {
	var rows [][]string
	for _, n := range nodes {
		for _, s := range n.Services {
			rows = append(rows, []string{n.Addr.String(), s.ID, showParams(s.Params)})
		}
		if len(n.Services) == 0 {
			rows = append(rows, []string{n.Addr.String(), "-", ""})
		}
		if n.Truncated {
			fmt.Fprintf(t.err, "%s offers more than fits into its answer\n", n.Addr)
		}
	}
	return table(t.out, []string{"NODE", "SERVICE", "PARAMS"}, rows)
}
