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

// pings compare the relay's pings with calls of the same octets.
func (b *bench) pings() comparison {
	var n network
	start := sync.OnceValues(func() (*hub, error) { return b.hub(many, "--ping-interval", pingRound.String()) })
	own(&n, "co2", start, (*hub).measurePings)
	own(&n, limit, func() (*fan, error) { return b.limitOf(start, "ping") }, func(f *fan) (sample, error) { return f.measure(2) })
	return n.compared(7, row{fmt.Sprintf("ping round of %d: CPU per ping", many), cpu, "co2", limit, atMost(1.6)})
}
