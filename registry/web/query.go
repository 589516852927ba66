package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of what an address may ask of a list.
const (
	defaultRows  = 50
	mostSearched = 100 // characters
)

// rowChoices are the sizes of a page.
var rowChoices = [...]int{25, 50, 100, 250}

// A query is what an address asks of a list: all of it is in the URL, so that
// it can be kept and sent. What it asks wrongly counts as not asked, and a
// note says so.
type query struct {
	path   string // escaped
	State  string // of satellites; "attention", or empty: all
	Search string
	Sort   string // a key of the list
	Desc   bool
	Page   int // from 1
	Rows   int // on a page
	notes  []string
}

// A queryForm is what a list can be asked.
type queryForm struct {
	states []string
	sorts  []string // keys; the first is the default
	falls  []string // those of sorts that start with the greatest
	extra  []string // other keys, which are read elsewhere
	none   bool     // it is no list: only extra counts
	fixed  string   // a key that all addresses have as 1
}

// read reads the query of r's address.
func (f queryForm) read(u *url.URL) query {
	q := query{path: u.EscapedPath(), Page: 1, Rows: defaultRows}
	if len(f.sorts) > 0 {
		q.Sort = f.sorts[0]
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		q.note("part of the address cannot be read and is left out")
	}
	known := []string{"done", "q", "page", "rows"} // done: see doneWords
	if f.none {
		known = known[:1]
	}
	if len(f.states) > 0 {
		known = append(known, "state")
	}
	if len(f.sorts) > 0 {
		known = append(known, "sort", "order")
	}
	known = append(known, f.extra...)
	for _, key := range sortedKeys(values) {
		if !slices.Contains(known, key) {
			q.note("this page knows no %s; it is left out", quote(key))
		} else if len(values[key]) > 1 {
			q.note("%s is given %d times; the first counts", quote(key), len(values[key]))
		}
	}
	if !f.none {
		q.readChoices(f, values)
		q.readNumbers(values)
	}
	return q
}

func sortedKeys(values url.Values) []string {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys[:min(len(keys), 10)]
}

func (q *query) readChoices(f queryForm, values url.Values) {
	q.Search = strings.TrimSpace(values.Get("q"))
	if !utf8.ValidString(q.Search) {
		q.note("what is searched for is not text; it is left out")
		q.Search = ""
	}
	if r := []rune(q.Search); len(r) > mostSearched {
		q.Search = string(r[:mostSearched])
		q.note("what is searched for is cut after %d characters", mostSearched)
	}
	if state := values.Get("state"); state != "" && len(f.states) > 0 {
		if slices.Contains(f.states, state) {
			q.State = state
		} else {
			q.note("there is no state %s; all are shown", quote(state))
		}
	}
	if sort := values.Get("sort"); sort != "" && len(f.sorts) > 0 {
		if slices.Contains(f.sorts, sort) {
			q.Sort = sort
		} else {
			q.note("this list cannot be sorted by %s; it is sorted by %s", quote(sort), q.Sort)
		}
	}
	q.Desc = slices.Contains(f.falls, q.Sort)
	switch order := values.Get("order"); {
	case len(f.sorts) == 0 || order == "":
	case order == "asc" || order == "desc":
		q.Desc = order == "desc"
	default:
		q.note("the order is asc or desc, not %s", quote(order))
	}
}

func (q *query) readNumbers(values url.Values) {
	if text := values.Get("rows"); text != "" {
		if n, err := strconv.Atoi(text); err == nil && slices.Contains(rowChoices[:], n) {
			q.Rows = n
		} else {
			q.note("a page has 25, 50, 100 or 250 rows, not %s; it has %d", quote(text), q.Rows)
		}
	}
	if text := values.Get("page"); text != "" {
		if n, err := strconv.Atoi(text); err == nil && n >= 1 {
			q.Page = n
		} else {
			q.note("pages are counted from 1, and %s is none; this is the first", quote(text))
		}
	}
}

func (q *query) note(format string, args ...any) {
	q.notes = append(q.notes, "In the address: "+fmt.Sprintf(format, args...)+".")
}

// quote shows what an address holds, and not all of it when it is long.
func quote(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return "“" + strings.ToValidUTF8(text, "\uFFFD") + "”"
}

// cut returns which of n rows are on the page, from and until. A page behind
// the last one is the last one.
func (q *query) cut(n int) (from, until int) {
	last := max((n+q.Rows-1)/q.Rows, 1)
	if q.Page > last {
		q.note("there is no page %d; this is the last one", q.Page)
		q.Page = last
	}
	from = (q.Page - 1) * q.Rows
	return from, min(from+q.Rows, n)
}

// url is the address of q, with what differs from the defaults of f.
func (q query) url(f queryForm) string {
	v := url.Values{}
	set := func(key, value string, is bool) {
		if is {
			v.Set(key, value)
		}
	}
	set("q", q.Search, q.Search != "")
	set("state", q.State, q.State != "")
	if len(f.sorts) > 0 {
		set("sort", q.Sort, q.Sort != f.sorts[0])
		order := "asc"
		if q.Desc {
			order = "desc"
		}
		set("order", order, q.Desc != slices.Contains(f.falls, q.Sort))
	}
	set(f.fixed, "1", f.fixed != "")
	set("rows", strconv.Itoa(q.Rows), q.Rows != defaultRows)
	set("page", strconv.Itoa(q.Page), q.Page > 1)
	if len(v) == 0 {
		return q.path
	}
	return q.path + "?" + v.Encode()
}
