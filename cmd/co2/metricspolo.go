package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"co2/discovery"
)

// A poloReader reads how the relay's Polo fares.
type poloReader struct {
	polo *discovery.Polo

	questions, answers, silences, sources, failing family
}

func newPoloReader(p *discovery.Polo) *poloReader {
	return &poloReader{
		polo:      p,
		questions: counter("co2_discovery_questions_total", "Datagrams of discovery that were read, by command.", "command"),
		answers:   counter("co2_discovery_answers_total", "Datagrams of discovery that were answered."),
		silences:  counter("co2_discovery_silences_total", "Datagrams of discovery that were not answered, by reason.", "reason"),
		sources:   gauge("co2_discovery_sources", "Addresses remembered for the rate of answers."),
		failing:   gauge("co2_discovery_failing", "1 while not every group is heard on every interface."),
	}
}

// Describe implements [prometheus.Collector].
func (p *poloReader) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(p, to) }

// Collect implements [prometheus.Collector].
func (p *poloReader) Collect(to chan<- prometheus.Metric) {
	s := p.polo.Stats()
	for command, n := range map[string]uint64{
		"Marco": s.Marco, "Discover": s.Discover, "Request-for": s.RequestFor, "Services": s.Services,
	} {
		p.questions.send(to, float64(n), command)
	}
	for reason, n := range map[string]uint64{
		"malformed": s.Malformed, "stranger": s.Strangers, "limited": s.Limited,
		"unknown_service": s.Unknown, "busy": s.Busy, "failed": s.Failed,
	} {
		p.silences.send(to, float64(n), reason)
	}
	p.answers.send(to, float64(s.Answered))
	p.sources.send(to, float64(s.Sources))
	p.failing.send(to, truth(s.Trouble != nil))
}
