package main

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"co2/registry"
	"co2/relay"
)

// relayMetrics are what Prometheus is told of a relay. What happens is counted
// as it happens, by the hooks of registry, door and relay; what is there is
// read when somebody asks. It is safe for concurrent use.
type relayMetrics struct {
	registry *prometheus.Registry
	log      *slog.Logger
	calls    *callMetrics
	messages *messageMetrics
	dump     *dumpMetrics
}

func newRelayMetrics(log *slog.Logger) *relayMetrics {
	m := &relayMetrics{
		registry: prometheus.NewRegistry(), log: log,
		calls: newCallMetrics(), messages: newMessageMetrics(), dump: newDumpMetrics(),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		buildInfo(), m.calls, m.messages, m.dump,
	)
	return m
}

// sources are what is read when somebody asks.
type sources struct {
	relay        *relay.Relay
	server       *registry.Server
	polo         *relayPolo // nil: none
	perSatellite bool
}

// read adds what is to be read. It is called once, before anybody asks.
func (m *relayMetrics) read(from sources) {
	m.calls.names.Store(from.server.Table())
	m.registry.MustRegister(newRelayReader(from.relay), newDoorReader(from.server))
	if from.polo != nil {
		m.registry.MustRegister(newPoloReader(from.polo.polo))
	}
	if from.perSatellite {
		m.registry.MustRegister(newSatelliteReader(from.relay))
	}
}

// handler answers /metrics. The door compresses.
func (m *relayMetrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		DisableCompression: true, ErrorLog: slog.NewLogLogger(m.log.With("code", "METRICS-BAD").Handler(), slog.LevelError),
		ErrorHandling: promhttp.ContinueOnError,
	})
}

func buildInfo() prometheus.Collector {
	revision, compiler := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		compiler = info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "co2_build_info", Help: "1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": registry.Version, "revision": revision, "goversion": compiler},
	})
	g.Set(1)
	return g
}

// A family is one metric that is read when somebody asks.
type family struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) family {
	return family{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

func (f family) send(to chan<- prometheus.Metric, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(f.Desc, f.kind, value, labels...)
}

// truth is 1 or 0.
func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// durations are the bounds of the buckets of times, in seconds.
var durations = []float64{.0003, .001, .003, .01, .03, .1, .3, 1, 3, 10, 30}
