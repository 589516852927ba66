package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"co2/methods/wire"
	"co2/satellite"
)

// satellitesCmd is co2 satellites: the relay's members.
type satellitesCmd struct {
	toRelay
	JSON bool `arg:"--json" help:"print a JSON array of their properties"`
}

func (c *satellitesCmd) run(ctx context.Context, t terminal) error {
	control, err := satellite.NewControl(c.Relay)
	if err != nil {
		return &usageError{err}
	}
	sats, err := allProps(ctx, control)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return printJSON(t.out, sats)
	case len(sats) == 0:
		fmt.Fprintln(t.err, "no satellite is registered; start one with: co2 satellite")
		return nil
	}
	return table(t.out, []string{"NICK", "HOST ID", "STATE", "PING", "SENT", "RECEIVED", "FAILED", "WAITING", "LAST ERROR"}, satelliteCells(sats))
}

// allProps asks for every satellite's properties. One that leaves meanwhile
// is left out.
func allProps(ctx context.Context, control *satellite.Control) ([]satellite.Props, error) {
	ids, err := control.Satellites(ctx)
	if err != nil {
		return nil, err
	}
	sats := []satellite.Props{}
	for _, id := range ids {
		p, err := control.Props(ctx, id)
		if _, gone := errors.AsType[*wire.Fault](err); gone {
			continue
		}
		if err != nil {
			return nil, err
		}
		sats = append(sats, p)
	}
	return sats, nil
}

func satelliteCells(sats []satellite.Props) [][]string {
	rows := make([][]string, len(sats))
	for i, p := range sats {
		rows[i] = []string{
			p.Nick, p.HostID, p.State, showMS(p.PingCurrent), strconv.Itoa(p.SendCount),
			strconv.Itoa(p.RecvCount), strconv.Itoa(p.RecvFails), strconv.Itoa(p.Waiting), p.LastError,
		}
	}
	return rows
}

// printJSON prints v as one line of typed JSON.
func printJSON(w io.Writer, v any) error {
	raw, err := wire.NewRaw(v)
	if err != nil {
		return err
	}
	return printResult(w, raw, true)
}
