package courier

import (
	"context"
	"errors"
	"net/url"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// secureCalls is how many calls by https are made at once. They are
// net/http's: TLS keeps more for a connection than all we do.
const secureCalls = 32

func (c *Courier) callSecurely(x *exchange) {
	if c.closed.Load() {
		abandon(x)
		return
	}
	x.start = time.Now()
	ctx, cancel := context.WithDeadline(c.ctx, x.deadline())
	defer cancel()
	err := c.postSecurely(ctx, &x.Delivery)
	o := relay.Outcome{Verdict: relay.Delivered, Took: time.Since(x.start)}
	switch {
	case err == nil:
	case c.closed.Load():
		o.Verdict, o.Reason = relay.Abandoned, stopping
	case ctx.Err() != nil:
		o.Verdict, o.Reason = relay.Dead, x.words(errLate(x.Timeout))
	default:
		o.Verdict, o.Reason, o.Fault, o.Quotes = relay.Dead, x.words(err), isFault(err), true
	}
	x.done(x.Delivery, o)
}

func (c *Courier) postSecurely(ctx context.Context, d *relay.Delivery) error {
	client := wire.Client{
		URL: d.To.URL(), HTTP: c.https, MaxAnswer: c.cfg.MaxAnswer, UserAgent: c.cfg.UserAgent, Charset: d.Charset,
	}
	answer, charset, err := client.Post(ctx, d.Document())
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the address is told with it
	}
	if err != nil {
		return err
	}
	return wire.ParseResponse(answer, charset, wire.Limits{}, nil)
}
