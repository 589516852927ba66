package main

import (
	"fmt"
	"sync"
	"time"
)

// pingRound is the interval of the relay whose pings are measured: in it,
// every satellite has its turn.
const pingRound = time.Second

// measurePings counts the pings of two rounds and what they cost.
func (h *hub) measurePings() (s sample, err error) {
	before, err := h.cpuTime()
	if err != nil {
		return s, err
	}
	pings, err := h.to.within(2*pingRound, "ping")
	if err != nil {
		return s, err
	}
	after, err := h.cpuTime()
	s.CPU = micros(after-before) / float64(pings)
	return s, err
}

// pingSteps is in how many steps the limit makes a round: as many as the
// relay, whose pings are spread evenly and kept to a hundredth of the interval.
const pingSteps = 100

// pings compare the relay's pings with calls of the same octets at the same
// pace.
func (b *bench) pings() comparison {
	var n network
	start := sync.OnceValues(func() (*hub, error) { return b.hub(many, "--ping-interval", pingRound.String()) })
	own(&n, "co2", start, (*hub).measurePings)
	own(&n, limit, func() (*fan, error) { return b.limitOf(start, "ping") }, func(f *fan) (sample, error) { return f.spread(pingSteps, pingRound) })
	return n.compared(7, row{fmt.Sprintf("ping round of %d: CPU per ping", many), cpu, "co2", limit, atMost(1.6)})
}
