package web

import (
	"slices"
	"time"
)

// A timeline shows which states a satellite was in. A state is told by its
// colour and by the height of its bar: the worse, the higher.
type timeline struct {
	Bars        []timeBar
	From, Until time.Time
	Rows        []stateRow // the same in words, latest first
}

// A timeBar is one state, in units of a drawing of 600 by 40.
type timeBar struct {
	X, Y, Width, Height string
	State               State
	Words               string
}

// A stateRow is one state with when and how long it held.
type stateRow struct {
	StateChange
	Lasted time.Duration
	Now    bool // it holds yet
}

const (
	timelineHeight = 40
	timelineSpan   = 6 * time.Hour
	timelineRows   = 20
)

// heights of the bars, of [timelineHeight].
func (s State) height() float64 {
	switch s {
	case StateDown:
		return 40
	case StateStuck:
		return 36
	case StateSuspect:
		return 30
	case StateFlapping:
		return 26
	case StateNew:
		return 20
	case StatePaused:
		return 14
	}
	return 8
}

// newTimeline draws changes up to now, oldest first.
func newTimeline(changes []StateChange, now time.Time) timeline {
	if len(changes) == 0 {
		return timeline{}
	}
	from := now.Add(-timelineSpan)
	if first := changes[0].Time; first.After(from) {
		from = first
	}
	t := timeline{From: from, Until: now}
	s := scale{from: from, span: now.Sub(from)}
	for i, c := range changes {
		end, last := now, i == len(changes)-1
		if !last {
			end = changes[i+1].Time
		}
		lasted := max(end.Sub(c.Time), 0)
		t.Rows = append(t.Rows, stateRow{c, lasted, last})
		x := s.x(c.Time)
		if s.span <= 0 {
			x = 0
		}
		if width := s.x(end) - x; width > 0 {
			h := c.State.height()
			t.Bars = append(t.Bars, timeBar{
				X: coordinate(x), Width: coordinate(max(width, 1)), Y: coordinate(timelineHeight - h), Height: coordinate(h),
				State: c.State, Words: string(c.State) + " for " + showSpan(lasted) + ", from " + showUTC(c.Time),
			})
		}
	}
	slices.Reverse(t.Rows)
	t.Rows = t.Rows[:min(len(t.Rows), timelineRows)]
	return t
}
