// Package web is the pages of a co2 server: its properties, its methods and,
// on a relay, its satellites (co2.md section 5). It declares the data it
// shows and knows nothing of where they come from. All text is escaped: nicks
// and plugin names come from strangers. A handler is safe for concurrent use.
package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"time"
)

//go:embed pages
var files embed.FS

// Handler serves the pages of site: /, /methods and, if there are satellites
// to show, /satellites. Other paths are 404.
func Handler(site Site) http.Handler {
	pages := template.Must(template.New("").Funcs(template.FuncMap{"ms": showMS, "when": showTime}).ParseFS(files, "pages/*.html"))
	mux := http.NewServeMux()
	show := func(pattern, page string, data func() any) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) {
			render(w, r, pages.Lookup(page), site, data())
		})
	}
	show("/{$}", "front.html", func() any { return site.Properties() })
	show("/methods", "methods.html", func() any { return site.Methods() })
	if site.Network != nil {
		show("/satellites", "satellites.html", func() any { return site.Network.Satellites() })
	}
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "pages/style.css")
	})
	return exact(mux)
}

// exact keeps the mux from tidying up paths by a redirect: there is a page at
// a path, or there is none (xmlrpc.md H2, 2.6).
func exact(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path.Clean(r.URL.Path) != r.URL.Path {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// render writes a whole page or a plain error, never half of one.
func render(w http.ResponseWriter, r *http.Request, t *template.Template, site Site, data any) {
	var page bytes.Buffer
	err := t.Execute(&page, struct {
		Site
		Path string
		Data any
	}{site, r.URL.Path, data})
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.Write(page.Bytes())
}

func showMS(ms float64) string {
	if ms < 0 {
		return "–"
	}
	return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
}

func showTime(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
