package web

import (
	"net/http"
	"slices"
	"strings"
)

// A methodsPage lists the methods of this server, all of them or those that
// are like what was searched for.
type methodsPage struct {
	List   []Method
	All    int
	Search string
}

func (s server) methods(w http.ResponseWriter, r *http.Request) {
	list := s.site.Methods()
	p := methodsPage{All: len(list), Search: strings.TrimSpace(cutText(strings.ToValidUTF8(r.URL.Query().Get("q"), ""), mostSearched))}
	for _, m := range list {
		if m.like(p.Search) {
			p.List = append(p.List, m)
		}
	}
	s.show(w, r, "methods", page{Title: "Methods", Data: p})
}

// like reports whether text is in one of m's names or in its help, whatever
// the case.
func (m Method) like(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(append([]string{m.Signature, m.Help}, m.Aliases...), func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}
