package web

import (
	"math"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2003, 10, 16, 12, 0, 0, 0, time.UTC)

// points are measurements or buckets of 10 s, the last one at noon.
func points(values ...float64) []Point {
	list := make([]Point, len(values))
	for i, v := range values {
		list[i] = Point{Time: noon.Add(time.Duration(i+1-len(values)) * 10 * time.Second), Value: v, Max: v}
	}
	return list
}

var nan = math.NaN()

func TestPlotDraws(t *testing.T) {
	missing := append(points(1, 1, 1, 1)[:2], points(1)...)
	for name, tt := range map[string]struct {
		points      []Point
		line, fails string
		top         string
	}{
		"rising":     {points(0, 50, 100), "M590 100L595 50L600 0", "", "100 ms"},
		"a dot":      {points(nan, 5, nan), "M595 0h0", "M590 100v-14M600 100v-14", "5 ms"},
		"a gap":      {points(1, 1, nan, 2, 2), "M580 50L585 50M595 0L600 0", "M590 100v-14", "2 ms"},
		"a hole":     {missing, "M585 0L590 0M600 0h0", "", "1 ms"},
		"all zero":   {points(0, 0), "M595 100L600 100", "", "1 ms"},
		"infinite":   {points(math.Inf(1), 1), "M595 100L600 0", "", "1 ms"},
		"none good":  {points(nan, nan), "", "M595 100v-14M600 100v-14", "1 ms"},
		"before all": {[]Point{{Time: noon.Add(-time.Hour), Value: 1}, {Time: noon, Value: 1}}, "M0 0h0M600 0h0", "", "1 ms"},
	} {
		s := Series{Unit: "ms", Step: 10 * time.Second, Points: tt.points}
		p := newPlot("Ping", "x", 20*time.Minute, noon, namedSeries{SeriesPing, "ping", s})
		if got := p.Lines[0]; got.Line != tt.line || p.Fails != tt.fails || p.Ys[0] != tt.top {
			t.Errorf("%s: line %q, fails %q, top %q; want %q, %q, %q", name, got.Line, p.Fails, p.Ys[0], tt.line, tt.fails, tt.top)
		}
	}
}

func TestPlotTellsWhatItShows(t *testing.T) {
	p := newPlot("Ping", "", 0, noon, namedSeries{SeriesPing, "ping", Series{Unit: "ms", Points: points(2, nan, 12.5, 3)}})
	if want := "Ping: ping latest 3 ms, least 2, greatest 12.5, 1 failed."; p.Words != want {
		t.Errorf("the plot says %q, want %q", p.Words, want)
	}
	if !p.From.Equal(noon.Add(-30*time.Second)) || !p.Until.Equal(noon) {
		t.Errorf("a plot of the latest points is from %v until %v, want from the first to the last", p.From, p.Until)
	}
	if p := newPlot("Ping", "", time.Hour, noon, namedSeries{}); len(p.Lines) != 0 || p.Words != "" {
		t.Errorf("a plot of nothing draws %v and says %q", p.Lines, p.Words)
	}
}

// Messages are counted, so that no half of one is marked.
func TestPlotOfFewMessages(t *testing.T) {
	p := newPlot("Waiting", "", time.Hour, noon, namedSeries{SeriesWaiting, "waiting", Series{Unit: "messages", Points: points(0, 1)}})
	if got := strings.Join(p.Ys, " "); got != "2 1 0" {
		t.Errorf("the marks are %s, want 2 1 0", got)
	}
}

// A short peak stays to be seen when points are put together.
func TestThinKeepsThePeaks(t *testing.T) {
	list := points(make([]float64, 3600)...)
	list[1234].Value, list[1234].Max = 60, 90
	list[5].Value = nan
	got := thin(Series{Step: time.Second, Points: list}).Points
	if len(got) > plotPoints {
		t.Fatalf("%d points stay %d, want at most %d", len(list), len(got), plotPoints)
	}
	most, sum := 0.0, 0.0
	for _, p := range got {
		most, sum = max(most, p.Max), sum+p.Value
	}
	if most != 90 || math.Abs(sum-60.0/12) > 1e-9 {
		t.Errorf("the greatest is %v and the means come to %v, want 90 and 5", most, sum)
	}
}

func TestSparkDraws(t *testing.T) {
	sp := newSpark(Series{Points: points(0, 10, nan, 10, 5)}, "")
	if want := "M0 19h0L0 19 1 1M3 1h0L3 1 4 10"; sp.Line != want || sp.Fails != "M2 20v-6" || sp.Width != 4 {
		t.Errorf("spark %q fails %q width %d, want %q", sp.Line, sp.Fails, sp.Width, want)
	}
	if sp := newSpark(Series{}, ""); sp.Line != "" || sp.Width < 1 {
		t.Errorf("a spark of nothing is %+v", sp)
	}
	if sp := newSpark(Series{Points: points(make([]float64, 1000)...)}, ""); sp.Width != sparkPoints-1 {
		t.Errorf("a spark of 1,000 points has a width of %d, want %d", sp.Width, sparkPoints-1)
	}
}

func TestTimelineDraws(t *testing.T) {
	tl := newTimeline([]StateChange{
		{noon.Add(-9 * time.Hour), StateNew, ""}, {noon.Add(-8 * time.Hour), StateUp, ""}, {noon.Add(-3 * time.Hour), StateDown, "gone"},
	}, noon)
	if len(tl.Bars) != 2 || tl.Bars[0].X != "0" || tl.Bars[0].Width != "300" || tl.Bars[1].X != "300" || tl.Bars[1].Height != "40" {
		t.Errorf("bars = %+v, want up for the first half of six hours, down and high for the second", tl.Bars)
	}
	if len(tl.Rows) != 3 || tl.Rows[0].Reason != "gone" || !tl.Rows[0].Now || tl.Rows[2].Lasted != time.Hour {
		t.Errorf("rows = %+v, want all three, the latest first", tl.Rows)
	}
	if tl := newTimeline([]StateChange{{noon, StateNew, ""}}, noon); len(tl.Bars) != 1 || tl.Bars[0].Width != "600" || len(tl.Rows) != 1 {
		t.Errorf("a state that has just begun is drawn as %+v", tl)
	}
	heights := map[float64]State{}
	for _, s := range States() { // told by more than colour
		if other, twice := heights[s.height()]; twice {
			t.Errorf("%s and %s have bars of one height", s, other)
		}
		heights[s.height()] = s
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		showSpan(0): "0 s", showSpan(1500 * time.Microsecond): "1.5 ms", showSpan(41 * time.Millisecond): "41 ms", showSpan(1540 * time.Millisecond): "1.5 s",
		showSpan(59 * time.Second): "59 s", showSpan(90 * time.Second): "1 min 30 s", showSpan(15*time.Minute + 3*time.Second): "15 min",
		showSpan(3*time.Hour + 4*time.Minute): "3 h 4 min", showSpan(50 * time.Hour): "2 d 2 h", showSpan(-time.Hour): "0 s",
		showCount(0): "0", showCount(999): "999", showCount(1_000): "1,000", showCount(uint64(1_234_567)): "1,234,567", showCount(-3): "0",
		showMS(-1): "–", showMS(12.34): "12.3 ms", showMS(120.4): "120 ms", showMS(65_000): "1 min 5 s", showMS(nan): "–",
		showRate(-1): "–", showRate(0): "0 /s", showRate(0.126): "0.13 /s", showRate(480): "480 /s", showRate(12.34): "12.3 /s", showRate(0.5): "0.5 /s",
		showOctets(1023): "1023 B", showOctets(1536): "1.5 KiB", showOctets(3 << 20): "3 MiB", showNumber(nan): "–", showNumber(1e18): "1e+18",
		someOf(1, "satellite"): "1 satellite", someOf(1200, "satellite"): "1,200 satellites",
		newMoment(noon, noon.Add(90*time.Second), false).Ago(): "1 min ago", newMoment(noon.Add(time.Second), noon, false).Ago(): "just now",
		showStamp(noon, noon): "12:00:00 UTC", showStamp(noon.Add(-24*time.Hour), noon): "2003-10-15 12:00:00 UTC",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := strings.Join([]string{pathOf("a/b c"), pathOf(".."), pathOf("[::1%eth0]:1")}, " "); got != "/satellites/a%2Fb%20c /satellites/%2E%2E /satellites/%5B::1%25eth0%5D:1" {
		t.Errorf("paths are %s", got)
	}
}
