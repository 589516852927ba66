package main

import "fmt"

// A sample is what one measurement of one side showed. What a side cannot
// tell is 0.
type sample struct {
	Rate   float64 // documents or calls a second
	Allocs float64 // per document
	CPU    float64 // microseconds of the server's process per call
	P99    float64 // microseconds that 99 of 100 calls take at most

	Took       float64 // milliseconds until the last satellite has a message
	Delay      float64 // milliseconds that hanging satellites cost the others when they are met first
	Answer     float64 // milliseconds that relay.relay takes at most
	Peak       float64 // megabytes in memory at most
	Each       float64 // octets in memory per satellite
	Goroutines float64
}

// A quantity is one figure of a sample.
type quantity struct {
	of   func(sample) float64
	unit string
}

var (
	rate   = quantity{func(s sample) float64 { return s.Rate }, "/s"}
	allocs = quantity{func(s sample) float64 { return s.Allocs }, ""}
	cpu    = quantity{func(s sample) float64 { return s.CPU }, "µs"}
	p99    = quantity{func(s sample) float64 { return s.P99 }, "µs"}

	took       = quantity{func(s sample) float64 { return s.Took }, "ms"}
	delay      = quantity{func(s sample) float64 { return s.Delay }, "ms"}
	answer     = quantity{func(s sample) float64 { return s.Answer }, "ms"}
	peak       = quantity{func(s sample) float64 { return s.Peak }, "MB"}
	each       = quantity{func(s sample) float64 { return s.Each }, "octets"}
	goroutines = quantity{func(s sample) float64 { return s.Goroutines }, ""}
)

// A goal is the range a row's figure should be in; the zero goal is none, of
// a row that helps to read others.
type goal struct{ low, high float64 }

func atLeast(low float64) goal { return goal{low: low, high: -1} }
func atMost(high float64) goal { return goal{high: high} }

func (g goal) met(x float64) bool { return x >= g.low && (g.high < 0 || x <= g.high) }

func (g goal) String() string {
	switch {
	case g == goal{}:
		return ""
	case g.high < 0:
		return fmt.Sprintf("≥ %g", g.low)
	case g.low == 0:
		return fmt.Sprintf("≤ %g", g.high)
	}
	return fmt.Sprintf("%g to %g", g.low, g.high)
}

// A row is one line of the table: a quantity of ours beside that of theirs.
// Without theirs, it is ours alone.
type row struct {
	what         string
	quantity     quantity
	ours, theirs string // sides of the row's comparison
	goal         goal
}

// name is what -only matches.
func (r row) name() string {
	if r.theirs == "" {
		return r.what
	}
	return r.what + " beside " + r.theirs
}
