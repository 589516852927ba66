package web

import (
	"bytes"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A server is a site with its templates.
type server struct {
	site   Site
	pages  *template.Template
	assets *assets
	hub    *hub
}

// A page is what every template gets.
type page struct {
	Site
	Title    string
	Section  string    // path of the page in the navigation that this one belongs to
	Now      time.Time // when it was made
	Notes    []string  // what was wrong with the address
	Done     string    // what the action did that led here
	Operator bool      // what its reader is
	Calls    string    // URL that calls go to
	Live     bool      // it changes by itself, and scripts show that
	Data     any
	status   int // [200]
}

// Base is the server's address without a path, as commands take it.
func (p page) Base() string {
	const path = "/RPC2"
	if n := len(p.Calls) - len(path); n > 0 && p.Calls[n:] == path {
		return p.Calls[:n]
	}
	return p.Calls
}

func parsePages(a *assets) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"ms": showMS, "bare": bareMS, "count": showCount[int], "counted": showCount[uint64], "rate": showRate, "span": showSpan, "octets": showOctets, "number": showNumber,
		"stamp": showStamp, "utc": showUTC, "iso": showISO, "when": newMoment, "path": pathOf, "some": someOf,
		"word": State.word, "runs": runsOf, "since": showSince, "args": newDated, "asset": a.path,
	}).ParseFS(files, "pages/*.html"))
}

// show writes a whole page or a plain error, never half of one. Who does not
// ask for pages is told of an error in one line (xmlrpc.md H28).
func (s server) show(w http.ResponseWriter, r *http.Request, name string, p page) {
	if p.status >= http.StatusBadRequest && !wantsPages(r) {
		http.Error(w, p.Title, p.status)
		return
	}
	p.Site, p.Operator, p.Now = s.site, s.site.operator(r), s.site.now()
	p.Done = doneWords(r.URL.Query().Get("done"))
	p.Live = s.site.Network != nil && r.Method != http.MethodPost && isLive(r.URL.EscapedPath())
	if p.Section == "" {
		p.Section = r.URL.Path
	}
	if s.site.Address != nil {
		p.Calls = s.site.Address(r)
	}
	var body bytes.Buffer
	if err := s.pages.ExecuteTemplate(&body, name+".html", p); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	shown := showBidi(body.Bytes())
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(shown)))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	w.Write(shown)
}

// wantsPages reports whether r comes from a browser, which names the type of
// pages.
func wantsPages(r *http.Request) bool {
	return slices.ContainsFunc(r.Header.Values("Accept"), func(accept string) bool {
		return strings.Contains(strings.ToLower(accept), "text/html")
	})
}

// policy is what a browser may do on our pages: show our own style sheets and
// icon, run our own scripts, which ask this server alone, and send our own
// forms.
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// A dated is rows for a template that shows times beside that of the page.
type dated struct {
	Rows any
	Now  time.Time
}

func newDated(rows any, now time.Time) dated { return dated{rows, now} }
