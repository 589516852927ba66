// Package relay is the hub of a co2 network (co2 2003): it keeps the roster
// of satellites, takes messages in, hands each to all satellites but its
// sender by calling their notify, pings them, and keeps a dump from which it
// goes on after a restart.
//
// A [Relay] gives its methods to a method table and does the rest in Run. It
// reaches satellites through a [Carrier] and keeps its state in a [Store];
// both come from outside. Everything exported is safe for concurrent use.
package relay

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"co2/methods"
)

// A Relay is one relay. New makes it, Run works it.
type Relay struct {
	cfg        Config
	events     *Events
	roster     *Roster
	directory  Directory
	limiter    *Limiter
	deliveries *deliveries
	pinger     *Pinger
	remover    *remover
	presence   *Presence
	largest    peak
	ids        *messageIDs
	targets    targets
}

// New returns a relay with the satellites that store holds.
func New(ctx context.Context, cfg Config, store Store, carrier Carrier, log *slog.Logger) (*Relay, error) {
	cfg = cfg.withDefaults()
	if !cfg.QueuePolicy.known() {
		return nil, fmt.Errorf("%s is no queue policy, want %s", clip(string(cfg.QueuePolicy)), queueWords)
	}
	events := newEvents(log)
	roster := newRoster(cfg, store, events)
	d := newDeliveries(cfg, carrier, events)
	roster.newOutbox = d.room.newOutbox
	if err := roster.load(ctx); err != nil {
		return nil, err
	}
	bus := cfg.Bus(func(m *Message) { d.post(m, roster.all()) })
	r := &Relay{
		cfg: cfg, events: events, roster: roster, directory: roster, deliveries: d,
		limiter: newLimiter(cfg, bus.Publish), ids: newMessageIDs(),
		pinger: newPinger(cfg, roster, bus.Owns, d),
	}
	r.remover = newRemover(cfg, roster, events, d.heart.lateSince)
	events.Listen(r.remover.hear)
	d.relearn = r.pinger.soon
	d.pinged = func(hostID string) bool { return cfg.PingInterval > 0 && bus.Owns(hostID) }
	roster.resumed = func(m *member) {
		r.pinger.joined(m)
		d.wake(m)
	}
	roster.joined = func(m *member) {
		d.joined(m)
		roster.resumed(m)
	}
	roster.left = func(m *member, at Callback) {
		r.pinger.drop(m)
		carrier.Forget(at)
	}
	r.presence = newPresence(cfg, roster, d.post, r.targets.self, r.ids, log)
	events.Listen(r.presence.hear)
	return r, nil
}

// Methods are the relay's methods, for a method table.
func (r *Relay) Methods() []methods.Method {
	return slices.Concat(r.memberMethods(), r.queryMethods(), r.orderMethods(), r.limitMethods())
}

// Directory answers questions about the satellites.
func (r *Relay) Directory() Directory { return r.directory }

// Events is the stream of what happens.
func (r *Relay) Events() *Events { return r.events }

// StoreTrouble tells whether changes of the roster can be written, and since
// when not.
func (r *Relay) StoreTrouble() StoreTrouble { return r.roster.saver.trouble() }

// Run releases messages, delivers, pings, tells who is there and stores until
// ctx ends. Then it tells that the relay leaves, refuses new messages, delivers
// what was accepted for at most Grace, and saves the counters.
func (r *Relay) Run(ctx context.Context) error {
	r.pinger.spread(time.Now()) // before anyone can register
	stores, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var saving error
	var roster, rest sync.WaitGroup
	roster.Go(func() { saving = r.roster.Run(stores) })
	roster.Go(func() { r.deliveries.heart.Run(stores) })
	rest.Go(func() { r.pinger.Run(ctx) })
	rest.Go(func() { r.remover.Run(ctx) })
	rest.Go(func() { r.limiter.Run(ctx) })
	rest.Go(func() { r.presence.Run(ctx) })
	rest.Go(func() { r.deliveries.alarms.Run(ctx, r.deliveries.ring) })
	roster.Go(func() { r.events.run(stores) })
	rest.Wait()
	r.deliveries.drain(r.cfg.Grace)
	r.deliveries.abandon(r.roster.all())
	stop()
	roster.Wait()
	return saving
}
