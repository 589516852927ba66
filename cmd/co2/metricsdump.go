package main

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"co2/relay"
)

// dumpMetrics count the writes of a dump.
type dumpMetrics struct {
	written, failed prometheus.Counter
	writes          *prometheus.CounterVec
	took            prometheus.Histogram
	last            prometheus.GaugeFunc
	lastAt          atomic.Int64 // of the latest good write, in nanoseconds since 1970; 0: none yet
}

func newDumpMetrics() *dumpMetrics {
	m := &dumpMetrics{
		writes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "co2_dump_writes_total", Help: "Writes of the dump by outcome.",
		}, []string{"outcome"}),
		took: newDurations("co2_dump_write_duration_seconds", "Writes of the dump until it is on disk, good ones and failed."),
	}
	m.written, m.failed = m.writes.WithLabelValues("ok"), m.writes.WithLabelValues("failed")
	m.last = prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "co2_dump_last_write_timestamp_seconds", Help: "When the dump was last written, in seconds since 1970; 0: never. Without changes nothing is written.",
	}, func() float64 { return float64(m.lastAt.Load()) / 1e9 })
	return m
}

// Describe implements [prometheus.Collector].
func (m *dumpMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect implements [prometheus.Collector].
func (m *dumpMetrics) Collect(to chan<- prometheus.Metric) {
	m.writes.Collect(to)
	m.took.Collect(to)
	m.last.Collect(to)
}

// A measuredDump is a relay's dump whose writes are counted.
type measuredDump struct {
	*relay.Dump
	metrics *dumpMetrics
}

func (m *dumpMetrics) measure(d *relay.Dump) measuredDump {
	if info, err := os.Stat(d.Path()); err == nil {
		m.lastAt.Store(info.ModTime().UnixNano())
	}
	return measuredDump{d, m}
}

// Commit implements [relay.Store].
func (d measuredDump) Commit(ctx context.Context, c relay.Change) error {
	began := time.Now()
	err := d.Dump.Commit(ctx, c)
	d.metrics.took.Observe(time.Since(began).Seconds())
	if err != nil {
		d.metrics.failed.Inc()
		return err
	}
	d.metrics.written.Inc()
	d.metrics.lastAt.Store(time.Now().UnixNano())
	return nil
}
