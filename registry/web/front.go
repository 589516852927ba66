package web

import (
	"net/http"
	"time"
)

// A front is the overview page.
type front struct {
	Overview
	summary
	Mood       mood
	WaitsFor   party // for whom the oldest message waits
	Segments   []segment
	Sparks     [2]spark // of In and Out
	Plots      []plot
	Spans      []spanChoice
	Events     []eventRow
	Properties []Property
}

// A segment is one state in the bar of all satellites, in units of a drawing
// of 600.
type segment struct {
	State    State
	X, Width string
}

// A spanChoice is a time that plots can show.
type spanChoice struct {
	Name string
	URL  string
	On   bool
}

// spans are what plots can show; the first is the default.
var spans = [...]struct {
	key, name string
	span      time.Duration
}{{"10m", "10 minutes", 10 * time.Minute}, {"1h", "1 hour", time.Hour}, {"6h", "6 hours", 6 * time.Hour}}

// readSpan returns the span that an address asks for, and all there are.
func (q *query) readSpan(asked string) (time.Duration, []spanChoice) {
	on := 0
	for i, s := range spans {
		if s.key == asked {
			on = i
		}
	}
	if asked != "" && asked != spans[on].key {
		q.note("plots are of 10m, 1h or 6h, not %s; they are of %s", quote(asked), spans[0].name)
	}
	var choices []spanChoice
	for i, s := range spans {
		url := q.path
		if i > 0 {
			url += "?span=" + s.key
		}
		choices = append(choices, spanChoice{s.name, url, i == on})
	}
	return spans[on].span, choices
}

// spanForm is what pages with plots can be asked.
var spanForm = queryForm{extra: []string{"span"}, none: true}

func (s server) overview(w http.ResponseWriter, r *http.Request) {
	const mostEvents = 10
	q, n := spanForm.read(r.URL), s.site.Network
	all := n.Satellites()
	f := front{Overview: n.Overview(), summary: summarize(all), Properties: s.site.Properties()}
	f.Mood = f.mood(f.Dump)
	f.Segments = segments(f.summary)
	now := s.site.now()
	var span time.Duration
	span, f.Spans = q.readSpan(r.URL.Query().Get("span"))
	of := func(name SeriesName, title string) namedSeries {
		return namedSeries{name, title, n.Series("", name, span)}
	}
	f.Sparks = [2]spark{newSpark(n.Series("", SeriesIn, 0), "first"), newSpark(n.Series("", SeriesOut, 0), "second")}
	f.Plots = []plot{
		newPlot("Messages a second", "", span, now, of(SeriesIn, "in"), of(SeriesOut, "out")),
		newPlot("Delivery time", "", span, now, of(SeriesP50, "p50"), of(SeriesP99, "p99")),
		newPlot("Waiting messages", "", span, now, of(SeriesWaiting, "waiting")),
	}
	events := n.Events()
	here := rollOf(all)
	here.tellApart(f.Needy...)
	here.tellApart(f.Slow...)
	f.WaitsFor = here.party(f.OldestFor, "")
	f.Events = here.events(events[:min(len(events), mostEvents)])
	s.show(w, r, "overview", page{Title: "Overview", Notes: q.notes, Data: f})
}

func segments(sum summary) []segment {
	var list []segment
	x := 0.0
	for _, c := range sum.States {
		width := plotWidth * float64(c.Count) / float64(sum.All)
		list = append(list, segment{c.State, coordinate(x), coordinate(max(width, 1))})
		x += width
	}
	return list
}
