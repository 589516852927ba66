package main

import (
	"context"
	"fmt"

	"co2/discovery"
)

// unpublishCmd is co2 unpublish.
type unpublishCmd struct {
	toPolo
	Group      []string `arg:"--group,separate" placeholder:"GROUP" help:"multicast group in which the offer ends; may be repeated [default: all]"`
	DeleteFile bool     `arg:"--delete-file" help:"also delete its file, so that it does not come back"`
	ID         string   `arg:"positional,required" help:"as co2 services shows it: USER:ID for a service of a user"`
}

func (c *unpublishCmd) run(ctx context.Context, t terminal) error {
	from, err := c.reach(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	err = from.unpublish(ctx, discovery.Withdrawal{Service: c.ID, Groups: c.Group, DeleteFile: c.DeleteFile})
	if err != nil {
		return fmt.Errorf("%s: %w", from.where(), err)
	}
	_, err = fmt.Fprintln(t.err, printable(c.ID+" is no longer offered by "+from.where()))
	return err
}
