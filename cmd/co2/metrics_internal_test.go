package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"co2/discovery"
	"co2/registry"
	"co2/registry/door"
	"co2/relay"
)

// crowded is a store that holds n satellites.
type crowded int

func (n crowded) Load(context.Context) ([]relay.Record, error) {
	records := make([]relay.Record, n)
	for i := range records {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 2004)
		records[i].Registration = relay.Registration{
			HostID: at.String(), Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"},
			Seen: at.Addr(), Nick: "sat", Registered: time.Unix(int64(i), 0),
		}
	}
	return records, nil
}

func (crowded) Commit(context.Context, relay.Change) error { return nil }
func (crowded) Close() error                               { return nil }

// deaf is a carrier of nothing.
type deaf struct{}

func (deaf) Send([]relay.Delivery, func(relay.Delivery, relay.Outcome)) {}
func (deaf) Forget(relay.Callback)                                      {}

// readMetrics are the metrics of a relay with n satellites, its server and a Polo.
func readMetrics(t *testing.T, n int, perSatellite bool) *relayMetrics {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	m := newRelayMetrics(log)
	r, err := relay.New(t.Context(), relay.Config{}, crowded(n), deaf{}, log)
	if err != nil {
		t.Fatal(err)
	}
	server, err := registry.New(registry.Config{Kind: "relay"}, log, r.Methods()...)
	if err != nil {
		t.Fatal(err)
	}
	store := discovery.NewStore(discovery.StoreConfig{}, log)
	polo := discovery.NewPolo(discovery.PoloConfig{}, store, log)
	m.read(sources{r, server, &relayPolo{store: store, polo: polo}, perSatellite})
	return m
}

// TestMetricsKeepToConventions lints them as promtool does, with one of
// everything that has labels.
func TestMetricsKeepToConventions(t *testing.T) {
	m := readMetrics(t, 3, true)
	m.call(registry.Ended{Method: "web.ping"})
	m.request(door.Ended{Status: 200})
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestMetricsAreFewForManySatellites counts the series of 10,000 satellites,
// with strangers who call what they like.
func TestMetricsAreFewForManySatellites(t *testing.T) {
	const satellites, most = 10_000, 400
	few := readMetrics(t, satellites, false)
	for i := range 10_000 {
		few.call(registry.Ended{Method: fmt.Sprintf("no.such%d", i), Failed: true, Fault: -32601})
		few.call(registry.Ended{Method: "ping", Failed: true, Fault: i})
	}
	if n := countSeries(t, few); n > most {
		t.Errorf("%d series for %d satellites, want at most %d", n, satellites, most)
	}
	if got := testutil.ToFloat64(few.calls.count.WithLabelValues("_unknown", "unknown_method")); got != 10_000 {
		t.Errorf("%v calls of unknown methods are counted, want 10000", got)
	}
	if n := countSeries(t, readMetrics(t, satellites, true)); n < 8*satellites || n > 8*satellites+most {
		t.Errorf("%d series with eight for each of %d satellites", n, satellites)
	}
}

// countSeries counts what a Prometheus would keep: all buckets too.
func countSeries(t *testing.T, m *relayMetrics) int {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range families {
		for _, s := range f.Metric {
			n++
			if h := s.GetHistogram(); h != nil {
				n += len(h.Bucket) + 2 // +Inf, sum; its count is the one above
			}
		}
	}
	return n
}

// TestCallsAreCountedUnderTheirPrincipalName also tells outcomes apart.
func TestCallsAreCountedUnderTheirPrincipalName(t *testing.T) {
	m := readMetrics(t, 0, false)
	for _, e := range []registry.Ended{
		{Method: "ping"}, {Method: "web.ping"}, {Method: "ping", Inside: true},
		{Method: "relay.register", Failed: true, Fault: -32602},
		{Method: "relay.relay", Failed: true, Fault: 1},
		{Failed: true, Fault: -32700},
	} {
		m.call(e)
	}
	want := `
		# HELP co2_calls_total Calls by method, under its principal name, and outcome; those inside a system.multicall too.
		# TYPE co2_calls_total counter
		co2_calls_total{method="_none",outcome="malformed"} 1
		co2_calls_total{method="_none",outcome="ok"} 0
		co2_calls_total{method="ping",outcome="ok"} 3
		co2_calls_total{method="relay.register",outcome="invalid_params"} 1
		co2_calls_total{method="relay.register",outcome="ok"} 0
		co2_calls_total{method="relay.relay",outcome="fault"} 1
		co2_calls_total{method="relay.relay",outcome="ok"} 0
	`
	if err := testutil.GatherAndCompare(m.registry, strings.NewReader(want), "co2_calls_total"); err != nil {
		t.Error(err)
	}
}

// TestMessageMetrics plays the relay's part.
func TestMessageMetrics(t *testing.T) {
	m := newMessageMetrics()
	m.Accepted(nil, "bob", 3)
	for _, e := range []relay.Ended{
		{Method: "notify", Verdict: relay.Delivered, Waited: time.Second, Took: time.Second},
		{Method: "notify", Verdict: relay.Retry}, {Method: "notify", Verdict: relay.Dead},
		{Method: "notify", Verdict: relay.Abandoned}, {Method: "ping", Verdict: relay.Delivered, Took: time.Millisecond},
		{Method: "ping", Verdict: relay.Dead}, {Method: "ping", Verdict: relay.Retry}, {Method: "ping", Verdict: relay.Abandoned},
	} {
		m.Ended(e)
	}
	want := `
		# HELP co2_deliveries_total Calls of notify by outcome; abandoned are those that the relay itself could not make or finish.
		# TYPE co2_deliveries_total counter
		co2_deliveries_total{outcome="abandoned"} 1
		co2_deliveries_total{outcome="delivered"} 1
		co2_deliveries_total{outcome="failed"} 1
		co2_deliveries_total{outcome="retry"} 1
		# HELP co2_message_receivers_total Satellites that accepted messages go to, added up.
		# TYPE co2_message_receivers_total counter
		co2_message_receivers_total 3
		# HELP co2_pings_total Pings of satellites by outcome; abandoned are those that say nothing of the satellite.
		# TYPE co2_pings_total counter
		co2_pings_total{outcome="abandoned"} 1
		co2_pings_total{outcome="answered"} 1
		co2_pings_total{outcome="failed"} 2
	`
	if err := testutil.CollectAndCompare(m, strings.NewReader(want), "co2_deliveries_total", "co2_message_receivers_total", "co2_pings_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(m, "co2_delivery_duration_seconds"); n != 1 {
		t.Errorf("%d histograms of delivery times, want 1", n)
	}
}

// BenchmarkMessageMetrics is what counting costs one delivery.
func BenchmarkMessageMetrics(b *testing.B) {
	m := newMessageMetrics()
	e := relay.Ended{Method: "notify", Verdict: relay.Delivered, Waited: time.Millisecond, Took: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		m.Ended(e)
	}
}
