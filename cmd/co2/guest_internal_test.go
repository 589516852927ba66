package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"co2/discovery"
	"co2/discovery/binding"
)

var (
	group112 = netip.MustParseAddr("224.0.0.112")
	group113 = netip.MustParseAddr("224.0.0.113")
)

// A fakeHost is a Polo that takes services as an original one does, without
// telling of them, or as ours does.
type fakeHost struct {
	original bool
	refusal  string
	offered  map[string]map[string]any // by group
	calls    int
}

func (h *fakeHost) PublishService(service string, params map[string]any, groups []string, _, root bool) (string, error) {
	h.calls++
	if h.refusal != "" || !root {
		return "", &binding.MisuseError{Doing: "publish", Reason: h.refusal}
	}
	for _, g := range groups {
		if h.offered[g] != nil {
			return "", &binding.MisuseError{Doing: "publish", Reason: "Service " + service + " already exists"}
		}
		h.offered[g] = params
	}
	return service, nil
}

func (h *fakeHost) UnpublishService(_ string, groups []string, _ bool) error {
	for _, g := range groups {
		delete(h.offered, g)
	}
	return nil
}

func (h *fakeHost) Service(string) (binding.Information, error) {
	if h.original {
		return binding.Information{}, &binding.InternalError{Err: errors.New("connection lost")}
	}
	if len(h.offered) == 0 {
		return binding.Information{}, &binding.MisuseError{Reason: "Could not find service"}
	}
	var info binding.Information
	for group, params := range h.offered {
		info.Params, info.Groups = params, append(info.Groups, netip.MustParseAddr(group))
	}
	return info, nil
}

func (h *fakeHost) Close() error { return nil }

func (h *fakeHost) groups() (n int) { return len(h.offered) }

// A guestTest is a guest whose Polo and groups a test moves.
type guestTest struct {
	*guest
	polo   *fakeHost
	away   bool // the Polo does not run
	theirs []netip.Addr
	lines  bytes.Buffer
}

func newGuestTest(t *testing.T, polo *fakeHost) *guestTest {
	t.Helper()
	polo.offered = map[string]map[string]any{}
	g := &guestTest{polo: polo, theirs: []netip.Addr{group112, group113}}
	at := netip.MustParseAddrPort("10.0.0.1:2003")
	relay := relayPublication(at, "http")
	g.guest = newGuest(relay, at.Addr(), discovery.NewPolo(discovery.PoloConfig{}, nil, nil), 0, "", nil, slog.New(slog.NewTextHandler(&g.lines, nil)))
	g.taken = func() []netip.Addr { return g.theirs }
	g.dial = func(context.Context) (host, error) {
		if g.away {
			return nil, errors.New("refused")
		}
		return polo, nil
	}
	return g
}

// A guest is published once in each group, again when the Polo has forgotten,
// and taken back where the group becomes free; it says each thing once.
func TestGuest(t *testing.T) {
	for _, original := range []bool{false, true} {
		g := newGuestTest(t, &fakeHost{original: original})
		for range 3 {
			g.round(t.Context())
		}
		if g.polo.groups() != 2 || !reflect.DeepEqual(g.polo.offered["224.0.0.112"], g.relay.Params) {
			t.Errorf("original %t: offered %v, want the relay in both groups", original, g.polo.offered)
		}
		g.polo.offered = map[string]map[string]any{} // it was started again
		g.round(t.Context())
		if g.polo.groups() != 2 {
			t.Errorf("original %t: after a restart offered %v, want the relay in both groups", original, g.polo.offered)
		}
		g.theirs = g.theirs[:1]
		g.round(t.Context())
		if g.polo.groups() != 1 || g.polo.offered["224.0.0.112"] == nil {
			t.Errorf("original %t: with one group taken offered %v", original, g.polo.offered)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := g.Run(ctx); err != nil || g.polo.groups() != 0 {
			t.Errorf("original %t: Run = %v, left offered %v", original, err, g.polo.offered)
		}
		if said := strings.Count(g.lines.String(), "is published by the Polo"); said != 1 {
			t.Errorf("original %t: said %d times that it is published: %s", original, said, &g.lines)
		}
	}
}

// What keeps it from being published is said once, with what to do.
func TestGuestRefused(t *testing.T) {
	for _, c := range []struct {
		refusal, says string
		change        func(*guestTest)
	}{
		{"Permission denied", "have root run: co2 publish --root co2-relay port:=2003 scheme=http", func(*guestTest) {}},
		{"Too many services", "it tries again", func(*guestTest) {}},
		{"", "start it with --lan", func(g *guestTest) { g.tells = func(context.Context, netip.Addr) bool { return true } }},
		{"", "already exists", func(g *guestTest) { // another relay of this host
			for _, group := range g.theirs {
				g.polo.offered[group.String()] = map[string]any{"port": 1}
			}
		}},
	} {
		g := newGuestTest(t, &fakeHost{refusal: c.refusal})
		c.change(g)
		for range 3 {
			g.round(t.Context())
		}
		if lines := strings.Count(g.lines.String(), "\n"); lines != 1 || !strings.Contains(g.lines.String(), c.says) {
			t.Errorf("%q: said %s, want one line with %q", c.refusal, &g.lines, c.says)
		}
		g.leave(t.Context(), nil)
		if c.says == "already exists" && g.polo.groups() != 2 {
			t.Error("it took back the service of another relay")
		}
	}
}

// Without a Polo to publish by it is silent: that the port is taken has been
// told. It is news again when one comes.
func TestGuestAlone(t *testing.T) {
	g := newGuestTest(t, &fakeHost{})
	g.away = true
	g.round(t.Context())
	if g.lines.Len() != 0 {
		t.Errorf("said %s", &g.lines)
	}
	g.away = false
	g.round(t.Context())
	g.theirs, g.away = nil, true // it ends, and the group with it
	g.round(t.Context())
	g.theirs, g.away, g.polo.offered = []netip.Addr{group112}, false, map[string]map[string]any{}
	g.round(t.Context())
	if said := strings.Count(g.lines.String(), "is published"); said != 2 || g.polo.groups() != 1 {
		t.Errorf("said %s, offered %v; want it published again, and said so", &g.lines, g.polo.offered)
	}
}
