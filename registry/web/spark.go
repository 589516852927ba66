package web

import (
	"math"
	"strconv"
	"strings"
)

// A spark is a small plot without words, beside numbers that tell the same.
type spark struct {
	Class string
	Width int    // of its drawing; the height is 20
	Line  string // empty: nothing to draw
	Fails string // path of marks where nothing was measured
}

const (
	sparkHeight = 20
	sparkPoints = 60
)

func newSpark(s Series, class string) spark {
	points := s.Points
	if len(points) > sparkPoints {
		points = points[len(points)-sparkPoints:]
	}
	sp := spark{Class: class, Width: max(len(points)-1, 1)}
	top := 0.0
	for _, p := range points {
		top = max(top, known(p.Value))
	}
	if top == 0 {
		top = 1
	}
	var line, fails strings.Builder
	drawn := false
	for i, p := range points {
		x := strconv.Itoa(i)
		if math.IsNaN(p.Value) {
			fails.WriteString("M" + x + " 20v-6")
			drawn = false
			continue
		}
		y := strconv.Itoa(1 + int(math.Round((sparkHeight-2)*(1-known(p.Value)/top))))
		if drawn {
			line.WriteString(" " + x + " " + y)
		} else {
			line.WriteString("M" + x + " " + y + "h0L" + x + " " + y) // a dot, if it stays alone
		}
		drawn = true
	}
	sp.Line, sp.Fails = line.String(), fails.String()
	return sp
}
