package web

import "net/http"

// An eventList is the events page.
type eventList struct {
	pager
	Kept int
	Rows []eventRow
}

var eventForm = queryForm{}

func (s server) events(w http.ResponseWriter, r *http.Request) {
	q := eventForm.read(r.URL)
	all := s.site.Network.Events()
	found := searched(all, q.Search, func(ev Event) []string {
		return []string{ev.Code, ev.Words, ev.Nick, ev.HostID, string(ev.State), string(ev.Level), ev.Reason}
	})
	from, until := q.cut(len(found))
	rows := rollOf(s.site.Network.Satellites()).events(found[from:until])
	list := eventList{newPager(eventForm, q, len(found), from, until), len(all), rows}
	s.show(w, r, "events", page{Title: "Events", Notes: q.notes, Data: list})
}
