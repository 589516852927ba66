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
	sent := make(chan error, 1)
	go func() {
		defer cancel()
		sent <- node.Send(ctx, data)
	}()
	err = node.Run(ctx)
	if err := errors.Join(err, refused); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return err
	}
	fmt.Fprintf(t.err, "sent to %s\n", node.Control().URL())
	return nil
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
