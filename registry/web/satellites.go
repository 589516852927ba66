package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// attention is the filter for those that need it.
const attention = "attention"

// satelliteForm is what the satellites page can be asked.
var satelliteForm = queryForm{
	states: stateFilters(),
	sorts:  []string{"state", "nick", "host", "seen", "ping", "waiting", "sent", "received", "failed", "lost"},
	falls:  []string{"seen", "ping", "waiting", "sent", "received", "failed", "lost"},
}

func stateFilters() []string {
	list := []string{attention}
	for _, s := range States() {
		list = append(list, string(s))
	}
	return list
}

// A satelliteList is the satellites page.
type satelliteList struct {
	pager
	All     summary
	Rows    []satelliteRow
	Heads   []head
	Filters []filter
}

// A satelliteRow is one of its rows.
type satelliteRow struct {
	Satellite
	Spark spark
}

// A head is the head of a column that can be sorted.
type head struct {
	Key, Name, Hint string
	Number          bool
	Sort            string // for aria-sort; empty: not sorted by it
	URL             string // sorts by it, or the other way round
}

// A filter is a choice of states.
type filter struct {
	Name  string
	State State // empty: none of them
	Count int
	URL   string
	On    bool
}

func (s server) satellites(w http.ResponseWriter, r *http.Request) {
	q := satelliteForm.read(r.URL)
	all := s.site.Network.Satellites()
	list := satelliteList{All: summarize(all)}
	found := order(match(all, q), q)
	from, until := q.cut(len(found))
	for _, sat := range found[from:until] {
		pings := s.site.Network.Series(sat.HostID, SeriesPing, 0)
		list.Rows = append(list.Rows, satelliteRow{*sat, newSpark(pings, "")})
	}
	list.pager = newPager(satelliteForm, q, len(found), from, until)
	list.Heads, list.Filters = heads(q), filters(q, list.All)
	s.show(w, r, "satellites", page{Title: "Satellites", Notes: q.notes, Data: list})
}

// match returns those of all that q asks for.
func match(all []Satellite, q query) []*Satellite {
	found, text := make([]*Satellite, 0, len(all)), strings.ToLower(q.Search)
	for i := range all {
		switch s := &all[i]; {
		case q.State == attention && s.needs() == "":
		case q.State != "" && q.State != attention && string(s.State) != q.State:
		case text != "" && !s.holds(text):
		default:
			found = append(found, s)
		}
	}
	return found
}

// holds reports whether text, in lower case, is in what s is known by.
func (s *Satellite) holds(text string) bool {
	return strings.Contains(strings.ToLower(s.Nick), text) || strings.Contains(strings.ToLower(s.HostID), text) ||
		slices.ContainsFunc(s.Plugins, func(p string) bool { return strings.Contains(strings.ToLower(p), text) })
}

// sortKeys are the numbers that a list can be sorted by. Nick and host id are
// texts.
var sortKeys = map[string]func(*Satellite) float64{
	"state":    func(s *Satellite) float64 { return float64(s.urgency()) },
	"seen":     func(s *Satellite) float64 { return float64(s.LastSeen.UnixMilli()) },
	"ping":     func(s *Satellite) float64 { return s.Ping.Now },
	"waiting":  func(s *Satellite) float64 { return float64(s.Waiting) },
	"sent":     func(s *Satellite) float64 { return float64(s.Sent) },
	"received": func(s *Satellite) float64 { return float64(s.Received) },
	"failed":   func(s *Satellite) float64 { return float64(s.Failed) },
	"lost":     func(s *Satellite) float64 { return float64(s.Dropped) },
}

// A sorted is a satellite with what it is sorted by.
type sorted struct {
	number float64
	name   string // in lower case
	*Satellite
}

// order sorts list as q asks. Those alike come by name, whatever the order.
func order(list []*Satellite, q query) []*Satellite {
	number, sign := sortKeys[q.Sort], 1
	if q.Desc {
		sign = -1
	}
	keyed := make([]sorted, len(list))
	for i, s := range list {
		keyed[i] = sorted{name: strings.ToLower(s.name()), Satellite: s}
		if number != nil {
			keyed[i].number = number(s)
		}
	}
	slices.SortFunc(keyed, func(a, b sorted) int {
		by := cmp.Compare(a.number, b.number)
		switch q.Sort {
		case "nick":
			by = compareTexts(a.name, b.name)
		case "host":
			by = compareTexts(a.HostID, b.HostID)
		}
		if by != 0 {
			return sign * by
		}
		if by = compareTexts(a.name, b.name); by != 0 {
			return by
		}
		return compareTexts(a.HostID, b.HostID)
	})
	for i := range keyed {
		list[i] = keyed[i].Satellite
	}
	return list
}

func heads(q query) []head {
	list := []head{
		{Key: "nick", Name: "Nick"}, {Key: "state", Name: "State"}, {Key: "host", Name: "Host id"}, {Key: "seen", Name: "Last seen"},
		{Key: "ping", Name: "Ping", Hint: "ms: now; least, mean and greatest below", Number: true},
		{Key: "waiting", Name: "Waiting", Hint: "messages that wait for it", Number: true},
		{Key: "sent", Name: "Sent", Hint: "messages accepted from it", Number: true},
		{Key: "received", Name: "Received", Hint: "messages it took", Number: true},
		{Key: "failed", Name: "Failed", Hint: "calls of its notify that failed", Number: true},
		{Key: "lost", Name: "Lost", Hint: "messages for it that the relay gave up, since it registered or the relay was started", Number: true},
	}
	for i, h := range list {
		to := q
		to.Page, to.Sort, to.Desc = 1, h.Key, slices.Contains(satelliteForm.falls, h.Key)
		if h.Key == q.Sort {
			list[i].Sort = "ascending"
			if q.Desc {
				list[i].Sort = "descending"
			}
			to.Desc = !q.Desc
		}
		list[i].URL = to.url(satelliteForm)
	}
	return list
}

func filters(q query, all summary) []filter {
	to := func(name, state string, count int) filter {
		on := q
		on.Page, on.State = 1, state
		f := filter{Name: name, Count: count, URL: on.url(satelliteForm), On: q.State == state}
		if state != attention {
			f.State = State(state)
		}
		return f
	}
	list := []filter{to("all", "", all.All), to("need attention", attention, all.Needs)}
	for _, state := range States() {
		count := 0
		for _, c := range all.States {
			if c.State == state {
				count = c.Count
			}
		}
		list = append(list, to(string(state), string(state), count))
	}
	return list
}
