package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"co2/methods"
	"co2/registry"
	"co2/registry/door"
	"co2/relay"
)

// watched says what a relay shows of itself, and where.
type watched struct {
	NoWeb        bool   `arg:"--no-web,env:CO2_NO_WEB" help:"serve no pages; XML-RPC, /healthz, /readyz and /metrics stay"`
	AdminListen  string `arg:"--admin-listen,env:CO2_ADMIN_LISTEN" placeholder:"ADDR" help:"serve /metrics, /healthz and /readyz at an address of their own, such as 127.0.0.1:2004, to whoever reaches it; without it /metrics is at the relay's own address, for this machine only"`
	PerSatellite bool   `arg:"--metrics-per-satellite,env:CO2_METRICS_PER_SATELLITE" help:"in /metrics tell of each satellite too: eight series for each"`
}

func (w *watched) check() error {
	if w.AdminListen == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(w.AdminListen); err != nil {
		return usagef("--admin-listen %q is not HOST:PORT, for example 127.0.0.1:2004", w.AdminListen)
	}
	return nil
}

// A watch is what a running relay shows of itself.
type watch struct {
	watched
	metrics *relayMetrics
	health  *health
	access  *accessLog // nil: none
	server  *registry.Server
	ln      net.Listener // of --admin-listen; nil: none
	closing context.CancelFunc
	closed  chan error // the end of serving ln
}

func (w watched) begin(log *slog.Logger, access *accessLog, acceptsWithoutDisk bool) *watch {
	return &watch{watched: w, metrics: newRelayMetrics(log), health: &health{accepts: acceptsWithoutDisk}, access: access}
}

// into adds what is watched to the pages of a server. Only operators may read
// the metrics at its own door; where they have a listener they are there alone.
func (w *watch) into(cfg *registry.Config) {
	m, h := w.metrics, w.health
	cfg.NoWeb = w.NoWeb
	cfg.Ended = m.call
	cfg.Door.Ended = m.request
	if w.access != nil {
		cfg.Door.Ended = func(e door.Ended) {
			m.request(e)
			w.access.request(e)
		}
	}
	cfg.Extras = map[string]registry.Extra{
		"/healthz": {Handler: http.HandlerFunc(h.alive)},
		"/readyz":  {Handler: http.HandlerFunc(h.ready)},
	}
	where := "co2 serve --admin-listen ADDR gives other hosts an address for it"
	if w.AdminListen != "" {
		where = "it is at that of --admin-listen"
	}
	cfg.Extras["/metrics"] = registry.Extra{Handler: m.handler(), Access: methods.Operator, Apart: w.AdminListen != "", Elsewhere: where}
}

// open begins to watch, before the relay runs. The listener of its own answers
// until close: it is what tells of a relay that stops.
func (w *watch) open(ctx context.Context, r *relay.Relay, server *registry.Server, polo *relayPolo) error {
	r.Observe(w.metrics.messages)
	w.metrics.read(sources{r, server, polo, w.PerSatellite})
	w.health.relay, w.health.server, w.server = r, server, server
	if w.AdminListen == "" {
		return nil
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", w.AdminListen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --admin-listen, for example --admin-listen 127.0.0.1:0", err)
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.ln, w.closing, w.closed = ln, stop, make(chan error, 1)
	go func() { w.closed <- server.ServeExtras(serving, ln) }()
	return nil
}

// close ends it, once the relay has stopped.
func (w *watch) close() error {
	if w.ln == nil {
		return nil
	}
	w.closing()
	return <-w.closed
}

// serve serves the relay's own address, and knows while it does.
func (w *watch) serve(ctx context.Context, ln net.Listener) error {
	w.health.serving.Store(true)
	defer w.health.serving.Store(false)
	return w.server.Serve(ctx, ln)
}

// announce says where it can be watched, if not where the relay is.
func (w *watch) announce(t terminal, scheme string) {
	if w.ln == nil {
		return
	}
	at := netip.MustParseAddrPort(w.ln.Addr().String())
	who := "every host that can reach " + at.Addr().String()
	switch {
	case at.Addr().IsLoopback():
		who = "programs on this machine only"
	case at.Addr().IsUnspecified():
		who = "every host that can reach this machine"
	}
	for _, url := range reachable(scheme, at) {
		fmt.Fprintf(t.out, "  watched    %smetrics by %s\n", url, who)
	}
}
