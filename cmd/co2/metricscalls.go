package main

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry"
	"co2/registry/door"
)

// callMetrics count calls and the requests that bring them.
type callMetrics struct {
	count     *prometheus.CounterVec
	took      *prometheus.HistogramVec
	responses *prometheus.CounterVec

	names   atomic.Pointer[methods.Table] // nil: no call can have come yet
	methods sync.Map                      // of *methodMetrics, by the name that was called; known names only
}

// methodMetrics are those of one method, under all its names.
type methodMetrics struct {
	ok   prometheus.Counter
	took prometheus.Observer
	name string
}

// Labels of calls that have no name of a method.
const (
	unknownMethod = "_unknown" // nothing has this name
	noMethod      = "_none"    // the document was no call
)

func newCallMetrics() *callMetrics {
	return &callMetrics{
		count: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "co2_calls_total", Help: "Calls by method, under its principal name, and outcome; those inside a system.multicall too.",
		}, []string{"method", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "co2_call_duration_seconds", Help: "From the whole document of a call to the whole answer, by method.", Buckets: durations,
		}, []string{"method"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "co2_http_responses_total", Help: "Answers to requests, by HTTP status; calls that end in a fault are 200.",
		}, []string{"code"}),
	}
}

// Describe implements [prometheus.Collector].
func (c *callMetrics) Describe(to chan<- *prometheus.Desc) {
	c.count.Describe(to)
	c.took.Describe(to)
	c.responses.Describe(to)
}

// Collect implements [prometheus.Collector].
func (c *callMetrics) Collect(to chan<- prometheus.Metric) {
	c.count.Collect(to)
	c.took.Collect(to)
	c.responses.Collect(to)
}

// call hears of a call that has ended.
func (m *relayMetrics) call(e registry.Ended) {
	method := m.calls.method(e.Method)
	method.took.Observe(e.Took.Seconds())
	if !e.Failed {
		method.ok.Inc()
		return
	}
	m.calls.count.WithLabelValues(method.name, faultWord(e.Fault)).Inc()
}

// request hears of a request that has been answered.
func (m *relayMetrics) request(e door.Ended) {
	m.calls.responses.WithLabelValues(strconv.Itoa(e.Status)).Inc()
}

// method returns the metrics of the method called name. Names of strangers'
// making share one.
func (c *callMetrics) method(name string) *methodMetrics {
	if m, ok := c.methods.Load(name); ok {
		return m.(*methodMetrics)
	}
	principal := unknownMethod
	d, err := c.names.Load().Describe(name)
	switch {
	case name == "":
		principal = noMethod
	case err == nil:
		principal = d.Names[0]
	}
	m := &methodMetrics{c.count.WithLabelValues(principal, "ok"), c.took.WithLabelValues(principal), principal}
	if err == nil {
		c.methods.Store(name, m)
	}
	return m
}

// faultWord is the label of a call that failed: one of a few.
func faultWord(code int) string {
	switch code {
	case wire.ParseError, wire.UnsupportedEncoding, wire.InvalidCharacter, wire.InvalidRequest:
		return "malformed"
	case wire.MethodNotFound:
		return "unknown_method"
	case wire.InvalidParams:
		return "invalid_params"
	case wire.NotPermitted:
		return "denied"
	case wire.LimitExceeded:
		return "limit"
	case wire.Busy:
		return "busy"
	case wire.DeadlineExceeded:
		return "deadline"
	case wire.InternalError:
		return "internal"
	}
	return "fault"
}

// A doorReader reads what a server's door uses.
type doorReader struct {
	server                                               *registry.Server
	conns, maxConns, streams, bodies, maxBodies, failing family
}

func newDoorReader(s *registry.Server) *doorReader {
	return &doorReader{
		server:    s,
		conns:     gauge("co2_http_connections", "Open connections to the relay."),
		maxConns:  gauge("co2_http_connections_limit", "Connections that may be open; more wait (--max-conns)."),
		streams:   gauge("co2_http_streams", "Open pages that are told of what happens as it does."),
		bodies:    gauge("co2_http_body_bytes", "Memory of the bodies of requests being read."),
		maxBodies: gauge("co2_http_body_limit_bytes", "The most of that; more get 503 (--max-body-memory)."),
		failing:   gauge("co2_http_accept_failing", "1 while connections cannot be accepted, as for want of descriptors."),
	}
}

// Describe implements [prometheus.Collector].
func (d *doorReader) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(d, to) }

// Collect implements [prometheus.Collector].
func (d *doorReader) Collect(to chan<- prometheus.Metric) {
	use := d.server.Door()
	d.conns.send(to, float64(use.Conns))
	d.maxConns.send(to, float64(use.MaxConns))
	d.streams.send(to, float64(use.Streams))
	d.bodies.send(to, float64(use.Bodies))
	d.maxBodies.send(to, float64(use.BodyMemory))
	d.failing.send(to, truth(use.AcceptFails > 0))
}
