package main

import (
	"math"
	"slices"

	"co2/registry/web"
	"co2/relay"
	"co2/relay/history"
)

// Satellite implements [web.Network].
func (n *network) Satellite(hostID string) (web.Details, bool) {
	s, ok := n.relay.Directory().Find(hostID)
	if !ok {
		return web.Details{}, false
	}
	n.history.Look(hostID)
	kept, _ := n.history.Satellite(hostID)
	use, _ := n.relay.LimitsOf(hostID)
	return web.Details{
		Satellite:    n.row(s),
		States:       webStates(kept.States, s),
		Deliveries:   webDeliveries(kept.Deliveries),
		Events:       slices.DeleteFunc(n.Events(), func(ev web.Event) bool { return ev.HostID != hostID }),
		BreakerSince: s.Breaker.Since, BreakerReason: s.Breaker.Reason, BreakerRetry: s.Breaker.Retry,
		QueueBytes: use.OutboxBytes.Used, QueuePolicy: string(s.Policy), Dialect: s.Dialect.String(), WayBack: s.WayBack,
		CalledAddress: s.Callback.URL(), SeenAddress: s.Seen.String(),
		Limits: webLimits(use), Recorded: kept.Full,
	}, true
}

// webStates are the states that s was in. What it is in now the relay knows
// best.
func webStates(changes []history.StateChange, s relay.Satellite) []web.StateChange {
	list := make([]web.StateChange, len(changes))
	for i, c := range changes {
		list[i] = web.StateChange{Time: c.Time, State: web.State(c.State), Reason: c.Reason}
	}
	if k := len(list) - 1; k < 0 || list[k].State != web.State(s.Standing()) {
		return append(list, web.StateChange{Time: s.StandingSince(), State: web.State(s.Standing()), Reason: s.StandingReason()})
	} else if list[k].Reason == "" {
		list[k].Reason = s.StandingReason()
	}
	return list
}

func webDeliveries(deliveries []history.Delivery) []web.Delivery {
	list := make([]web.Delivery, len(deliveries))
	for i, d := range deliveries {
		list[i] = web.Delivery{Time: d.Time, MessageID: d.Message, Sender: d.Sender, Took: d.Took, Outcome: webOutcome(d.Verdict), Reason: d.Reason}
	}
	return list
}

func webOutcome(v relay.Verdict) web.Outcome {
	switch v {
	case relay.Delivered:
		return web.OutcomeDelivered
	case relay.Retry:
		return web.OutcomeRetry
	case relay.Abandoned:
		return web.OutcomeAbandoned
	}
	return web.OutcomeFailed
}

// webLimits are the limits of one satellite, under the names of their settings.
func webLimits(l relay.SatelliteLimits) []web.Limit {
	return []web.Limit{
		{Name: "--rate", Used: l.Rate.Used, Limit: orNone(l.Rate.Limit), Unit: l.Rate.Unit},
		webLimit("--burst", l.Burst), webLimit("--queue", l.Queue), webLimit("--queue-bytes", l.QueueBytes),
		webLimit("--outbox", l.Outbox), webLimit("--outbox-bytes", l.OutboxBytes),
	}
}

func webLimit(setting string, u relay.Use[int]) web.Limit {
	return web.Limit{Name: setting, Used: float64(u.Used), Limit: orNone(float64(u.Limit)), Unit: u.Unit}
}

// orNone is how pages are told that there is no limit.
func orNone(limit float64) float64 {
	if limit >= math.MaxInt32 {
		return -1
	}
	return limit
}
