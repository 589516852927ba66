package main_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"co2/methods/wire"
)

// hangAround starts a relay with satellites that never answer a notify, with
// messages that wait for them, and with clients that hang at every step of a
// request. It returns the host ids.
func hangAround(t *testing.T) (relay *server, ids []string) {
	t.Helper()
	relay = startRelay(t)
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	for range 20 {
		ids = append(ids, listen(t, hold).register(t, relay).hostID)
	}
	sender := listen(t, nil).register(t, relay)
	ids = append(ids, sender.hostID)
	for i := range 20 {
		sender.send(t, relay, text(fmt.Sprint("message ", i)))
	}
	large := document("test", text(strings.Repeat("x", 3_000_000)))
	for _, said := range []string{
		"", "POST / HT", "POST / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<?xml",
		fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(large), large), // and does not read
	} {
		for range 5 {
			c, err := net.Dial("tcp", relay.addr())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			go fmt.Fprint(c, said)
		}
	}
	var load sync.WaitGroup
	t.Cleanup(load.Wait)
	for range 2 {
		load.Go(func() { // until the relay stops
			client := wire.Client{URL: relay.url + "/RPC2", HTTP: wire.NewHTTPClient(nil)}
			defer client.HTTP.CloseIdleConnections()
			pace := time.NewTicker(5 * time.Millisecond)
			defer pace.Stop()
			for err := error(nil); err == nil; <-pace.C {
				err = client.Call(t.Context(), "relay.relay", nil, structure{"host_id": sender.hostID, "data": "more"})
				if _, full := errors.AsType[*wire.Fault](err); full {
					err = nil
				}
			}
		})
	}
	eventually(t, "the clients hang", func() bool {
		return must[map[string]structure](t, relay, "relay.get_limits")["connections"]["used"].(int64) > 20
	})
	return relay, ids
}

// However many satellites and clients hang, the relay ends within 10 s when it
// is told to stop, and nothing acknowledged is lost.
func TestStopsInTime(t *testing.T) {
	t.Parallel()
	relay, ids := hangAround(t)
	began := time.Now()
	code := relay.stop()
	took := time.Since(began)
	if code != 0 || took > 10*time.Second {
		t.Errorf("it ended with %d after %v, want 0 within 10 s", code, took)
	}
	t.Logf("it ended after %v", took)
	wantAllBack(t, relay, ids)
}

// Told again, it leaves at once, and nothing acknowledged is lost.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	for _, again := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		relay, ids := hangAround(t)
		relay.signal(syscall.SIGTERM)
		relay.said("stopping; ")
		began := time.Now()
		relay.signal(again)
		code := relay.wait()
		took := time.Since(began)
		if code != 1 || took > 3*time.Second { // it is 0.5 s; a busy machine may add to it
			t.Errorf("told again it ended with %d after %v, want 1 at once", code, took)
		}
		relay.said("told to stop again")
		t.Logf("told again it ended after %v", took)
		wantAllBack(t, relay, ids)
	}
}

func wantAllBack(t *testing.T, relay *server, ids []string) {
	t.Helper()
	relay.restart(t)
	got := must[[]string](t, relay, "relay.get_satellites")
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(ids))) {
		t.Errorf("after a restart the satellites are %q, want %q", got, ids)
	}
}

// After a start every satellite is pinged, though not all at once.
func TestFirstPingsAfterStart(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	var ids []string
	for range 30 {
		ids = append(ids, listen(t, nil).register(t, relay).hostID)
	}
	relay.stop()
	relay.restart(t)
	waiting := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return pinged(t, relay, id) })
	if len(waiting) == 0 {
		t.Errorf("all %d are pinged at once, want it spread", len(ids))
	}
	eventually(t, "all are pinged", func() bool {
		for len(waiting) > 0 && pinged(t, relay, waiting[0]) {
			waiting = waiting[1:]
		}
		return len(waiting) == 0
	})
}

func pinged(t *testing.T, relay *server, hostID string) bool {
	t.Helper()
	return must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": hostID})["ping_count"].(int64) > 0
}

// A program that cannot end, here since nobody reads what it prints, leaves
// after 10 s all the same.
func TestLeavesWithoutBeingDone(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(binary, "satellite", "--relay", relay.url, "--listen", "127.0.0.1:0")
	cmd.Env, cmd.Stdout = cleanEnv(t), in
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	said := stream{changed: make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		said.fill(stderr)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	if _, ok := said.next("the relay reaches it", patience); !ok {
		t.Fatalf("it said %s", &said)
	}
	sender := listen(t, nil).register(t, relay)
	const messages = 20
	for range messages {
		sender.send(t, relay, text(strings.Repeat("x", 10_000)))
	}
	id := must[[]string](t, relay, "relay.get_satellites")[0]
	eventually(t, "it has more messages than a pipe holds", func() bool {
		return must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": id})["recv_count"].(int64) == messages
	})
	began := time.Now()
	cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("it did not end")
	}
	took := time.Since(began)
	if code := cmd.ProcessState.ExitCode(); code != 1 || took < 5*time.Second || !strings.Contains(said.String(), "not done within 10s; leaving at once") {
		t.Errorf("it ended with %d after %v and said %s, want 1 after 10 s", code, took, &said)
	}
}
