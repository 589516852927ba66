package main

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"co2/relay"
)

// A relayReader reads the satellites, what waits for them, and what was
// refused and lost.
type relayReader struct {
	relay *relay.Relay

	satellites, maxSatellites, breakers family
	attention                           family
	outbox, outboxBytes, oldest         family
	memory, maxMemory                   family
	senders, held, heldBytes, heldAge   family
	lost, refusals, events              family
	dumpFailing, owed                   family
}

func newRelayReader(r *relay.Relay) *relayReader {
	return &relayReader{
		relay:         r,
		satellites:    gauge("co2_satellites", "Registered satellites by state.", "state"),
		maxSatellites: gauge("co2_satellites_limit", "Satellites that may be registered; +Inf: no limit (--max-sats)."),
		breakers:      gauge("co2_breakers", "Satellites by the state of their breaker; messages wait while it is not closed.", "state"),
		attention:     gauge("co2_satellites_attention", "Satellites that need attention, as the pages count them, each by the worst that is wrong with it.", "standing"),
		outbox:        gauge("co2_outbox_messages", "Messages that wait for receivers, once for each receiver."),
		outboxBytes:   gauge("co2_outbox_bytes", "The same in octets."),
		oldest:        gauge("co2_outbox_oldest_seconds", "Age of the oldest message that waits for a receiver; 0: none waits."),
		memory:        gauge("co2_outbox_memory_bytes", "Memory of all outboxes, each message counted once."),
		maxMemory:     gauge("co2_outbox_memory_limit_bytes", "The most of that; then the fullest outboxes give up their oldest (--outbox-memory)."),
		senders:       gauge("co2_limiter_senders", "Senders whose messages wait for their rate."),
		held:          gauge("co2_limiter_messages", "Messages that wait for the rate of their sender."),
		heldBytes:     gauge("co2_limiter_bytes", "The same in octets."),
		heldAge:       gauge("co2_limiter_oldest_seconds", "Age of the oldest message that waits for the rate of its sender; 0: none waits."),
		lost:          counter("co2_messages_lost_total", "Messages given up for one receiver each, by cause.", "cause"),
		refusals:      counter("co2_refusals_total", "Registrations and messages refused, by the limit that did it.", "limit"),
		events:        counter("co2_events_total", "Events by code; docs/operate/events.md lists them.", "code"),
		dumpFailing:   gauge("co2_dump_failing", "1 while the dump cannot be written."),
		owed:          gauge("co2_dump_owed_satellites", "Satellites whose accepted changes are not on disk (--accept-without-disk)."),
	}
}

// Describe implements [prometheus.Collector].
func (r *relayReader) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(r, to) }

// Collect implements [prometheus.Collector].
func (r *relayReader) Collect(to chan<- prometheus.Metric) {
	r.collectSatellites(to)
	held := r.relay.Held()
	r.senders.send(to, float64(held.Senders))
	r.held.send(to, float64(held.Messages))
	r.heldBytes.send(to, float64(held.Bytes))
	r.heldAge.send(to, held.Oldest.Seconds())
	lost := r.relay.Lost()
	r.lost.send(to, float64(lost.Full), "outbox_full")
	r.lost.send(to, float64(lost.Crowded), "memory_full")
	r.lost.send(to, float64(lost.Expired), "expired")
	r.lost.send(to, float64(lost.Cut), "abandoned")
	r.lost.send(to, float64(lost.Stopped), "stopped")
	counts := r.relay.Events().Counts()
	r.refusals.send(to, float64(counts[relay.LimitSats]), "satellites")
	r.refusals.send(to, float64(counts[relay.LimitQueue]), "queue")
	r.refusals.send(to, float64(counts[relay.LimitData]), "data")
	for _, code := range relay.Codes() {
		r.events.send(to, float64(counts[code]), string(code))
	}
	trouble := r.relay.StoreTrouble()
	r.dumpFailing.send(to, truth(trouble.Failed > 0))
	r.owed.send(to, float64(trouble.Owed))
}

func (r *relayReader) collectSatellites(to chan<- prometheus.Metric) {
	states := map[relay.State]int{}
	breakers := map[relay.BreakerState]int{}
	standings := map[relay.Standing]int{}
	var waiting, bytes int
	var oldest time.Duration
	for s := range r.relay.Samples() {
		states[s.State]++
		breakers[s.Breaker]++
		standings[s.Standing()]++
		waiting += s.Waiting
		bytes += s.Bytes
		oldest = max(oldest, s.Oldest)
	}
	for _, s := range satelliteStates {
		r.satellites.send(to, float64(states[s]), string(s))
	}
	for _, s := range needyStandings {
		r.attention.send(to, float64(standings[s]), string(s))
	}
	for _, s := range breakerStates {
		r.breakers.send(to, float64(breakers[s]), string(s))
	}
	r.outbox.send(to, float64(waiting))
	r.outboxBytes.send(to, float64(bytes))
	r.oldest.send(to, oldest.Seconds())
	limits := r.relay.Limits()
	r.maxSatellites.send(to, orInf(limits.Satellites.Limit))
	r.memory.send(to, float64(limits.OutboxRoom.Used)*1024)
	r.maxMemory.send(to, float64(limits.OutboxRoom.Limit)*1024)
}

// The states, all of which are told also while nobody is in them.
var (
	satelliteStates = [...]relay.State{relay.StateNew, relay.StateUp, relay.StateSuspect, relay.StateDown, relay.StatePaused}
	needyStandings  = [...]relay.Standing{relay.Standing(relay.StateDown), relay.StandingStuck, relay.Standing(relay.StateSuspect), relay.StandingFlapping}
	breakerStates   = [...]relay.BreakerState{relay.BreakerClosed, relay.BreakerOpen, relay.BreakerHalfOpen}
)

// orInf tells a limit of the methods, where the largest int is none.
func orInf(limit int) float64 {
	if limit >= math.MaxInt32 {
		return math.Inf(1)
	}
	return float64(limit)
}
