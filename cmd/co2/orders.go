package main

import (
	"context"
	"errors"
	"fmt"

	"co2/methods/wire"
)

// An order is what an operator orders for satellites, one after the other.
type order struct {
	toRelay
	JSON    bool     `arg:"--json" help:"print a JSON array of what became of each"`
	HostIDs []string `arg:"positional,required" placeholder:"HOST_ID" help:"ids of satellites, as co2 satellites shows them"`
}

type pauseCmd struct {
	order
	Reason string `arg:"--reason" placeholder:"TEXT" help:"why; the log and co2 satellites tell it"`
}

type removeCmd struct {
	order
	Reason string `arg:"--reason" placeholder:"TEXT" help:"why, for the log and for those who are told"`
}

type resumeCmd struct{ order }

type pinCmd struct{ order }

type unpinCmd struct{ order }

func (c *pauseCmd) run(ctx context.Context, t terminal) error {
	return c.give(ctx, t, "relay.pause", "paused: it is neither called nor pinged until co2 resume", c.Reason)
}

func (c *resumeCmd) run(ctx context.Context, t terminal) error {
	return c.give(ctx, t, "relay.resume", "no longer paused", "")
}

func (c *pinCmd) run(ctx context.Context, t terminal) error {
	return c.give(ctx, t, "relay.pin", "pinned: the relay never removes it by itself", "")
}

func (c *unpinCmd) run(ctx context.Context, t terminal) error {
	return c.give(ctx, t, "relay.unpin", "not pinned", "")
}

func (c *removeCmd) run(ctx context.Context, t terminal) error {
	return c.give(ctx, t, "relay.remove", "removed", c.Reason)
}

// orderParams is the struct of an order.
type orderParams struct {
	HostID string  `xmlrpc:"host_id"`
	Reason *string `xmlrpc:"reason" optional:"true"`
}

// orderResult is what became of an order for one satellite.
type orderResult struct {
	HostID string `xmlrpc:"host_id"`
	OK     bool   `xmlrpc:"ok"`
	Error  string `xmlrpc:"error"`
}

// give gives the order for each satellite, also after one has failed, and
// returns what failed. It ends early when the relay cannot be asked.
func (c *order) give(ctx context.Context, t terminal, method, done, reason string) error {
	control, err := c.control(ctx, t)
	if err != nil {
		return err
	}
	var failed []error
	results := []orderResult{}
	for _, id := range c.HostIDs {
		p := orderParams{HostID: id}
		if reason != "" {
			p.Reason = &reason
		}
		err := control.Client().Call(ctx, method, nil, p)
		if _, fault := errors.AsType[*wire.Fault](err); err != nil && !fault {
			return errors.Join(append(failed, err)...) // it would be the same for the others
		}
		result := orderResult{HostID: id, OK: err == nil}
		if err != nil {
			result.Error = err.Error()
			failed = append(failed, fmt.Errorf("%s: %w", method, err))
		} else if !c.JSON {
			fmt.Fprintln(t.out, printable(id+" "+done))
		}
		results = append(results, result)
	}
	if c.JSON {
		failed = append(failed, printJSON(t.out, results))
	}
	return errors.Join(failed...)
}
