package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The drawing of a plot, in units of its own: it is stretched to the room
// there is, and its lines keep their width.
const (
	plotWidth  = 600
	plotHeight = 100
	plotPoints = 300 // more are put together
)

// A plot is one or more series over the same time, with what its figure says.
type plot struct {
	Title, Host string
	Span        time.Duration
	Unit        string
	Lines       []plotLine
	Ys          []string // from the top
	From, Until time.Time
	Fails       string // path of marks where nothing was measured; empty: none
	Words       string // what the picture shows
}

// A plotLine is one line of a plot.
type plotLine struct {
	Name  SeriesName
	Title string
	Class string // how it is drawn: "first" or "second"
	Line  string // path through the values
	Band  string // path around what lies between the values and the greatest
	Last  string // the latest value, with its unit
}

// A named series is one to be drawn.
type namedSeries struct {
	Name  SeriesName
	Title string
	Series
}

// newPlot draws series up to now. Of a span of 0 they fill the whole width.
func newPlot(title, host string, span time.Duration, now time.Time, series ...namedSeries) plot {
	p := plot{Title: title, Host: host, Span: span, From: now.Add(-span), Until: now}
	top, classes := 0.0, []string{"first", "second"}
	for i := range series {
		series[i].Series = thin(series[i].Series)
		for _, pt := range series[i].Points {
			top = max(top, known(pt.Value), known(pt.Max))
		}
		if pts := series[i].Points; span == 0 && len(pts) > 0 {
			p.From, p.Until = pts[0].Time, pts[len(pts)-1].Time
		}
	}
	if top = roundUp(top); len(series) > 0 && series[0].Unit == "messages" {
		top = max(top, 2) // there is no half message to mark
	}
	var words []string
	for i, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		p.Unit = s.Unit
		sc := scale{p.From, p.Until.Sub(p.From), top}
		line := plotLine{Name: s.Name, Title: s.Title, Class: classes[i%len(classes)], Last: withUnit(lastOf(s.Points), s.Unit)}
		line.Line, line.Band = sc.draw(s.Series)
		p.Lines = append(p.Lines, line)
		if s.Name == SeriesPing {
			p.Fails = sc.fails(s.Points)
		}
		words = append(words, s.words())
	}
	if len(p.Lines) > 0 {
		p.Ys = []string{withUnit(top, p.Unit), showNumber(top / 2), "0"}
		p.Words = title + ": " + strings.Join(words, "; ") + "."
	}
	return p
}

// known is v, or 0 where nothing was measured.
func known(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// roundUp returns the next of 1, 2, 5, 10, 20 … above v, for the scale.
func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if v <= n*unit {
			return n * unit
		}
	}
	return 10 * unit
}

// withUnit leaves out what the title of a plot of messages says.
func withUnit(v float64, unit string) string {
	if math.IsNaN(v) {
		return unknown
	}
	return strings.TrimSpace(showNumber(v) + " " + strings.TrimPrefix(unit, "messages"))
}

// lastOf is the latest value that was measured, NaN if none was.
func lastOf(points []Point) float64 {
	for i := len(points) - 1; i >= 0; i-- {
		if !math.IsNaN(points[i].Value) {
			return points[i].Value
		}
	}
	return math.NaN()
}

// words tell what the line of s shows to who does not see it.
func (s namedSeries) words() string {
	least, most, failed := math.Inf(1), math.Inf(-1), 0
	for _, p := range s.Points {
		if math.IsNaN(p.Value) {
			failed++
			continue
		}
		least, most = min(least, p.Value), max(most, p.Value, known(p.Max))
	}
	if failed == len(s.Points) {
		return s.Title + " nothing measured"
	}
	text := fmt.Sprintf("%s latest %s, least %s, greatest %s", s.Title, withUnit(lastOf(s.Points), s.Unit), showNumber(least), showNumber(most))
	if failed > 0 && s.Name == SeriesPing {
		text += fmt.Sprintf(", %d failed", failed)
	}
	return text
}

// thin puts points together where there are more than a plot can show: the
// mean of their values, and the greatest.
func thin(s Series) Series {
	if len(s.Points) <= plotPoints {
		return s
	}
	each := (len(s.Points) + plotPoints - 1) / plotPoints
	thinned := Series{Unit: s.Unit, Step: s.Step * time.Duration(each)}
	for some := range slices.Chunk(s.Points, each) {
		p, n := Point{Time: some[0].Time, Max: math.NaN()}, 0
		for _, one := range some {
			if !math.IsNaN(one.Value) {
				p.Value += one.Value
				n++
				p.Max = max(known(p.Max), known(one.Max), one.Value)
			}
		}
		if p.Value /= float64(n); n == 0 {
			p.Value = math.NaN()
		}
		thinned.Points = append(thinned.Points, p)
	}
	return thinned
}

// A scale places points in a plot.
type scale struct {
	from time.Time
	span time.Duration
	top  float64
}

func (s scale) x(t time.Time) float64 {
	if s.span <= 0 {
		return plotWidth
	}
	return plotWidth * min(max(float64(t.Sub(s.from))/float64(s.span), 0), 1)
}

func (s scale) y(v float64) float64 { return plotHeight * (1 - known(v)/s.top) }

// draw returns the path through the values of a series, and that around what
// lies above them. Where nothing was measured, or a bucket is missing, is a
// gap.
func (s scale) draw(series Series) (line, band string) {
	var l, b strings.Builder
	for _, run := range runs(series) {
		for i, p := range run {
			l.WriteString(step(i, s.x(p.Time), s.y(p.Value)))
		}
		if len(run) == 1 {
			l.WriteString("h0") // a dot
			continue
		}
		for i, p := range run {
			b.WriteString(step(i, s.x(p.Time), s.y(max(p.Value, known(p.Max)))))
		}
		for i := len(run) - 1; i >= 0; i-- {
			b.WriteString(step(1, s.x(run[i].Time), s.y(run[i].Value)))
		}
		b.WriteString("Z")
	}
	return l.String(), b.String()
}

func step(i int, x, y float64) string {
	verb := "L"
	if i == 0 {
		verb = "M"
	}
	return verb + coordinate(x) + " " + coordinate(y)
}

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// runs are the stretches of a series without a gap.
func runs(s Series) [][]Point {
	var list [][]Point
	start := -1
	for i, p := range s.Points {
		switch {
		case math.IsNaN(p.Value):
			start = -1
		case start < 0 || s.Step > 0 && p.Time.Sub(s.Points[i-1].Time) > s.Step+s.Step/2:
			start = i
			list = append(list, s.Points[i:i+1])
		default:
			list[len(list)-1] = s.Points[start : i+1]
		}
	}
	return list
}

// fails marks what failed by short lines on the ground.
func (s scale) fails(points []Point) string {
	var b strings.Builder
	for _, p := range points {
		if math.IsNaN(p.Value) {
			b.WriteString("M" + coordinate(s.x(p.Time)) + " 100v-14")
		}
	}
	return b.String()
}
