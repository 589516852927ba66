package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// beat is how often a stream says that it is alive: in a comment, and in an
// event, as browsers hide comments from scripts.
const beat = 15 * time.Second

// live is the stream of server-sent events that keeps one page up to date:
// that at the address at. It begins with an event "page", the lines of the
// page's main part, unless Last-Event-ID says that the reader has them; each
// event "patch" makes the lines anew from those before. All readers of one page
// get the same octets.
func (s server) live(w http.ResponseWriter, r *http.Request) {
	at, err := s.liveAddress(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no") // for proxies that would collect it
	flush := http.NewResponseController(w).Flush
	if r.Method == http.MethodHead {
		flush()
		return
	}
	io.WriteString(w, ": "+s.site.Kind+"\n\n")
	if flush() != nil { // so many streams are not let flow
		return
	}
	watcher := s.hub.join(s.liveView(r, at), peerOf(r), r.Header.Get("Last-Event-ID"))
	defer s.hub.leave(watcher)
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case piece, ok := <-watcher.pieces:
			if !ok { // it was too slow; it comes again
				return
			}
			w.Write(piece)
		case <-alive.C:
			io.WriteString(w, ": beat\nevent: beat\ndata: "+showISO(s.site.now())+"\n\n")
		}
		if flush() != nil {
			return
		}
	}
}

var (
	errElsewhere = errors.New("streams are for this server's own pages")
	errAt        = errors.New("say which page in at, as ?at=%2Fsatellites: /, /satellites, one page below it, /messages, /events or /discovery")
)

// liveAddress reads which page a stream is of.
func (s server) liveAddress(r *http.Request) (*url.URL, error) {
	if fromElsewhere(r) {
		return nil, errElsewhere
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(q) != 1 || len(q["at"]) != 1 {
		return nil, errAt
	}
	at, err := url.ParseRequestURI(q.Get("at"))
	if err != nil || at.Host != "" || at.Scheme != "" || !isLive(at.EscapedPath()) {
		return nil, errAt
	}
	return at, nil
}

// isLive reports whether a page is one that changes by itself.
func isLive(path string) bool {
	switch path {
	case "/", "/satellites", "/messages", "/events", "/discovery":
		return true
	}
	host, ok := strings.CutPrefix(path, "/satellites/")
	return ok && host != "" && !strings.Contains(host, "/")
}

// liveView is the page at an address as the reader of r sees it. Who sees the
// same shares it.
func (s server) liveView(r *http.Request, at *url.URL) *view {
	asked := &http.Request{
		Method: http.MethodGet, URL: at, Host: r.Host, RemoteAddr: r.RemoteAddr, RequestURI: at.RequestURI(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Accept": {"text/html"}}, Body: http.NoBody,
	}
	key := r.Host + "\n" + at.EscapedPath() + "?" + at.Query().Encode()
	if s.site.operator(r) {
		key += "\noperator"
	}
	v := &view{
		key: key, asked: asked.WithContext(context.WithoutCancel(r.Context())), // others may stay longer than its reader
		watchers: map[*watcher]bool{}, newest: map[string]time.Time{},
	}
	switch at.EscapedPath() {
	case "/messages":
		v.stirredBy = stirsMessages
	case "/events":
		v.stirredBy = stirsEvents
	}
	return v
}

// peerOf is whose share of the making of pages r takes: that of its IPv4
// address or, as one host has that many addresses, of the /64 of an IPv6 one.
func peerOf(r *http.Request) netip.Prefix {
	from, _ := netip.ParseAddrPort(r.RemoteAddr) // without, all have one share
	addr := from.Addr().Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits)
	return p
}

// A sheet is what a page is written on that goes to nobody as it is.
type sheet struct {
	header http.Header
	text   strings.Builder
}

// Header implements http.ResponseWriter.
func (s *sheet) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter. A page that tells that there is
// nothing is a page.
func (s *sheet) WriteHeader(int) {}

// Write implements http.ResponseWriter.
func (s *sheet) Write(p []byte) (int, error) { return s.text.Write(p) }
