package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// fewSatellites are enough for two that hang.
const fewSatellites = hangEvery + 2

// TestSidesDeliver has every side of a fan-out send to each of its receivers
// exactly once: whoever is fast by losing something is found out.
func TestSidesDeliver(t *testing.T) {
	b := startedBench(t)
	h, err := b.hub(fewSatellites, "--ping-interval", "1s")
	check(t, err)
	start := func() (*hub, error) { return h, nil }
	for name, side := range map[string]func() (*fan, error){
		"co2":    func() (*fan, error) { return h.fan, nil },
		limit:    func() (*fan, error) { return b.limitOf(start, "notify") },
		natsCore: func() (*fan, error) { return b.natsSide(fewSatellites, false) },
		lightly:  func() (*fan, error) { return b.natsSide(fewSatellites, true) },
		shared:   func() (*fan, error) { return b.programSide("shared", fewSatellites) },
		clients:  func() (*fan, error) { return b.programSide("clients", fewSatellites) },
		kept:     func() (*fan, error) { return b.programSide("kept", fewSatellites) },
	} {
		f, err := side()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s, err := f.measure(3); err != nil || s.Rate <= 0 || s.CPU <= 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	if s, err := h.measureHung(); err != nil || s.Took <= 0 {
		t.Errorf("with satellites that hang: %+v, %v", s, err)
	}
	if s, err := h.measurePings(); err != nil || s.CPU <= 0 {
		t.Errorf("pings: %+v, %v", s, err)
	}
	if f, err := b.limitOf(start, "ping"); err != nil {
		t.Error(err)
	} else if s, err := f.spread(7, 70*time.Millisecond); err != nil || s.CPU <= 0 {
		t.Errorf("limit of pings: %+v, %v", s, err)
	}
	if s, err := h.measure(1); err != nil || s.Answer <= 0 || s.Peak < 1 {
		t.Errorf("hub: %+v, %v", s, err)
	}
}

// A fake is a side that notes how it is treated.
type fake struct{ measured, stopped int }

func (f *fake) stop() { f.stopped++ }
func (f *fake) measure() (sample, error) {
	f.measured++
	return sample{Rate: float64(f.measured)}, nil
}

func TestSidesStartWhenNeeded(t *testing.T) {
	var mine, others fake
	var n network
	started := 0
	start := func() (*fake, error) { started++; return &mine, nil }
	own(&n, "mine", start, (*fake).measure)
	share(&n, "theirs", func() (*fake, error) { return &others, nil }, (*fake).measure)
	c := n.compared(2, row{quantity: rate, ours: "mine", theirs: "theirs"})
	if started != 0 {
		t.Error("a side was started before it was measured")
	}
	got := c.run(testBench(31))
	if started != 1 || mine.stopped != 1 || others.stopped != 0 {
		t.Errorf("started %d times, stopped %d times, the shared one %d times; want 1, 1, 0", started, mine.stopped, others.stopped)
	}
	if mine.measured != others.measured+1 || got[0].rounds != 2 {
		t.Errorf("measured %d times beside %d, of %d rounds; want one more, and 2 rounds", mine.measured, others.measured, got[0].rounds)
	}
}

func TestSideThatDoesNotStart(t *testing.T) {
	var n network
	own(&n, "mine", func() (*fake, error) { return nil, errors.New("it does not start") }, (*fake).measure)
	got := n.compared(2, row{quantity: rate, ours: "mine"}).run(testBench(1))
	if got[0].err == nil || !strings.Contains(got[0].err.Error(), "it does not start") {
		t.Errorf("%+v, want the error", got[0])
	}
}
