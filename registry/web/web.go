// Package web is the pages of a co2 server: its properties, its methods and,
// on a relay, the network it serves (co2.md section 5). It declares the data
// it shows and knows nothing of where they come from. All that can be read,
// plots too, is there without scripts, which keep the pages up to date. All text is escaped: nicks, plugin
// names, reasons and payloads come from strangers. A handler is safe for
// concurrent use.
package web

import (
	"embed"
	"net/http"
	"path"
)

//go:embed pages
var files embed.FS

// Handler serves the pages of site: /, /methods and, of a network, /satellites,
// one page below it for each satellite, /messages, /events, /events/codes and /discovery; for
// their scripts /live and /series; and what pages load, below /assets/. Other
// paths are 404. It has a goroutine while pages are kept up to date, which ends
// before the last request of /live does. How many of these there may be is for
// the server around it to bound: it refuses to flush the first piece.
func Handler(site Site) http.Handler {
	assets := theAssets()
	s := server{site: site, assets: assets, pages: parsePages(assets), hub: newHub(site, assets)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /methods", s.methods)
	mux.HandleFunc("GET /methods/{name}", s.method)
	mux.HandleFunc("POST /methods/{name}", s.method)
	mux.HandleFunc("GET /assets/{hash}/{name}", s.asset)
	mux.HandleFunc("/", s.nothing)
	if site.Network == nil {
		mux.HandleFunc("GET /{$}", s.properties)
		return s.exact(mux)
	}
	mux.HandleFunc("GET /{$}", s.overview)
	mux.HandleFunc("GET /satellites", s.satellites)
	mux.HandleFunc("GET /satellites/{host}", s.satellite)
	mux.HandleFunc("GET /satellites/{host}/methods", s.satelliteMethods)
	mux.HandleFunc("GET /satellites/{host}/methods/{name...}", s.satelliteMethod)
	mux.HandleFunc("POST /satellites/{host}/methods/{name...}", s.satelliteMethod)
	mux.HandleFunc("GET /satellites/{host}/{action}", s.action)
	mux.HandleFunc("POST /satellites/{host}/{action}", s.action)
	mux.HandleFunc("GET /messages", s.messages)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET /events/codes", s.codes)
	mux.HandleFunc("GET /discovery", s.discovery)
	mux.HandleFunc("GET /live", s.live)
	mux.HandleFunc("GET /series", s.series)
	s.hub.pages = s.exact(mux)
	return s.hub.pages
}

// exact keeps the mux from tidying up paths by a redirect: there is a page at
// a path, or there is none (xmlrpc.md H2, 2.6).
func (s server) exact(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := r.URL.EscapedPath(); path.Clean(at) != at {
			s.nothing(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// properties is the front page of a server without a network.
func (s server) properties(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "properties", page{Title: "This " + s.site.Kind, Data: s.site.Properties()})
}

func (s server) nothing(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "nothing", page{Title: "Nothing here", status: http.StatusNotFound})
}
