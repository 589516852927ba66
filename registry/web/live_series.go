package web

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// A shownSeries is a series for the plots that scripts draw.
type shownSeries struct {
	Name   SeriesName   `json:"name"`
	Unit   string       `json:"unit"`
	Step   float64      `json:"step"` // seconds; 0: a point is one measurement
	Points []shownPoint `json:"points"`
}

// A shownPoint is [time, value, greatest], the time in seconds since 1970; null
// where nothing was measured.
type shownPoint [3]*float64

func shownPoints(points []Point) []shownPoint {
	list := make([]shownPoint, len(points))
	for i, p := range points {
		at := float64(p.Time.UnixMilli()) / 1000
		list[i] = shownPoint{&at, finite(p.Value), finite(p.Max)}
	}
	return list
}

// finite is v as JSON can have it.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

const mostSeconds = int(6 * time.Hour / time.Second)

// series answers with the plots that an address asks for, as JSON: of one host,
// or of the relay if host is empty or missing; of each name; over the latest
// seconds. Anything else is 400.
func (s server) series(w http.ResponseWriter, r *http.Request) {
	host, names, span, err := readSeries(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := struct {
		Now    time.Time     `json:"now"`
		Series []shownSeries `json:"series"`
	}{Now: s.site.now()}
	for _, name := range names {
		one := s.site.Network.Series(host, name, span)
		answer.Series = append(answer.Series, shownSeries{name, one.Unit, one.Step.Seconds(), shownPoints(one.Points)})
	}
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "the series could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.Write(body)
}

func readSeries(r *http.Request) (host string, names []SeriesName, span time.Duration, err error) {
	known := []SeriesName{SeriesIn, SeriesOut, SeriesP50, SeriesP99, SeriesWaiting, SeriesPing}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || fromElsewhere(r) {
		return "", nil, 0, fmt.Errorf("ask as /series?name=in&name=out&seconds=600, and &host= for one satellite")
	}
	for key, values := range q {
		if key != "host" && key != "name" && key != "seconds" || key != "name" && len(values) > 1 {
			return "", nil, 0, fmt.Errorf("host and seconds once, and name for each series, are all there is to ask")
		}
	}
	for _, name := range q["name"] {
		if !slices.Contains(known, SeriesName(name)) || slices.Contains(names, SeriesName(name)) {
			return "", nil, 0, fmt.Errorf("name is each of %v at most once", known)
		}
		names = append(names, SeriesName(name))
	}
	seconds, err := strconv.Atoi(q.Get("seconds"))
	if err != nil || seconds < 0 || seconds > mostSeconds || len(names) == 0 {
		return "", nil, 0, fmt.Errorf("seconds is 0, for the latest points, to %d, and there is at least one name of %v", mostSeconds, known)
	}
	return q.Get("host"), names, time.Duration(seconds) * time.Second, nil
}
