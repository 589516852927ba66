package relay

import (
	"cmp"
	"context"
	"fmt"

	"co2/methods"
)

// orderMethods are those by which operators rule over satellites. Orders are
// on disk when they are answered, and giving one twice does no harm.
func (r *Relay) orderMethods() []methods.Method {
	return []methods.Method{{
		Names:  []string{"relay.pause"},
		Doc:    "Pauses a satellite and returns 'OK': it is neither called nor pinged, messages wait for it. It stays so when it registers again and when the relay starts anew. The reason is kept among its properties; given again, it takes the place of the one before.",
		Access: methods.Operator,
		Func: r.marker(SatPause, func(m Marks, reason string) Marks {
			m.Paused, m.PauseReason = true, cmp.Or(reason, m.PauseReason)
			return m
		}),
	}, {
		Names:  []string{"relay.resume"},
		Doc:    "Ends the pause of a satellite and returns 'OK'. It is pinged at once.",
		Access: methods.Operator,
		Func: r.marker(SatResume, func(m Marks, _ string) Marks {
			m.Paused, m.PauseReason = false, ""
			return m
		}),
	}, {
		Names:  []string{"relay.pin"},
		Doc:    "Pins a satellite and returns 'OK': the relay never removes it by itself, however long it is down.",
		Access: methods.Operator,
		Func: r.marker(SatPin, func(m Marks, _ string) Marks {
			m.Pinned = true
			return m
		}),
	}, {
		Names:  []string{"relay.unpin"},
		Doc:    "Takes back relay.pin and returns 'OK'.",
		Access: methods.Operator,
		Func: r.marker(SatUnpin, func(m Marks, _ string) Marks {
			m.Pinned = false
			return m
		}),
	}, {
		Names:  []string{"relay.remove"},
		Doc:    "Removes a satellite, also a pinned one, and returns 'OK'. Messages waiting for it are given up. One that is alive notices within about a minute and registers again.",
		Access: methods.Operator,
		Func:   r.remove,
	}, {
		Names:  []string{"relay.send_ping"},
		Doc:    "Pings a satellite now, besides its turn, and returns 'OK' without waiting for its answer, which its properties tell. One that is paused is not pinged.",
		Access: methods.Operator,
		Func:   r.pingNow,
	}}
}

// orderParams names a satellite, and why.
type orderParams struct {
	HostID string `xmlrpc:"host_id" doc:"the satellite's id, as relay.get_satellites lists it"`
	Reason string `xmlrpc:"reason" optional:"true" doc:"why, for the log and for those who are told; at most 256 octets"`
}

// maxOrderReason is the longest reason of an order, in octets.
const maxOrderReason = 256

func (p orderParams) check() error {
	switch {
	case len(p.Reason) > maxOrderReason:
		return &methods.ParamError{Key: "reason", Got: fmt.Sprintf("%d octets", len(p.Reason)), Want: fmt.Sprintf("at most %d", maxOrderReason)}
	case hasControl(p.Reason):
		return &methods.ParamError{Key: "reason", Got: "control characters", Want: "printable text"}
	}
	return nil
}

// words tells who gave the order, and why.
func (p orderParams) words(ctx context.Context) string {
	who := fmt.Sprintf("by an operator at %s", methods.Peer(ctx).Addr.Addr())
	if p.Reason == "" {
		return who
	}
	return who + ": " + p.Reason
}

// marker makes the handler of an order that changes marks.
func (r *Relay) marker(code Code, mark func(m Marks, reason string) Marks) func(context.Context, orderParams) (string, error) {
	return func(ctx context.Context, p orderParams) (string, error) {
		if err := p.check(); err != nil {
			return "", err
		}
		marked := func(m Marks) Marks { return mark(m, p.Reason) }
		if err := r.roster.Mark(ctx, p.HostID, code, p.words(ctx), marked); err != nil {
			return "", err
		}
		return "OK", nil
	}
}

func (r *Relay) remove(ctx context.Context, p orderParams) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	if err := r.roster.Evict(ctx, p.HostID, p.words(ctx), nil); err != nil {
		return "", err
	}
	return "OK", nil
}
