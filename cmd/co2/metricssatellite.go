package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"co2/relay"
)

// A satelliteReader reads figures of each satellite: so many series that they
// are told only if asked for.
type satelliteReader struct {
	relay *relay.Relay

	state, waiting, oldest, ping, sent, received, failed, dropped family
}

func newSatelliteReader(r *relay.Relay) *satelliteReader {
	return &satelliteReader{
		relay:    r,
		state:    gauge("co2_satellite_state", "1; the label says in which state the satellite is.", "satellite", "state"),
		waiting:  gauge("co2_satellite_outbox_messages", "Messages that wait for the satellite.", "satellite"),
		oldest:   gauge("co2_satellite_outbox_oldest_seconds", "Age of the oldest of them; 0: none waits.", "satellite"),
		ping:     gauge("co2_satellite_ping_seconds", "Its latest answered ping; -1: none yet.", "satellite"),
		sent:     counter("co2_satellite_sent_total", "Messages accepted from it.", "satellite"),
		received: counter("co2_satellite_received_total", "Calls of its notify, failed ones too.", "satellite"),
		failed:   counter("co2_satellite_failed_total", "Of these, failed.", "satellite"),
		dropped:  counter("co2_satellite_dropped_total", "Messages given up for it since it registered.", "satellite"),
	}
}

// Describe implements [prometheus.Collector]. Without satellites there is
// nothing that Collect would send.
func (r *satelliteReader) Describe(to chan<- *prometheus.Desc) {
	for _, f := range []family{r.state, r.waiting, r.oldest, r.ping, r.sent, r.received, r.failed, r.dropped} {
		to <- f.Desc
	}
}

// Collect implements [prometheus.Collector].
func (r *satelliteReader) Collect(to chan<- prometheus.Metric) {
	oldest := map[string]time.Duration{}
	for s := range r.relay.Samples() {
		if s.Oldest > 0 {
			oldest[s.HostID] = s.Oldest
		}
	}
	for _, s := range r.relay.Directory().Satellites() {
		id := s.HostID
		r.state.send(to, 1, id, string(s.State))
		r.waiting.send(to, float64(s.Waiting), id)
		r.oldest.send(to, oldest[id].Seconds(), id)
		r.ping.send(to, pingSeconds(s), id)
		r.sent.send(to, float64(s.SendCount), id)
		r.received.send(to, float64(s.RecvCount), id)
		r.failed.send(to, float64(s.RecvFails), id)
		r.dropped.send(to, float64(s.Dropped), id)
	}
}

func pingSeconds(s relay.Satellite) float64 {
	if s.Ping.Current < 0 {
		return -1
	}
	return s.Ping.Current / 1000
}
