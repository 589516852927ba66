package web

import (
	"net/http"
	"strings"
)

// A Code is a kind of event, and what to do about it. In its texts what is
// between backquotes is literal.
type Code struct {
	Name  string // DLV-OPEN
	Of    string // what it is about, as a heading
	Level string // how loud
	What  string // what happened
	Do    string // what a person does
}

// codes is the page that codes lead to.
func (s server) codes(w http.ResponseWriter, r *http.Request) {
	q := queryForm{none: true}.read(r.URL)
	s.show(w, r, "codes", page{Title: "What events mean", Section: "/events", Notes: q.notes, Data: s.site.Network.Codes()})
}

// A run is a part of a text.
type run struct {
	Text    string
	Literal bool
}

// runsOf splits a text at its backquotes.
func runsOf(text string) []run {
	var list []run
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			list = append(list, run{part, i%2 == 1})
		}
	}
	return list
}
