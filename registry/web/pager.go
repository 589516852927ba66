package web

// A pager is what lists of all kinds show below them.
type pager struct {
	Query       query
	Found       int // rows in all
	From, Until int // those on this page, from 1; both 0: none
	Pages       int
	First, Prev string // URLs; empty: this is it
	Next, Last  string
	Sizes       []size
}

// A size is a choice of how many rows a page has.
type size struct {
	Rows int
	On   bool
}

func newPager(f queryForm, q query, found, from, until int) pager {
	p := pager{Query: q, Found: found, From: from + 1, Until: until, Pages: max((found+q.Rows-1)/q.Rows, 1)}
	if found == 0 {
		p.From = 0
	}
	to := func(page int) string {
		q.Page = page
		return q.url(f)
	}
	if at := q.Page; at > 1 {
		p.First, p.Prev = to(1), to(at-1)
	}
	if at := p.Query.Page; at < p.Pages {
		p.Next, p.Last = to(at+1), to(p.Pages)
	}
	for _, n := range rowChoices {
		p.Sizes = append(p.Sizes, size{n, n == q.Rows})
	}
	return p
}

// Asked reports whether fewer than all are asked for.
func (p pager) Asked() bool { return p.Query.Search != "" || p.Query.State != "" }

// Order is the order that a form repeats; empty: the default one.
func (p pager) Order() string {
	if p.Query.Desc {
		return "desc"
	}
	return "asc"
}
