package satellite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"co2/methods/wire"
)

// Options are what a message may carry beside its data.
type Options struct {
	TTL  time.Duration // how long it is worth delivering [for ever]
	Key  string        // what it is about
	Hops int           // relays it passed before, for bridges
}

// relayStruct is the struct of relay.relay.
type relayStruct struct {
	HostID string   `xmlrpc:"host_id"`
	Data   any      `xmlrpc:"data"`
	TTL    *float64 `xmlrpc:"ttl" optional:"true"`
	Key    *string  `xmlrpc:"key" optional:"true"`
	Hops   *int     `xmlrpc:"hops" optional:"true"`
}

// Send relays data to all other satellites: any value with an XML-RPC
// spelling, or a [wire.Raw]. It waits until the satellite is registered, and
// returns when the relay has queued the message. When the relay has forgotten
// this satellite it registers again and sends once more. A refusal of the
// relay comes back as [*wire.Fault].
func (n *Node) Send(ctx context.Context, data any) error {
	return n.SendWith(ctx, data, Options{})
}

// SendWith is Send with options.
func (n *Node) SendWith(ctx context.Context, data any, o Options) error {
	m, err := n.whenJoined(ctx)
	if err != nil {
		return err
	}
	err = n.sendAs(ctx, m.hostID, data, o)
	f, fault := errors.AsType[*wire.Fault](err)
	if !fault || !strings.Contains(f.String, m.hostID) || !n.forgotten(ctx, m) {
		return err
	}
	if m, err = n.whenJoined(ctx); err != nil {
		return err
	}
	return n.sendAs(ctx, m.hostID, data, o)
}

func (n *Node) sendAs(ctx context.Context, hostID string, data any, o Options) error {
	p := relayStruct{HostID: hostID, Data: data}
	if o.TTL > 0 {
		seconds := o.TTL.Seconds()
		p.TTL = &seconds
	}
	if o.Key != "" {
		p.Key = &o.Key
	}
	if o.Hops > 0 {
		p.Hops = &o.Hops
	}
	var answer string
	if err := n.control.client.Call(ctx, "relay.relay", &answer, p); err != nil {
		return fmt.Errorf("relay.relay: %w", err)
	}
	return wantOK("relay.relay", answer)
}
