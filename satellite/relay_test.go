package satellite_test

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"co2/registry"
	"co2/relay"
	"co2/relay/courier"
	"co2/satellite"
)

// startRelay runs a real relay on a free port and returns its URL and what
// stops it.
func startRelay(dir string) (url string, stop func(), err error) {
	log := slog.New(slog.DiscardHandler)
	dump, err := relay.OpenDump(dir, log)
	if err != nil {
		return "", nil, err
	}
	carrier := courier.New(courier.Config{})
	r, err := relay.New(context.Background(), relay.Config{}, dump, carrier, log)
	if err != nil {
		return "", nil, err
	}
	server, err := registry.New(registry.Config{Kind: "relay"}, log, r.Methods()...)
	if err != nil {
		return "", nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	r.Listens(netip.MustParseAddrPort(ln.Addr().String()))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	running.Go(func() { server.Serve(ctx, ln) })
	return "http://" + ln.Addr().String(), func() {
		cancel()
		running.Wait()
		carrier.Close()
		dump.Close()
	}, nil
}

// relayFor is startRelay for a test.
func relayFor(t *testing.T) string {
	t.Helper()
	url, stop, err := startRelay(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

// runNode runs a satellite until the test ends.
func runNode(t *testing.T, cfg satellite.Config) *satellite.Node {
	t.Helper()
	node, err := satellite.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- node.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
	return node
}

func TestWithARealRelay(t *testing.T) {
	url := relayFor(t)
	got := make(chan satellite.Message, 10)
	bob := runNode(t, satellite.Config{
		Relay: url, AnyPort: true, Nick: "bob", MessageInfo: true, Receive: func(m satellite.Message) { got <- m },
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	props, err := bob.FirstPing(ctx)
	if err != nil || props.PingFails != 0 || props.Nick != "bob" || props.HostID != bob.HostID() || props.State != "up" {
		t.Fatalf("FirstPing() = %+v, %v", props, err)
	}
	anna := runNode(t, satellite.Config{Relay: url, AnyPort: true})
	if err := anna.SendWith(ctx, []any{1, "two"}, satellite.Options{TTL: time.Minute, Key: "k", Hops: 1}); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-got:
		if m.Sender != anna.HostID() || m.ID == "" || m.Key != "k" || m.Hops != 1 || m.TTL != time.Minute || time.Since(m.Accepted) > time.Minute {
			t.Errorf("received %+v", m)
		}
		if want := "<value><array><data><value><int>1</int></value><value><string>two</string></value></data></array></value>"; m.Data.String() != want {
			t.Errorf("received %s, want %s", m.Data, want)
		}
	case <-ctx.Done():
		t.Fatal("nothing came")
	}
	if ids, err := anna.Control().Satellites(ctx); err != nil || len(ids) != 2 {
		t.Errorf("Satellites() = %q, %v", ids, err)
	}
	if err := anna.Control().Ping(ctx); err != nil {
		t.Errorf("Ping() = %v", err)
	}
}

// TestListen holds where a satellite listens, with a real network.
func TestListen(t *testing.T) {
	url := relayFor(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	socket, err := net.Listen("unix", t.TempDir()+"/s")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		cfg  satellite.Config
	}{
		{"taken address", satellite.Config{Relay: url, Listen: taken.Addr().String()}},
		{"no address", satellite.Config{Relay: url, Listen: "nonsense"}},
		{"listener without a port", satellite.Config{Relay: url, Listener: socket}},
	} {
		node, err := satellite.New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := node.Run(t.Context()); err == nil {
			t.Errorf("%s: Run() = nil, want an error", c.name)
		}
	}
	if _, err := os.Stat(socket.Addr().String()); err == nil {
		t.Error("the listener that cannot serve was left open")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	node, err := satellite.New(satellite.Config{Relay: url})
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Run(ended); err != nil {
		t.Errorf("Run() with a context that has ended = %v, want nil", err)
	}
}
