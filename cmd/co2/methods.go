package main

import (
	"context"
	"fmt"

	"co2/satellite"
)

// methodsCmd is co2 methods: what a server can do.
type methodsCmd struct {
	toServer
	JSON bool   `arg:"--json" help:"print the names as a JSON array, or one method's help as a JSON string"`
	Name string `arg:"positional" placeholder:"METHOD" help:"explain this method"`
}

func (c *methodsCmd) run(ctx context.Context, t terminal) error {
	control, err := c.control(ctx, t)
	if err != nil {
		return err
	}
	if c.Name != "" {
		return c.explain(ctx, t, control)
	}
	names, err := control.MethodNames(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.out, names)
	}
	for _, name := range names {
		fmt.Fprintln(t.out, printable(name))
	}
	return nil
}

func (c *methodsCmd) explain(ctx context.Context, t terminal, control *satellite.Control) error {
	help, err := control.MethodHelp(ctx, c.Name)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.out, help)
	}
	_, err = fmt.Fprintln(t.out, printable(help))
	return err
}
