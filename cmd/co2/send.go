package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"co2/methods/wire"
	"co2/satellite"
)

// sendCmd is co2 send: a satellite for a moment.
type sendCmd struct {
	toRelay
	Nick  string   `arg:"--nick,env:CO2_NICK" placeholder:"NAME" help:"name for people while it is registered [default: the host id]"`
	Data  *string  `arg:"--data" placeholder:"JSON" help:"the data in typed JSON, as in --data=-1; --data=- reads standard input"`
	Pairs []string `arg:"positional" placeholder:"KEY=VALUE" help:"members of a struct: KEY=TEXT or KEY:=JSON"`
}

func (c *sendCmd) run(ctx context.Context, t terminal) error {
	data, err := value(t.in, c.Data, c.Pairs)
	if err != nil {
		return err
	}
	if data.IsZero() {
		return usagef("nothing to send; give KEY=VALUE pairs or --data JSON")
	}
	relay, err := c.url(ctx, t)
	if err != nil {
		return err
	}
	var refused error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	node, err := satellite.New(satellite.Config{
		Relay: relay, AnyPort: true, Nick: c.Nick,
		State: func(s satellite.Status) {
			if s.Err != nil {
				refused = notReached(relay, s.Err)
				cancel() // one try: a person waits
			}
		},
	})
	if err != nil {
		return &usageError{err}
	}
	sent, to := make(chan error, 1), ""
	go func() {
		defer cancel()
		err := node.Send(ctx, data)
		if err == nil {
			to = receivers(ctx, node.Control())
		}
		sent <- err
	}()
	err = node.Run(ctx)
	if err := errors.Join(err, refused); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	fmt.Fprintf(t.err, "sent to %s%s\n", node.Control().URL(), to)
	return nil
}

// receivers says how many satellites there are beside the one that asks; empty
// if that cannot be asked.
func receivers(ctx context.Context, control *satellite.Control) string {
	var all int
	err := control.Client().Call(ctx, "relay.get_num_satellites", &all)
	switch n := all - 1; {
	case err != nil:
		return ""
	case n <= 0:
		return ", where no other satellite is: nobody gets it"
	case n == 1:
		return ", for 1 satellite"
	default:
		return fmt.Sprintf(", for %d satellites", n)
	}
}

// notReached is err with the URL of the relay, if it does not name it itself.
func notReached(relay string, err error) error {
	_, named := errors.AsType[*url.Error](err)
	if _, dialled := errors.AsType[*net.OpError](err); dialled && !named {
		return &url.Error{Op: "reach", URL: relay, Err: err}
	}
	return err
}

// argument returns raw as the one argument of a call, or none.
func argument(raw wire.Raw) []any {
	if raw.IsZero() {
		return nil
	}
	return []any{raw}
}
