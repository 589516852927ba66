package main_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// read reads a page of a relay, and returns its status too.
func readPage(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestMetricsOfARelay looks at the figures of a relay at work, at its own
// address.
func TestMetricsOfARelay(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	one, two := listen(t, nil).register(t, relay), listen(t, nil).register(t, relay)
	one.send(t, relay, number(1))
	two.hears(t)
	for _, want := range []string{
		`co2_calls_total{method="relay.register",outcome="ok"} 2`, `co2_calls_total{method="relay.relay",outcome="ok"} 1`,
		`co2_call_duration_seconds_count{method="relay.relay"} 1`, "co2_messages_accepted_total 1", "co2_message_receivers_total 1",
		`co2_deliveries_total{outcome="delivered"} 1`, "co2_delivery_duration_seconds_count 1", "co2_outbox_messages 0",
		`co2_satellites{state="up"} 2`, `co2_satellites_attention{standing="stuck"} 0`, `co2_pings_total{outcome="answered"} 2`, "co2_ping_duration_seconds_count 2",
		`co2_events_total{code="SAT-JOIN"} 2`, "co2_dump_failing 0", `co2_http_responses_total{code="200"}`, "co2_build_info{", "go_goroutines",
	} {
		eventually(t, want, func() bool {
			status, body := readPage(t, relay.url+"/metrics")
			return status == 200 && strings.Contains(body, "\n"+want)
		})
	}
	if _, body := readPage(t, relay.url+"/metrics"); strings.Contains(body, one.hostID) {
		t.Error("the metrics name a satellite without --metrics-per-satellite")
	}
	for path, want := range map[string]string{"/healthz": "ok\nprocess: alive\n", "/readyz": "ok\ndump: written\nlistener: open\nstopping: no\n"} {
		if status, body := readPage(t, relay.url+path); status != 200 || body != want {
			t.Errorf("%s: %d %q, want %q", path, status, body, want)
		}
	}
}

// TestAdminListen moves the metrics to a listener of their own, and shows that
// it tells of a relay that stops; and that without pages calls go on.
func TestAdminListen(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--admin-listen", "127.0.0.1:0", "--metrics-per-satellite", "--no-web")
	_, rest, _ := strings.Cut(relay.out.String(), "watched    ")
	url, _, _ := strings.Cut(rest, "metrics by programs on this machine only")
	sat := listen(t, nil).register(t, relay)
	eventually(t, "the satellite has series of its own", func() bool {
		status, body := readPage(t, url+"metrics")
		return status == 200 && strings.Contains(body, `co2_satellite_state{satellite="`+sat.hostID+`",state="up"} 1`)
	})
	for path, want := range map[string]int{"/metrics": 404, "/": 405, "/satellites": 404, "/readyz": 200} {
		if status, body := readPage(t, relay.url+path); status != want {
			t.Errorf("%s at the relay's own address: %d %q, want %d", path, status, body, want)
		}
	}
	for address, want := range map[string]string{relay.url + "/metrics": "--admin-listen", url: "/healthz, /metrics, /readyz"} {
		if _, body := readPage(t, address); !strings.Contains(body, want) {
			t.Errorf("GET %s says %q, want where to look: %s", address, body, want)
		}
	}
	if got := must[string](t, relay, "ping"); got != "OK" {
		t.Errorf("ping without pages = %q", got)
	}
	if status, body := readPage(t, url+"readyz"); status != 200 {
		t.Errorf("/readyz at the listener apart: %d %q", status, body)
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("after SIGTERM the exit code is %d", code)
	}
}

func TestAdminListenInUse(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir(), "--admin-listen", relay.addr()).
		wants(t, 1, "address already in use", "--admin-listen 127.0.0.1:0")
	run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir(), "--admin-listen", "2004").wants(t, 2, "HOST:PORT")
}
