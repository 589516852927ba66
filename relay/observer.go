package relay

import "time"

// An Observer hears what a relay does most often, for those who keep a history
// or count; what happens more rarely is in [Events]. It is called outside all
// locks by whoever did what it hears of, by many at once, so it must be quick
// and must neither block nor call back into the relay.
type Observer interface {
	// Accepted hears of each message that a satellite sent, of its nick, and of
	// how many satellites it goes to. The message is shared: read only, and not
	// to be kept, for it keeps its data. A receiver may have it already.
	Accepted(m *Message, nick string, receivers int)
	// Ended hears of each call to a satellite that has ended, those to one
	// satellite in their order.
	Ended(e Ended)
}

// Ended is a call to a satellite that has ended.
type Ended struct {
	HostID  string
	Method  string        // "notify" or "ping"
	Message string        // id of the message; empty: a ping
	Sender  string        // of the message: a host id; empty: the relay itself
	Verdict Verdict       // Abandoned also where the relay was late, so that it says nothing of the satellite
	Reason  string        // in words fit to be shown, unless Delivered
	Waited  time.Duration // of a message, from its acceptance to the start of the call
	Took    time.Duration // the call itself
	At      time.Time     // its end, with the monotonic clock
	Gone    bool          // the satellite had left meanwhile
}

// Observe adds an observer. It is to be called before Run.
func (r *Relay) Observe(o Observer) {
	r.deliveries.observers = append(r.deliveries.observers, o)
}

// observe tells that a call has ended.
func (d *deliveries) observe(dl *Delivery, o *Outcome, gone bool, now time.Time) {
	if len(d.observers) == 0 {
		return
	}
	e := Ended{
		HostID: dl.HostID, Method: dl.Method, Verdict: o.Verdict, Reason: o.Reason,
		Took: o.Took, At: now, Gone: gone,
	}
	if dl.message != nil {
		e.Message = dl.message.ID
		if !dl.message.fromRelay {
			e.Sender = dl.message.Sender
		}
		e.Waited = max(now.Sub(dl.message.arrived)-o.Took, 0)
	}
	for _, observer := range d.observers {
		observer.Ended(e)
	}
}

// accepted tells that m was.
func (r *Relay) accepted(m *Message, nick string) {
	if list := r.deliveries.observers; len(list) > 0 {
		receivers := max(r.directory.Len()-1, 0) // without its sender
		for _, observer := range list {
			observer.Accepted(m, nick, receivers)
		}
	}
}
