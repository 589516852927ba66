package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"co2/methods/wire"
)

// limitsCmd is co2 limits: what a relay takes, and how much of it is used.
type limitsCmd struct {
	toRelay
	JSON bool `arg:"--json" help:"print what relay.get_limits answers, as JSON"`
}

// A limitUse is one entry of relay.get_limits.
type limitUse struct {
	Name  string  `xmlrpc:"-"`
	Limit float64 `xmlrpc:"limit"`
	Used  float64 `xmlrpc:"used"`
	Unit  string  `xmlrpc:"unit"`
	By    string  `xmlrpc:"by"`
}

func (c *limitsCmd) run(ctx context.Context, t terminal) error {
	control, err := c.control(ctx, t)
	if err != nil {
		return err
	}
	var answer wire.Raw
	if err := control.Client().Call(ctx, "relay.get_limits", &answer); err != nil {
		return err
	}
	if c.JSON {
		return printResult(t.out, answer, true)
	}
	uses, err := readLimits(answer)
	if err != nil {
		return fmt.Errorf("read the answer of relay.get_limits: %w", err)
	}
	rows := make([][]string, len(uses))
	for i, u := range uses {
		rows[i] = u.cells()
	}
	return table(t.out, []string{"LIMIT", "USED", "OF", "UNIT", "", "BY"}, rows)
}

// setBy is what sets a limit: a flag of co2 serve, or the system. A limit that
// it does not know has the relay's name for it.
func (u limitUse) setBy() string {
	switch u.Name {
	case "satellites":
		return "--max-sats"
	case "rate", "burst", "queue", "queue_bytes", "outbox", "outbox_bytes", "outbox_memory":
		return "--" + strings.ReplaceAll(u.Name, "_", "-")
	case "data":
		return "--max-data"
	case "removal":
		return "--remove-after"
	case "unwritten":
		return "--accept-without-disk"
	case "connections":
		return "--max-conns"
	case "streams":
		return "--max-streams"
	case "bodies":
		return "--max-body-memory"
	case "memory":
		return "GOMEMLIMIT"
	case "descriptors":
		return "ulimit -n"
	}
	return u.Name
}

// readLimits reads whatever limits the relay tells, in its order.
func readLimits(answer wire.Raw) ([]limitUse, error) {
	members, err := answer.Members()
	if err != nil {
		return nil, err
	}
	uses := make([]limitUse, len(members))
	for i, m := range members {
		if err := m.Value.Decode(&uses[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
		uses[i].Name = m.Name
	}
	return uses, nil
}

func (u limitUse) cells() []string {
	used, of, bar := number(u.Used), number(u.Limit), ""
	if u.Used < 0 {
		used = "?"
	}
	unit := u.Unit
	switch {
	case u.Limit >= math.MaxInt32 && u.Name == "removal":
		of = "never"
	case u.Limit >= math.MaxInt32:
		of = "no limit"
	case u.Limit == 0 && u.Used == 0:
		used, of = "-", "off" // nothing of the kind there can be
	case u.Used >= 0 && u.Limit > 0:
		bar = useBar(u.Used / u.Limit)
	}
	if u.Name == "rate" && u.Used > u.Limit {
		unit += " taken; the rest waits"
	}
	return []string{u.setBy(), used, of, unit, bar, u.By}
}

// barWidth is how many characters a full bar has.
const barWidth = 20

// useBar draws a part of a whole. What is not nothing shows.
func useBar(part float64) string {
	if part > 1 {
		return fmt.Sprintf("[%s] over", strings.Repeat("#", barWidth))
	}
	n := int(math.Ceil(part * barWidth))
	return fmt.Sprintf("[%s%s] %3.0f %%", strings.Repeat("#", n), strings.Repeat(".", barWidth-n), 100*part)
}

// number writes n for people: its thousands apart, and no point without need.
func number(n float64) string {
	whole, rest, _ := strings.Cut(strconv.FormatFloat(n, 'f', -1, 64), ".")
	var groups []string
	for len(whole) > 3 {
		groups = append(groups, whole[len(whole)-3:])
		whole = whole[:len(whole)-3]
	}
	slices.Reverse(groups)
	text := strings.Join(append([]string{whole}, groups...), ",")
	return text + cmp.Or(strings.TrimSuffix("."+rest, "."), "")
}
