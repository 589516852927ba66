package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"co2/relay"
)

// messageMetrics count messages, and the calls to satellites. It is a
// [relay.Observer].
type messageMetrics struct {
	accepted   prometheus.Counter
	receivers  prometheus.Counter
	deliveries *prometheus.CounterVec
	pings      *prometheus.CounterVec
	delivery   prometheus.Histogram
	notify     prometheus.Histogram
	ping       prometheus.Histogram

	ended map[string]map[relay.Verdict]prometheus.Counter // by method; never changed
}

func newMessageMetrics() *messageMetrics {
	m := &messageMetrics{
		accepted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "co2_messages_accepted_total", Help: "Messages that satellites sent and the relay accepted.",
		}),
		receivers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "co2_message_receivers_total", Help: "Satellites that accepted messages go to, added up.",
		}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "co2_deliveries_total", Help: "Calls of notify by outcome; abandoned are those that the relay itself could not make or finish.",
		}, []string{"outcome"}),
		pings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "co2_pings_total", Help: "Pings of satellites by outcome; abandoned are those that say nothing of the satellite.",
		}, []string{"outcome"}),
		delivery: newDurations("co2_delivery_duration_seconds", "From the acceptance of a message to the end of its delivery, of those delivered."),
		notify:   newDurations("co2_notify_duration_seconds", "Calls of notify from start to end, without those abandoned."),
		ping:     newDurations("co2_ping_duration_seconds", "Pings that were answered, from start to end."),
	}
	m.ended = map[string]map[relay.Verdict]prometheus.Counter{
		"notify": outcomes(m.deliveries, "delivered", "retry", "failed"),
		"ping":   outcomes(m.pings, "answered", "failed", "failed"),
	}
	return m
}

func newDurations(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: durations})
}

// outcomes makes all counters of v at once, so that they are there from the
// start.
func outcomes(v *prometheus.CounterVec, delivered, retry, dead string) map[relay.Verdict]prometheus.Counter {
	return map[relay.Verdict]prometheus.Counter{
		relay.Delivered: v.WithLabelValues(delivered), relay.Retry: v.WithLabelValues(retry),
		relay.Dead: v.WithLabelValues(dead), relay.Abandoned: v.WithLabelValues("abandoned"),
	}
}

// Accepted implements [relay.Observer].
func (m *messageMetrics) Accepted(_ *relay.Message, _ string, receivers int) {
	m.accepted.Inc()
	m.receivers.Add(float64(receivers))
}

// Ended implements [relay.Observer].
func (m *messageMetrics) Ended(e relay.Ended) {
	m.ended[e.Method][e.Verdict].Inc()
	switch {
	case e.Verdict == relay.Abandoned:
	case e.Method == "notify":
		m.notify.Observe(e.Took.Seconds())
		if e.Verdict == relay.Delivered {
			m.delivery.Observe((e.Waited + e.Took).Seconds())
		}
	case e.Verdict == relay.Delivered:
		m.ping.Observe(e.Took.Seconds())
	}
}

func (m *messageMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.accepted, m.receivers, m.deliveries, m.pings, m.delivery, m.notify, m.ping}
}

// Describe implements [prometheus.Collector].
func (m *messageMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(to)
	}
}

// Collect implements [prometheus.Collector].
func (m *messageMetrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(to)
	}
}
