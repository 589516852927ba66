package registry

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"co2/registry/door"
)

// A router tells calls from pages, and refuses with a clear status what is
// neither (xmlrpc.md section 2).
type router struct{ *Server }

// Route implements [door.Handler].
func (s router) Route(r *door.Request) (door.Action, *door.Refusal) {
	no := s.checkVerb(r)
	if no == nil {
		no = s.checkBrowser(r)
	}
	switch {
	case no != nil:
		return nil, no
	case isRead(r):
		return s.pages, nil
	case s.takesCalls(r.Path) || r.Path == "/":
		_, no = checkType(r)
		return s.calls, no
	}
	return nil, &door.Refusal{Status: http.StatusNotFound, Text: "calls go to / or /RPC2"}
}

// isRead reports whether r only looks.
func isRead(r *door.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// takesCalls reports whether path is for calls alone; / is for pages too.
func (s *Server) takesCalls(path string) bool {
	return path == "/RPC2" || slices.Contains(s.cfg.Paths, path)
}

// allowPost goes with the refusal of every other verb.
var allowPost = []door.Field{{Name: "Allow", Value: "POST"}}

// checkVerb refuses verbs that nothing here answers, whoever sends them: that
// of a browser's preflight too (H1).
func (s *Server) checkVerb(r *door.Request) *door.Refusal {
	if r.Method == http.MethodPost || isRead(r) && !s.takesCalls(r.Path) {
		return nil
	}
	return &door.Refusal{Status: http.StatusMethodNotAllowed, Text: "calls are made with POST", Fields: allowPost}
}

// checkType returns the charset of a media type that can hold XML-RPC. None
// at all is taken for one, except from pages; the types that web pages can
// post are not (H6-H8).
func checkType(r *door.Request) (charset string, no *door.Refusal) {
	value := r.Get("Content-Type")
	if value == "text/xml" || value == "" && r.Get("Origin") == "" {
		return "", nil
	}
	kind, params, err := mime.ParseMediaType(value)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(strings.ToLower(value), ";")
		kind = strings.TrimSpace(kind)
	}
	main, sub, _ := strings.Cut(kind, "/")
	if main != "text" && main != "application" || sub != "xml" && kind != "application/xml-rpc" && !strings.HasSuffix(sub, "+xml") {
		return "", &door.Refusal{Status: http.StatusUnsupportedMediaType, Text: "send calls as Content-Type: text/xml"}
	}
	return params["charset"], nil
}
