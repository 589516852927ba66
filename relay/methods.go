package relay

import (
	"context"
	"fmt"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// memberMethods are those by which satellites take part.
func (r *Relay) memberMethods() []methods.Method {
	return []methods.Method{{
		Names:  []string{"relay.register"},
		Doc:    "Registers the calling satellite, at the address the call comes from and the given port, and returns the host id it uses from now on. Registering again replaces the earlier registration.",
		Access: methods.Public,
		Func:   r.register,
	}, {
		Names:  []string{"relay.deregister"},
		Doc:    "Removes a satellite and returns 'OK'. Only callers at its own address may. What it sent before is still delivered.",
		Access: methods.Satellite,
		Func:   r.deregister,
	}, {
		Names:  []string{"relay.relay"},
		Doc:    "Queues data for delivery to every other satellite and returns 'OK'.",
		Access: methods.Satellite,
		Func:   r.relay,
	}}
}

// hostParams names a satellite.
type hostParams struct {
	HostID string `xmlrpc:"host_id" doc:"the satellite's id, as relay.register returned it"`
}

// relayParams is the struct a satellite sends to relay.relay. Keys it does
// not know are not passed on.
type relayParams struct {
	HostID string   `xmlrpc:"host_id" doc:"the sender's id, as relay.register returned it"`
	Data   wire.Raw `xmlrpc:"data" doc:"what to deliver, any value"`
	TTL    float64  `xmlrpc:"ttl" optional:"true" doc:"seconds after which it is no longer worth delivering; 0: always worth it"`
	Key    string   `xmlrpc:"key" optional:"true" doc:"what it is about, for receivers that asked for message_info; at most 256 octets"`
	Hops   int      `xmlrpc:"hops" optional:"true" doc:"relays it passed before this one, 0 to 16; for bridges between networks"`
}

// The bounds of the optional keys.
const (
	maxTTL  = 7 * 24 * time.Hour
	maxKey  = 256
	maxHops = 16
)

func (p relayParams) check() error {
	switch {
	case !(p.TTL >= 0 && p.TTL <= maxTTL.Seconds()): // so that NaN is refused
		return &methods.ParamError{Key: "ttl", Got: fmt.Sprint(p.TTL), Want: fmt.Sprintf("0 to %.0f seconds", maxTTL.Seconds())}
	case len(p.Key) > maxKey:
		return &methods.ParamError{Key: "key", Got: fmt.Sprintf("%d octets", len(p.Key)), Want: fmt.Sprintf("at most %d", maxKey)}
	case p.Hops < 0 || p.Hops > maxHops:
		return &methods.ParamError{Key: "hops", Got: fmt.Sprint(p.Hops), Want: fmt.Sprintf("0 to %d", maxHops)}
	}
	return nil
}

func (r *Relay) relay(ctx context.Context, p relayParams) (string, error) {
	sat, ok := r.directory.Find(p.HostID)
	if !ok {
		return "", notRegistered(p.HostID)
	}
	if !r.cfg.AnyAddress && !mayActAs(methods.Peer(ctx), sat) {
		return "", &methods.RegistryError{Text: fmt.Sprintf("%s may not send as %s", methods.Peer(ctx).Addr.Addr(), sat.HostID)}
	}
	now := r.cfg.Now()
	if size := len(p.Data.String()); size > r.cfg.MaxData {
		text := fmt.Sprintf("the data has %d octets, this relay takes at most %d", size, r.cfg.MaxData)
		r.events.emit(Event{Code: LimitData, Time: now, HostID: sat.HostID, Nick: sat.Nick, Reason: text})
		return "", &methods.RegistryError{Text: text}
	}
	if err := p.check(); err != nil {
		return "", err
	}
	m := &Message{
		ID: r.ids.next(now), Sender: sat.HostID, Accepted: now, arrived: time.Now(),
		TTL: time.Duration(p.TTL * float64(time.Second)), Key: p.Key, Hops: p.Hops, Data: p.Data,
	}
	if err := r.limiter.Accept(m); err != nil {
		if err != errClosing {
			r.events.emit(Event{Code: LimitQueue, Time: now, HostID: sat.HostID, Nick: sat.Nick, Reason: err.Error()})
		}
		return "", err
	}
	r.roster.sent(sat.HostID, now)
	r.largest.raise(len(p.Data.String()), sat.HostID)
	r.accepted(m, sat.Nick)
	return "OK", nil
}

func (r *Relay) deregister(ctx context.Context, p hostParams) (string, error) {
	err := r.roster.Remove(ctx, p.HostID, func(s Satellite) error {
		if mayActAs(methods.Peer(ctx), s) {
			return nil
		}
		return &methods.RegistryError{Text: fmt.Sprintf("%s may not deregister %s", methods.Peer(ctx).Addr.Addr(), s.HostID)}
	})
	if err != nil {
		return "", err
	}
	return "OK", nil
}
