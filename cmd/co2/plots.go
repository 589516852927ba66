package main

import (
	"time"

	"co2/registry/web"
	"co2/relay/history"
)

// A plotted series is one of the pages in the words of the history, whose
// durations are in seconds.
type plotted struct {
	metric history.Metric
	unit   string
	scale  float64
}

func plottedAs(name web.SeriesName) (p plotted, ok bool) {
	switch name {
	case web.SeriesIn:
		return plotted{history.In, "messages/s", 1}, true
	case web.SeriesOut:
		return plotted{history.Out, "messages/s", 1}, true
	case web.SeriesP50:
		return plotted{history.P50, "ms", 1000}, true
	case web.SeriesP99:
		return plotted{history.P99, "ms", 1000}, true
	case web.SeriesWaiting:
		return plotted{history.Waiting, "messages", 1}, true
	case web.SeriesPing:
		return plotted{history.Ping, "ms", 1000}, true
	}
	return p, false
}

// Series implements [web.Network].
func (n *network) Series(hostID string, name web.SeriesName, span time.Duration) web.Series {
	p, ok := plottedAs(name)
	if !ok {
		return web.Series{}
	}
	kept := n.history.Series(hostID, p.metric, span)
	s := web.Series{Unit: p.unit, Step: kept.Step, Points: make([]web.Point, len(kept.Points))}
	for i, pt := range kept.Points {
		s.Points[i] = web.Point{Time: pt.Time, Value: pt.Value * p.scale, Max: pt.Most * p.scale}
	}
	return s
}
