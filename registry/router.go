package registry

import (
	"fmt"
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
		return s.read(r)
	case s.takesForms(r.Path):
		return s.pages, checkForm(r)
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

// takesForms reports whether what is posted to path is a form of the pages.
func (s *Server) takesForms(path string) bool {
	return !s.cfg.NoWeb && !s.takesCalls(path) && (strings.HasPrefix(path, "/methods/") || strings.HasPrefix(path, "/satellites/"))
}

// maxForm is the longest form in octets. Browsers spell some octets with three.
const maxForm = 1 << 20

// checkForm refuses what is posted to a page and is no form of one, by its
// head. Forms are short and come whole, so their length is known and there is
// nothing to unpack.
func checkForm(r *door.Request) *door.Refusal {
	kind, _, err := mime.ParseMediaType(r.Get("Content-Type"))
	switch {
	case err != nil || kind != "application/x-www-form-urlencoded" || r.Get("Content-Encoding") != "":
		return &door.Refusal{Status: http.StatusUnsupportedMediaType, Text: "pages take forms as application/x-www-form-urlencoded; calls go to / or /RPC2"}
	case r.Length < 0:
		return &door.Refusal{Status: http.StatusLengthRequired, Text: "send Content-Length"}
	case r.Length > maxForm:
		return &door.Refusal{Status: http.StatusRequestEntityTooLarge, Text: fmt.Sprintf("a form has at most %d octets", maxForm)}
	}
	return nil
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
