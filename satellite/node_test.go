package satellite_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/satellite"
)

const relayAddr = "10.0.0.1:40000" // where the relay calls from

// A bubble is a running satellite without a network.
type bubble struct {
	t     *testing.T
	relay *relayStub
	node  *satellite.Node
	ln    *memListener
	stop  context.CancelFunc
	ended chan error

	mu       sync.Mutex
	statuses []satellite.Status // guarded by mu
	times    []time.Time        // guarded by mu: of the statuses
}

// inBubble runs a satellite against a stub. It is stopped in the end.
func inBubble(t *testing.T, cfg satellite.Config, prepare func(*relayStub), test func(*testing.T, *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, relay: newRelayStub(), ln: newMemListener("10.0.0.5:2004"), ended: make(chan error, 1)}
		if prepare != nil {
			prepare(b.relay)
		}
		cfg.Relay, cfg.Listener, cfg.State = "http://10.0.0.1:2003", b.ln, b.state
		var err error
		if b.node, err = satellite.New(cfg); err != nil {
			t.Fatal(err)
		}
		b.node.Control().HTTP().Transport = b.relay
		var ctx context.Context
		ctx, b.stop = context.WithCancel(t.Context())
		defer b.stop()
		go func() { b.ended <- b.node.Run(ctx) }()
		synctest.Wait()
		test(t, b)
		b.stop()
		if err := <-b.ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
}

func (b *bubble) state(s satellite.Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.statuses, b.times = append(b.statuses, s), append(b.times, time.Now())
}

// told returns what State heard so far, and when.
func (b *bubble) told() ([]satellite.Status, []time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]satellite.Status(nil), b.statuses...), append([]time.Time(nil), b.times...)
}

// after lets time go by.
func (b *bubble) after(d time.Duration) {
	time.Sleep(d) // the bubble's time, not ours
	synctest.Wait()
}

// call calls the satellite from an address of choice.
func (b *bubble) call(from, method string, into any, params ...any) error {
	client := wire.NewHTTPClient(b.ln.dial(from))
	client.Timeout = time.Hour
	defer client.CloseIdleConnections()
	c := wire.Client{URL: "http://10.0.0.5:2004/RPC2", HTTP: client}
	return c.Call(b.t.Context(), method, into, params...)
}

// pass is the notify_pass of the latest registration.
func (b *bubble) pass() any {
	calls := b.relay.came("relay.register")
	return calls[len(calls)-1].params["notify_pass"]
}

// notify is a notify of the relay.
func (b *bubble) notify(data any) error {
	return b.call(relayAddr, "notify", nil, map[string]any{"host_id": "10.0.0.9:2004", "data": data, "notify_pass": b.pass()})
}
