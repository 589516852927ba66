package main

import (
	"log/slog"
	"net/url"
	"os"
	"slices"
	"time"

	"co2/registry/web"
	"co2/relay"
)

// A network adapts a relay, its dump and its Polo to the pages.
type network struct {
	relay  *relay.Relay
	dump   *relay.Dump
	polo   *relayPolo // nil: none
	noPolo string     // why
	recent *recentEvents
	start  string // what was wrong with the dump at the start
}

// newNetwork listens to r's events from now on. It is called before r runs.
func newNetwork(r *relay.Relay, dump *relay.Dump) *network {
	n := &network{relay: r, dump: dump, recent: newRecentEvents(), noPolo: "it is switched off"}
	for _, words := range dump.Trouble() {
		n.start = words
	}
	r.Events().Listen(func(ev relay.Event) { n.recent.add(webEvent(ev)) })
	return n
}

// Overview implements [web.Network].
func (n *network) Overview() web.Overview {
	o := web.Overview{Now: time.Now(), In: -1, Out: -1, LimiterWaits: -1, Dump: web.Dump{Trouble: n.start}}
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
		State: web.State(s.State), Reason: s.LastError, StateSince: s.StateSince,
		Registered: s.Registered, LastSeen: latest(s.Registered, s.SendTime, s.RecvTime),
		Ping: web.Ping{
			Now: s.Ping.Current, Min: s.Ping.Min, Avg: s.Ping.Avg(), Max: s.Ping.Max, Count: s.Ping.Count, Fails: s.Ping.Fails,
		},
		Waiting: s.Waiting, Sent: s.SendCount, Received: s.RecvCount, Failed: s.RecvFails, Dropped: s.Dropped,
		SentAt: s.SendTime, ReceivedAt: s.RecvTime, Plugins: s.Plugins,
		Paused: s.Paused, Pinned: s.Pinned, Flapping: s.Flapping,
		Breaker: web.BreakerState(s.Breaker.State), Removal: removal,
	}
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// Satellite implements [web.Network].
func (n *network) Satellite(hostID string) (web.Details, bool) {
	s, ok := n.relay.Directory().Find(hostID)
	if !ok {
		return web.Details{}, false
	}
	return web.Details{
		Satellite:    n.row(s),
		States:       []web.StateChange{{Time: s.StateSince, State: web.State(s.State), Reason: s.LastError}},
		Events:       slices.DeleteFunc(n.Events(), func(ev web.Event) bool { return ev.HostID != hostID }),
		BreakerSince: s.Breaker.Since, BreakerReason: s.Breaker.Reason, BreakerRetry: s.Breaker.Retry,
		QueuePolicy: string(s.Policy), Dialect: s.Dialect.String(), WayBack: s.WayBack,
		CalledAddress: s.Callback.URL(), SeenAddress: s.Seen.String(),
	}, true
}

// Series implements [web.Network].
func (n *network) Series(string, web.SeriesName, time.Duration) web.Series { return web.Series{} }

// Messages implements [web.Network].
func (n *network) Messages(bool) []web.Message { return nil }

// Events implements [web.Network].
func (n *network) Events() []web.Event { return n.recent.newestFirst() }

// Watch implements [web.Network].
func (n *network) Watch() (<-chan web.Change, func()) { return n.recent.watch() }

func webEvent(ev relay.Event) web.Event {
	level := web.LevelInfo
	switch ev.Level() {
	case slog.LevelError:
		level = web.LevelError
	case slog.LevelWarn:
		level = web.LevelWarning
	}
	return web.Event{
		Time: ev.Time, Code: string(ev.Code), Words: ev.Code.Words(), Level: level, HostID: ev.HostID, Nick: ev.Nick, State: web.State(ev.State), Reason: ev.Reason,
	}
}
