package web

import (
	"net/http"
	"strings"
)

// A detailsPage is the page of one satellite.
type detailsPage struct {
	Details
	Timeline   timeline
	Events     []eventRow
	Deliveries []deliveryRow
	Plots      []plot
	Spans      []spanChoice
}

func (s server) satellite(w http.ResponseWriter, r *http.Request) {
	n, hostID := s.site.Network, r.PathValue("host")
	d, ok := n.Satellite(hostID)
	if !ok {
		s.show(w, r, "unknown", page{Title: "No such satellite", Section: "/satellites", Data: strings.ToValidUTF8(hostID, "\uFFFD"), status: http.StatusNotFound})
		return
	}
	q := spanForm.read(r.URL)
	now := s.site.now()
	p := detailsPage{Details: d, Timeline: newTimeline(d.States, now)}
	here := rollOf(n.Satellites())
	here.tellApart(&d.Satellite)
	p.Events = here.events(d.Events)
	for _, one := range d.Deliveries {
		p.Deliveries = append(p.Deliveries, deliveryRow{one, here.party(one.Sender, "")})
	}
	span, choices := q.readSpan(r.URL.Query().Get("span"))
	if p.Spans = choices; !d.Recorded {
		span, p.Spans = 0, nil // there are the latest pings alone
	}
	of := func(name SeriesName, title string) namedSeries {
		return namedSeries{name, title, n.Series(hostID, name, span)}
	}
	p.Plots = []plot{newPlot("Ping", hostID, span, now, of(SeriesPing, "ping"))}
	if d.Recorded {
		p.Plots = append(p.Plots, newPlot("Waiting messages", hostID, span, now, of(SeriesWaiting, "waiting")))
	}
	s.show(w, r, "satellite", page{Title: d.Name(), Section: "/satellites", Notes: q.notes, Data: p})
}

// A deliveryRow is a delivery with who sent the message.
type deliveryRow struct {
	Delivery
	From party
}

// Flags are what is out of the ordinary with a satellite, in words.
func (d Details) Flags() []Flag {
	var list []Flag
	add := func(is bool, name, words string) {
		if is {
			list = append(list, Flag{name, words})
		}
	}
	add(d.Paused, "paused", "an operator ordered that it be neither called nor pinged; messages wait for it")
	add(d.Pinned, "pinned", "an operator ordered that the relay never removes it")
	add(d.Flapping, "flapping", "it registers again and again; its pings, and telling others of it, are held until it has settled")
	add(d.Breaker == BreakerOpen && d.State != StateStuck, "breaker open", "deliveries failed, so messages wait: "+d.BreakerReason)
	add(d.Breaker == BreakerHalfOpen && d.State != StateStuck, "breaker half-open", "the next message is tried: "+d.BreakerReason)
	add(d.Removal != "", "removal", d.Removal)
	return list
}

// A Flag is one thing out of the ordinary.
type Flag struct{ Name, Words string }
