package satellite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/satellite"
)

// wantRefused wants err to be the fault of a satellite that lets nobody in.
func wantRefused(t *testing.T, err error, says string) {
	t.Helper()
	f, ok := errors.AsType[*wire.Fault](err)
	if !ok || f.Code != 1 || !strings.HasPrefix(f.String, "registry.Co2RegistryError:") || !strings.Contains(f.String, says) {
		t.Errorf("notify = %v, want a Co2RegistryError with %q", err, says)
	}
}

func TestNotifyPass(t *testing.T) {
	var got []satellite.Message
	cfg := satellite.Config{NotifyPass: "42", Receive: func(m satellite.Message) { got = append(got, m) }}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		message := map[string]any{"host_id": "10.0.0.9:2004", "data": "x"}
		wantRefused(t, b.call(relayAddr, "notify", nil, message), "notify_pass")
		for _, wrong := range []any{"", "4", "422", 43, "٤٢"} {
			message["notify_pass"] = wrong
			wantRefused(t, b.call(relayAddr, "notify", nil, message), "notify_pass")
		}
		message["notify_pass"] = 4.2
		if f, ok := errors.AsType[*wire.Fault](b.call(relayAddr, "notify", nil, message)); !ok || f.Code != wire.InvalidParams {
			t.Errorf("a double for a password gives %v", f)
		}
		synctest.Wait()
		if len(got) != 0 {
			t.Fatalf("received %v, want nothing", got)
		}
		for _, right := range []any{"42", 42} {
			message["notify_pass"] = right
			if err := b.call("10.0.0.66:1", "notify", nil, message); err != nil { // the password is enough
				t.Errorf("notify with %v = %v", right, err)
			}
		}
		synctest.Wait()
		if len(got) != 2 || got[0].Sender != "10.0.0.9:2004" || got[0].Data.String() != "<value><string>x</string></value>" {
			t.Errorf("received %v", got)
		}
	})
}

func TestNoPass(t *testing.T) {
	received := 0
	cfg := satellite.Config{NoPass: true, NotifyPass: "ignored", Receive: func(satellite.Message) { received++ }}
	message := map[string]any{"host_id": "a", "data": 1, "notify_pass": "whatever"}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		if pass := b.pass(); pass != "" {
			t.Errorf("registered the password %q", pass)
		}
		wantRefused(t, b.call("10.0.0.66:1", "notify", nil, message), "10.0.0.66 is not the relay")
		if err := b.call(relayAddr, "notify", nil, message); err != nil {
			t.Errorf("notify of the relay = %v", err)
		}
	})
	cfg.AnyCaller = true
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		if err := b.call("10.0.0.66:1", "notify", nil, message); err != nil {
			t.Errorf("notify of anybody = %v", err)
		}
	})
	if received != 2 {
		t.Errorf("received %d messages, want 2", received)
	}
}

func TestMessageInfo(t *testing.T) {
	var got satellite.Message
	inBubble(t, satellite.Config{Receive: func(m satellite.Message) { got = m }}, nil, func(t *testing.T, b *bubble) {
		err := b.call(relayAddr, "notify", nil, map[string]any{
			"host_id": "a", "data": 1, "notify_pass": b.pass(), "message_id": "id", "message_time": 1e9 + 0.5,
			"message_ttl": 2.5, "message_key": "k", "message_hops": 3, "later": "key",
		})
		synctest.Wait()
		if err != nil || got.ID != "id" || got.Key != "k" || got.Hops != 3 || got.TTL != 2500*time.Millisecond ||
			!got.Accepted.Equal(time.Unix(1e9, 5e8)) || got.Received.IsZero() {
			t.Errorf("received %+v, %v", got, err)
		}
		if err := b.notify(1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got.ID != "" || !got.Accepted.IsZero() || got.TTL != 0 {
			t.Errorf("received %+v from a relay that tells nothing", got)
		}
		if err := b.call(relayAddr, "notify", nil, map[string]any{
			"host_id": "a", "data": 1, "notify_pass": b.pass(), "message_time": 1e300, "message_ttl": -1e300,
		}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got.TTL != 0 || got.Accepted.Year() > 2300 {
			t.Errorf("odd times made %+v", got)
		}
	})
}

// TestReceivesInOrder also holds that Receive is never called twice at once:
// the race detector would tell.
func TestReceivesInOrder(t *testing.T) {
	var got []int
	var under atomic.Int32
	receive := func(m satellite.Message) {
		if under.Add(1) != 1 {
			t.Error("Receive was called while it ran")
		}
		time.Sleep(time.Second)
		var n int
		if err := m.Data.Decode(&n); err != nil {
			t.Error(err)
		}
		got = append(got, n)
		under.Add(-1)
	}
	inBubble(t, satellite.Config{Receive: receive}, nil, func(t *testing.T, b *bubble) {
		for i := range 20 {
			if err := b.notify(i); err != nil {
				t.Fatal(err)
			}
		}
		b.after(21 * time.Second)
		for i, n := range got {
			if n != i {
				t.Fatalf("received %v, want them in order", got)
			}
		}
		if len(got) != 20 {
			t.Errorf("received %d messages, want 20", len(got))
		}
	})
}

// TestFullInbox gives the relay a fault before that gives up after 5 s.
func TestFullInbox(t *testing.T) {
	var release chan struct{} // made in the bubble
	received := 0
	cfg := satellite.Config{Inbox: 2, Receive: func(satellite.Message) { <-release; received++ }}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		release = make(chan struct{})
		for i := range 3 { // one in Receive, two in the inbox
			if err := b.notify(i); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		began := time.Now()
		err := b.notify(3)
		if f, ok := errors.AsType[*wire.Fault](err); !ok || f.Code != wire.Busy || !strings.Contains(f.String, "busy") {
			t.Errorf("notify = %v, want a fault that it is busy", err)
		}
		if took := time.Since(began); took < time.Second || took >= 5*time.Second {
			t.Errorf("the fault took %v, want it to wait a little and less than the relay does", took)
		}
		if err := b.call(relayAddr, "ping", nil); err != nil {
			t.Errorf("ping beside a full inbox = %v", err)
		}
		close(release)
		b.after(time.Second)
		if received != 3 {
			t.Errorf("received %d, want 3: a message that was refused does not count", received)
		}
	})
}

// TestReceivesAllItAccepted stops a satellite amid many calls.
func TestReceivesAllItAccepted(t *testing.T) {
	var received, accepted atomic.Int32
	cfg := satellite.Config{Inbox: 4, Receive: func(satellite.Message) {
		time.Sleep(300 * time.Millisecond)
		received.Add(1)
	}}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		pass := b.pass()
		var calls sync.WaitGroup
		for i := range 40 {
			calls.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				err := b.call(relayAddr, "notify", nil, map[string]any{"host_id": "a", "data": i, "notify_pass": pass})
				if err == nil {
					accepted.Add(1)
				}
			})
		}
		b.after(2 * time.Second)
		b.stop()
		if err := <-b.ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
		got := received.Load()
		b.ended <- nil
		calls.Wait()
		if got < 5 || got != accepted.Load() || got != received.Load() {
			t.Errorf("received %d when Run returned and %d in the end, of %d accepted", got, received.Load(), accepted.Load())
		}
	})
}

// TestStopsBesideALateCall stops a satellite whose Receive hangs, while the
// rest of a call comes in late.
func TestStopsBesideALateCall(t *testing.T) {
	var log bytes.Buffer
	cfg := satellite.Config{
		NotifyPass: "p", Inbox: 1, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
		Receive: func(satellite.Message) { time.Sleep(10 * time.Second) },
	}
	inBubble(t, cfg, nil, func(t *testing.T, b *bubble) {
		for i := range 2 {
			if err := b.notify(i); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		doc, err := wire.AppendCall(nil, "notify", map[string]any{"host_id": "a", "data": 1, "notify_pass": "p"})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := b.ln.dial(relayAddr)(t.Context(), "tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n", len(doc))
		b.stop()
		b.after(2 * time.Second)
		conn.Write(doc)
		if err := <-b.ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
		b.ended <- nil
		if log.Len() != 0 {
			t.Errorf("logged %s", &log)
		}
	})
}

// TestEndsWhenItCannotServe tells a program that its door is gone.
func TestEndsWhenItCannotServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln := newMemListener("10.0.0.5:2004")
		node, err := satellite.New(satellite.Config{Relay: "http://10.0.0.1:2003", Listener: ln})
		if err != nil {
			t.Fatal(err)
		}
		relay := newRelayStub()
		node.Control().HTTP().Transport = relay
		ended := make(chan error, 1)
		go func() { ended <- node.Run(context.Background()) }()
		synctest.Wait()
		ln.Close()
		if err := <-ended; err == nil {
			t.Error("Run() = nil after its listener was closed")
		}
		relay.wantCalls(t, "relay.deregister", 1)
	})
}
