// Package courier carries a relay's calls to its satellites over HTTP. It is
// the relay's Carrier: many satellites at once, none waiting for another,
// each call under a deadline from its own start.
//
// It calls the address it is given and no other: it resolves no names,
// follows no redirects, uses no proxy, and reads answers to a limit
// (xmlrpc.md section 10). A Courier is safe for concurrent use.
package courier

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// A Config tunes a courier. Zero values mean the defaults in brackets.
type Config struct {
	InFlight  int   // calls at once [1,024]
	MaxAnswer int64 // octets of an answer [1 MiB]
	UserAgent string
	// Dial opens connections [TCP, within 3 s].
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// A Courier carries calls from its making until Close.
type Courier struct {
	cfg    Config
	client *http.Client
	slots  chan struct{} // one for each call at once
	ctx    context.Context
	stop   context.CancelFunc
	calls  sync.WaitGroup
}

// stopping is why calls end that Close finds under way.
const stopping = "the relay is stopping"

// New returns a courier. Close ends it.
func New(cfg Config) *Courier {
	if cfg.InFlight <= 0 {
		cfg.InFlight = 1024
	}
	if cfg.MaxAnswer <= 0 {
		cfg.MaxAnswer = 1 << 20
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "co2"
	}
	c := &Courier{cfg: cfg, client: wire.NewHTTPClient(cfg.Dial), slots: make(chan struct{}, cfg.InFlight)}
	c.client.Timeout = 0 // each call has a deadline of its own
	c.ctx, c.stop = context.WithCancel(context.Background())
	return c
}

// Close ends the calls under way and returns when all have been told done.
func (c *Courier) Close() {
	c.stop()
	c.calls.Wait()
	c.client.CloseIdleConnections()
}

// Send implements [relay.Carrier].
func (c *Courier) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	for _, d := range batch {
		c.calls.Go(func() { done(d, c.carry(d)) })
	}
}

// Forget implements [relay.Carrier].
func (c *Courier) Forget(relay.Callback) {}

// carry makes one call. Its deadline counts from when it has a slot.
func (c *Courier) carry(d relay.Delivery) relay.Outcome {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-c.ctx.Done():
		return relay.Outcome{Verdict: relay.Abandoned, Reason: stopping}
	}
	ctx, cancel := context.WithTimeout(c.ctx, d.Timeout)
	defer cancel()
	start := time.Now()
	err := c.call(ctx, d)
	o := relay.Outcome{Verdict: relay.Delivered, Took: time.Since(start)}
	switch {
	case err == nil:
	case c.ctx.Err() != nil:
		o.Verdict, o.Reason = relay.Abandoned, stopping
	default:
		o.Verdict, o.Reason = relay.Dead, reason(ctx, err, d)
	}
	return o
}

func (c *Courier) call(ctx context.Context, d relay.Delivery) error {
	client := wire.Client{
		URL: d.To.URL(), HTTP: c.client, MaxAnswer: c.cfg.MaxAnswer, UserAgent: c.cfg.UserAgent, Charset: d.Charset,
	}
	answer, charset, err := client.Post(ctx, d.Document())
	if err != nil {
		return err
	}
	return wire.ParseResponse(answer, charset, wire.Limits{}, nil)
}

// reason puts the error of a call made under ctx in words for people who look
// at a satellite.
func reason(ctx context.Context, err error, d relay.Delivery) string {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // the address is told below
	}
	text := err.Error()
	if ctx.Err() != nil {
		text = "no answer within " + d.Timeout.String()
	}
	return d.Method + " to " + d.To.Addr.String() + ": " + text
}
