package main

import (
	"net/url"
	"os"
	"slices"
	"time"

	"co2/registry/web"
	"co2/relay"
	"co2/relay/history"
)

// A network adapts a relay with its history, its dump and its Polo to the
// pages.
type network struct {
	relay   *relay.Relay
	history *history.History
	feed    *feed
	dump    *relay.Dump
	polo    *relayPolo // nil: none
	noPolo  string     // why
	start   string     // what was wrong with the dump at the start
}

// newNetwork remembers what r does from now on. It is called before r runs.
func newNetwork(r *relay.Relay, dump *relay.Dump) *network {
	n := &network{relay: r, history: history.New(history.Config{Full: fullWithin(memoryLimit())}, r), feed: newFeed(), dump: dump, noPolo: "it is switched off"}
	for _, words := range dump.Trouble() {
		n.start = words
	}
	r.Observe(n.observer())
	r.Events().Listen(n.hear)
	return n
}

// fullWithin is how many satellites are remembered in full with so much memory
// for all: 200, and fewer where they would take more than a sixteenth of it.
func fullWithin(limit int64) int {
	const most, least, each = 200, 10, 110 << 10 // octets
	return int(min(max(limit/16/each, least), most))
}

// services are what has to run.
func (n *network) services() []service {
	return []service{{"history", n.history.Run}, {"feed of the pages", n.feed.Run}}
}

// Overview implements [web.Network].
func (n *network) Overview() web.Overview {
	state, rates, times := n.history.State(), n.history.Rates(), n.history.Times()
	o := web.Overview{
		Now: time.Now(), In: rates.In, Out: rates.Out, Rate: rates.Over,
		P50: times.P50, P99: times.P99, Delivered: times.Delivered, Window: times.Over,
		Oldest: state.Oldest, OldestFor: state.OldestFor, LimiterWaits: state.Held.Messages,
		Lost: n.relay.Lost().Sum(), LostRate: rates.Lost, Dump: web.Dump{Trouble: n.start},
	}
	if rates.Over == 0 {
		o.In, o.Out, o.LostRate = -1, -1, -1
	}
	if info, err := os.Stat(n.dump.Path()); err == nil {
		o.Dump.Saved = info.ModTime()
	}
	if t := n.relay.StoreTrouble(); t.Failed > 0 {
		o.Dump.Trouble, o.Dump.Owed = "changes cannot be written: "+t.Err.Error(), t.Owed
	}
	return o
}

// Satellites implements [web.Network].
func (n *network) Satellites() []web.Satellite {
	sats := n.relay.Directory().Satellites()
	rows := make([]web.Satellite, len(sats))
	for i, s := range sats {
		rows[i] = n.row(s)
	}
	return rows
}

func (n *network) row(s relay.Satellite) web.Satellite {
	removal, _ := n.relay.RemovalOf(s)
	return web.Satellite{
		HostID: s.HostID, Nick: s.Nick, URL: (&url.URL{Scheme: s.Callback.Scheme, Host: s.Callback.Addr.String(), Path: "/"}).String(),
		State: web.State(s.Standing()), Reason: s.StandingReason(), StateSince: s.StandingSince(), Answers: string(s.State),
		Registered: s.Registered, LastSeen: latest(s.Registered, s.SendTime, s.RecvTime, n.history.Answered(s.HostID)),
		Ping: web.Ping{
			Now: s.Ping.Current, Min: s.Ping.Min, Avg: s.Ping.Avg(), Max: s.Ping.Max, Count: s.Ping.Count, Fails: s.Ping.Fails,
		},
		Waiting: s.Waiting, Sent: s.SendCount, Received: s.RecvCount - s.RecvFails, Failed: s.RecvFails, Dropped: s.Dropped,
		SentAt: s.SendTime, ReceivedAt: s.RecvTime, Plugins: s.Plugins,
		Paused: s.Paused, Pinned: s.Pinned, Flapping: s.Flapping,
		Breaker: web.BreakerState(s.Breaker.State), Removal: removal,
	}
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
