package main

import (
	"fmt"
	"sync"
	"time"
)

// restTime is how long an idle relay is left alone while it is looked at.
const restTime = 200 * time.Millisecond

// fewer is beside what a relay with many satellites needs.
const fewer = "1000 satellites"

// A pair is two relays with some and with many satellites.
type pair struct{ some, many *hub }

// restedPair starts them, and leaves them alone long enough to have given
// back what their start left behind.
func (f fleet) restedPair() (pair, error) {
	small, err := f[some]()
	if err != nil {
		return pair{}, err
	}
	large, err := f[many]()
	time.Sleep(untilRested)
	return pair{small, large}, err
}

// untilRested is how long after its first pings a relay counts as idle.
const untilRested = 20 * time.Second

// measureMemory tells what each satellite more takes.
func (p pair) measureMemory() (s sample, err error) {
	less, err := p.some.resident()
	if err != nil {
		return s, err
	}
	more, err := p.many.resident()
	s.Each = (more - less) / float64(p.many.to.n-p.some.to.n)
	return s, err
}

// countIdle counts goroutines while nothing happens.
func (h *hub) countIdle() (s sample, err error) {
	if _, err := h.goroutines(); err != nil {
		return s, err
	}
	time.Sleep(restTime)
	s.Goroutines, err = h.goroutines()
	return s, err
}

// countHung counts goroutines during fan-outs while satellites hang.
func (h *hub) countHung() (s sample, err error) {
	if _, err := h.goroutines(); err != nil {
		return s, err
	}
	if _, err := h.measureHung(); err != nil {
		return s, err
	}
	s.Goroutines, err = h.goroutines()
	return s, err
}

// relays start a relay within this program, which can count its goroutines.
func (b *bench) relays(n int) func() (*hub, error) {
	return sync.OnceValues(func() (*hub, error) {
		return b.newHub(n, func(state string) (*process, error) { return self(b.start, "relay", state) })
	})
}

// idles tell what satellites cost that are only connected. Memory comes
// first: later the relays of the fleet are not as they started.
func (b *bench) idles(f fleet) []comparison {
	var memory, count network
	share(&memory, "co2", sync.OnceValues(f.restedPair), pair.measureMemory)
	lot := b.relays(many)
	own(&count, "co2", lot, (*hub).countIdle)
	own(&count, fewer, b.relays(some), (*hub).countIdle)
	share(&count, withHung, lot, (*hub).countHung)
	idle := fmt.Sprintf("idle, %d satellites connected: ", many)
	return []comparison{
		memory.compared(3, row{idle + "memory for each", each, "co2", "", atMost(4000)}),
		count.compared(3,
			row{idle + "goroutines", goroutines, "co2", "", atMost(50)},
			row{idle + "goroutines", goroutines, "co2", fewer, atMost(1.25)},
			row{fanOut(many, "goroutines, 1 % hang"), goroutines, withHung, "", atMost(200)}),
	}
}
