package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

// A guest has a relay published by the Polo that has one of its groups on this
// host, as long as that has it: a group is answered by one program.
type guest struct {
	relay discovery.Publication
	// taken returns the groups that another program has.
	taken func() []netip.Addr
	// tells reports whether the Polo that has the group answers other hosts too,
	// though the relay's door is for this one alone. Nil: it may.
	tells func(ctx context.Context, group netip.Addr) bool
	dial  func(context.Context) (host, error)
	wake  <-chan struct{} // when taken may have changed
	log   *slog.Logger

	guestOf map[netip.Addr]bool // groups in which it is published
	said    string              // what was said last
}

// A host is the door of a Polo.
type host interface {
	PublishService(service string, params map[string]any, groups []string, permanent, root bool) (id string, err error)
	UnpublishService(service string, groups []string, deleteFile bool) error
	Service(service string) (binding.Information, error)
	Close() error
}

// How often a guest looks, and how long it waits for the Polo, also to say
// goodbye: a relay that stops has little time.
const (
	guestRound   = 5 * time.Second
	guestGoodbye = 2 * time.Second
)

// newGuest returns a guest for what polo cannot answer on port. at is where
// the relay listens.
func newGuest(relay discovery.Publication, at netip.Addr, polo *discovery.Polo, port uint16, socket string, wake <-chan struct{}, log *slog.Logger) *guest {
	g := &guest{relay: relay, wake: wake, log: log, guestOf: make(map[netip.Addr]bool)}
	g.taken = func() []netip.Addr { return takenGroups(polo.Stats()) }
	g.dial = func(ctx context.Context) (host, error) {
		return binding.Dial(ctx, binding.Config{Socket: socket, Timeout: guestGoodbye})
	}
	if at.IsLoopback() {
		g.tells = func(ctx context.Context, group netip.Addr) bool { return answersOthers(ctx, group, port) }
	}
	return g
}

func takenGroups(s discovery.PoloStats) (taken []netip.Addr) {
	for _, g := range s.Groups {
		if errors.Is(g.Trouble, discovery.ErrGroupTaken) {
			taken = append(taken, g.Group)
		}
	}
	return taken
}

// Run keeps the relay published until ctx ends, and then takes it back.
func (g *guest) Run(ctx context.Context) error {
	rounds := time.NewTicker(guestRound)
	defer rounds.Stop()
	for {
		g.round(ctx)
		select {
		case <-ctx.Done():
			goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), guestGoodbye)
			defer cancel()
			g.leave(goodbye, nil)
			return nil
		case <-rounds.C:
		case <-g.wake:
		}
	}
}

// round sees to it that the relay is published where it has to be, for a Polo
// that starts again has forgotten it.
func (g *guest) round(ctx context.Context) {
	taken := g.taken()
	g.leave(ctx, taken)
	if len(taken) == 0 {
		g.said = "" // what comes next is news
		return
	}
	polo, err := g.dial(ctx)
	if err != nil {
		clear(g.guestOf)
		g.said = "" // the Polo itself has told that the port is taken
		g.log.Debug("no Polo takes services", "code", "GUEST-NOBODY", "err", err)
		return
	}
	defer polo.Close()
	var refused error
	for _, group := range taken {
		if err := g.enter(ctx, polo, group); err != nil {
			delete(g.guestOf, group)
			refused = err
			continue
		}
		g.guestOf[group] = true
	}
	if refused != nil {
		g.say(slog.LevelWarn, "the Polo that has the port does not tell of this relay; "+g.advice(refused), "code", "GUEST-REFUSED", "groups", taken, "err", refused)
		return
	}
	g.say(slog.LevelInfo, "the relay is published by the Polo that has the port", "code", "GUEST-OK", "groups", taken)
}

// errTellsOthers is why a relay for this host alone is not published.
var errTellsOthers = errors.New("that Polo answers other hosts too, and they could not reach this relay")

// enter publishes the relay in one group; if it is there already, it is well.
func (g *guest) enter(ctx context.Context, polo host, group netip.Addr) error {
	switch {
	case g.guestOf[group]:
		if there, _ := g.isThere(polo, group); there {
			return nil
		}
	case g.tells != nil && g.tells(ctx, group):
		return errTellsOthers
	}
	_, refused := polo.PublishService(g.relay.Service, g.relay.Params, []string{group.String()}, false, true)
	if refused == nil {
		return nil
	}
	// An original Polo tells nothing of services, and refuses what it has.
	there, err := g.isThere(polo, group)
	if _, silent := errors.AsType[*binding.InternalError](err); there || silent && g.guestOf[group] {
		return nil
	}
	return refused
}

// isThere reports whether this very relay is published in the group; another
// one of this host has another port.
func (g *guest) isThere(polo host, group netip.Addr) (bool, error) {
	info, err := polo.Service(g.relay.Service)
	same := fmt.Sprint(info.Params["port"]) == fmt.Sprint(g.relay.Params["port"])
	return err == nil && same && slices.Contains(info.Groups, group), err
}

// leave takes the relay back in the groups that are not taken any more.
func (g *guest) leave(ctx context.Context, taken []netip.Addr) {
	var free []string
	for group := range g.guestOf {
		if !slices.Contains(taken, group) {
			free = append(free, group.String())
			delete(g.guestOf, group)
		}
	}
	if len(free) == 0 {
		return
	}
	polo, err := g.dial(ctx)
	if err != nil {
		return // it is gone, and with it what it offered
	}
	defer polo.Close()
	if err := polo.UnpublishService(g.relay.Service, free, false); err != nil {
		g.log.Debug("the relay could not be unpublished", "code", "GUEST-STAYS", "groups", free, "err", err)
	}
}

// advice is what a person can do about it.
func (g *guest) advice(refused error) string {
	if errors.Is(refused, errTellsOthers) {
		return "start it with --lan to let others in"
	}
	if stale, ok := errors.AsType[*binding.TokenError](refused); ok {
		return renewToken(stale) + "; it tries again"
	}
	if !notPermitted(refused) {
		return "it tries again" // another relay may have the name
	}
	return "start it as root or as a member of the group marcopolo, or have root run: " +
		fmt.Sprintf("co2 publish --root %s port:=%v scheme=%v", g.relay.Service, g.relay.Params["port"], g.relay.Params["scheme"])
}

// say logs what is new.
func (g *guest) say(level slog.Level, words string, attrs ...any) {
	if words != g.said {
		g.log.Log(context.Background(), level, words, attrs...)
	}
	g.said = words
}

// answersOthers asks a group on all networks of this host and reports whether
// an address of this host answers there.
func answersOthers(ctx context.Context, group netip.Addr, port uint16) bool {
	on, err := discovery.AllInterfaces()
	if err != nil {
		return true
	}
	q := discovery.Query{Groups: []netip.Addr{group}, Port: port, Timeout: time.Second / 2, Retries: 1}
	for _, i := range on {
		if len(i.Prefixes) > 0 && !i.Prefixes[0].Addr().IsLoopback() {
			q.Interfaces = append(q.Interfaces, i.Interface)
		}
	}
	if len(q.Interfaces) == 0 {
		return false
	}
	nodes, err := discovery.Find(ctx, q)
	if err != nil {
		return true
	}
	for _, n := range nodes {
		if isOwn(n.Addr) {
			return true
		}
	}
	return false
}
