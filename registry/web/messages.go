package web

import (
	"net/http"
	"strings"
)

// A messageList is the messages page.
type messageList struct {
	pager
	Kept     int
	Rows     []messageRow
	Payloads bool   // they are shown
	Switch   string // URL that shows or hides them
}

// A messageRow is a message with who sent it.
type messageRow struct {
	Message
	From party
}

// messageForm is what the messages page can be asked.
var messageForm = queryForm{extra: []string{"payloads"}}

func (s server) messages(w http.ResponseWriter, r *http.Request) {
	q := messageForm.read(r.URL)
	list := messageList{Payloads: s.wantsPayloads(r, &q)}
	all := s.site.Network.Messages(list.Payloads)
	list.Kept = len(all)
	found := searched(all, q.Search, func(m Message) []string { return []string{m.Nick, m.Sender, m.Key, m.ID, m.Payload} })
	from, until := q.cut(len(found))
	here := rollOf(s.site.Network.Satellites())
	for _, m := range found[from:until] {
		from := here.party(m.Sender, m.Nick)
		from.shared = false // the host id stands below
		list.Rows = append(list.Rows, messageRow{m, from})
	}
	list.pager = newPager(q.form(list.Payloads), q, len(found), from, until)
	other := q
	other.Page = 1
	list.Switch = other.url(q.form(!list.Payloads))
	s.show(w, r, "messages", page{Title: "Messages", Notes: q.notes, Data: list})
}

// wantsPayloads reports whether payloads are asked for, by somebody who may
// see them.
func (s server) wantsPayloads(r *http.Request, q *query) bool {
	switch asked := r.URL.Query().Get("payloads"); {
	case asked == "" || asked == "0":
		return false
	case asked != "1":
		q.note("payloads is 0 or 1, not %s; they are hidden", quote(asked))
		return false
	case !s.site.operator(r):
		q.note("payloads are shown to operators alone, which are people on the relay's own host; they are hidden")
		return false
	}
	return true
}

// form is how addresses of messages are written.
func (query) form(payloads bool) queryForm {
	f := messageForm
	if payloads {
		f.fixed = "payloads"
	}
	return f
}

// searched returns those of all that hold text, whatever the case.
func searched[T any](all []T, text string, in func(T) []string) []T {
	if text == "" {
		return all
	}
	text = strings.ToLower(text)
	var found []T
	for _, one := range all {
		for _, s := range in(one) {
			if strings.Contains(strings.ToLower(s), text) {
				found = append(found, one)
				break
			}
		}
	}
	return found
}
