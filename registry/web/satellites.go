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
	states: []string{attention, string(StateDown), string(StateSuspect), string(StateNew), string(StatePaused), string(StateUp)},
	sorts:  []string{"state", "nick", "host", "seen", "ping", "waiting", "sent", "received", "failed"},
	falls:  []string{"seen", "ping", "waiting", "sent", "received", "failed"},
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
	found := match(all, q)
	order(found, q)
	from, until := q.cut(len(found))
	for _, sat := range found[from:until] {
		pings := s.site.Network.Series(sat.HostID, SeriesPing, 0)
		list.Rows = append(list.Rows, satelliteRow{sat, newSpark(pings, "")})
	}
	list.pager = newPager(satelliteForm, q, len(found), from, until)
	list.Heads, list.Filters = heads(q), filters(q, list.All)
	s.show(w, r, "satellites", page{Title: "Satellites", Notes: q.notes, Data: list})
}

// match returns those of all that q asks for.
func match(all []Satellite, q query) []Satellite {
	if q.State == "" && q.Search == "" {
		return all
	}
	found, text := all[:0:0], strings.ToLower(q.Search)
	for _, s := range all {
		switch {
		case q.State == attention && s.Attention() == "":
		case q.State != "" && q.State != attention && string(s.State) != q.State:
		case text != "" && !s.holds(text):
		default:
			found = append(found, s)
		}
	}
	return found
}

// holds reports whether text, in lower case, is in what s is known by.
func (s Satellite) holds(text string) bool {
	return strings.Contains(strings.ToLower(s.Nick), text) || strings.Contains(strings.ToLower(s.HostID), text) ||
		slices.ContainsFunc(s.Plugins, func(p string) bool { return strings.Contains(strings.ToLower(p), text) })
}

// order sorts list as q asks. Those alike come by name, whatever the order.
func order(list []Satellite, q query) {
	by := map[string]func(a, b *Satellite) int{
		"state":    func(a, b *Satellite) int { return cmp.Compare(a.urgency(), b.urgency()) },
		"nick":     func(a, b *Satellite) int { return 0 },
		"host":     func(a, b *Satellite) int { return strings.Compare(a.HostID, b.HostID) },
		"seen":     func(a, b *Satellite) int { return a.LastSeen.Compare(b.LastSeen) },
		"ping":     func(a, b *Satellite) int { return cmp.Compare(a.Ping.Now, b.Ping.Now) },
		"waiting":  func(a, b *Satellite) int { return cmp.Compare(a.Waiting, b.Waiting) },
		"sent":     func(a, b *Satellite) int { return cmp.Compare(a.Sent, b.Sent) },
		"received": func(a, b *Satellite) int { return cmp.Compare(a.Received, b.Received) },
		"failed":   func(a, b *Satellite) int { return cmp.Compare(a.Failed, b.Failed) },
	}[q.Sort]
	sign := 1
	if q.Desc {
		sign = -1
	}
	named := make([]struct {
		name string
		sat  *Satellite
	}, len(list))
	sats := slices.Clone(list)
	for i := range sats {
		named[i].name, named[i].sat = strings.ToLower(sats[i].Name()), &sats[i]
	}
	byName := 1
	if q.Sort == "nick" {
		byName = sign
	}
	slices.SortFunc(named, func(a, b struct {
		name string
		sat  *Satellite
	}) int {
		return cmp.Or(sign*by(a.sat, b.sat), byName*strings.Compare(a.name, b.name), strings.Compare(a.sat.HostID, b.sat.HostID))
	})
	for i := range named {
		list[i] = *named[i].sat
	}
}

func heads(q query) []head {
	list := []head{
		{Key: "nick", Name: "Nick"}, {Key: "host", Name: "Host id"}, {Key: "state", Name: "State"}, {Key: "seen", Name: "Last seen"},
		{Key: "ping", Name: "Ping", Hint: "ms: now; least, mean and greatest below", Number: true},
		{Key: "waiting", Name: "Waiting", Hint: "messages that wait for it", Number: true},
		{Key: "sent", Name: "Sent", Hint: "messages accepted from it", Number: true},
		{Key: "received", Name: "Received", Hint: "calls of its notify", Number: true},
		{Key: "failed", Name: "Failed", Hint: "of these, failed", Number: true},
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
