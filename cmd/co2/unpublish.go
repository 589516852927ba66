package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	kept := !c.DeleteFile && c.inFile(ctx, from)
	err = from.unpublish(ctx, discovery.Withdrawal{Service: c.ID, Groups: c.Group, DeleteFile: c.DeleteFile})
	if err != nil {
		return fmt.Errorf("%s: %w", from.where(), err)
	}
	said := c.ID + " is no longer offered by " + from.where()
	if len(c.Group) > 0 {
		said = c.ID + " is no longer offered in " + strings.Join(c.Group, " and ") + " by " + from.where()
	}
	if kept {
		said += "; its file is kept and brings it back at a restart or reload, unless --delete-file is given"
	}
	_, err = fmt.Fprintln(t.err, printable(said))
	return err
}

// inFile reports whether the service is in a file; not, if the Polo does not
// tell.
func (c *unpublishCmd) inFile(ctx context.Context, from offerer) bool {
	list, _ := from.list(ctx) // what is wrong, unpublishing tells
	return slices.ContainsFunc(list, func(o offer) bool { return o.ID == c.ID && (o.Static || o.Permanent) })
}
