package registry

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// A refusal is an answer that is no XML-RPC: a status and one line of text.
type refusal struct {
	status int
	text   string
	header [2]string // one header to go with it
}

// ServeHTTP is the door: it tells calls from pages, and refuses with a clear
// status what is neither (xmlrpc.md section 2).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	no := s.checkVerb(r)
	if no == nil {
		no = s.checkBrowser(r)
	}
	switch {
	case no != nil:
	case isRead(r):
		s.pages.ServeHTTP(w, r)
	case s.takesCalls(r.URL.Path) || r.URL.Path == "/" || r.URL.Path == "": // POST http://host has no path
		no = s.serveCall(w, r)
	default:
		no = &refusal{status: http.StatusNotFound, text: "calls go to / or /RPC2"}
	}
	if no != nil {
		no.write(w, r)
	}
}

// isRead reports whether r only looks.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// takesCalls reports whether path is for calls alone; / is for pages too.
func (s *Server) takesCalls(path string) bool {
	return path == "/RPC2" || slices.Contains(s.cfg.Paths, path)
}

// checkVerb refuses verbs that nothing here answers, whoever sends them: that
// of a browser's preflight too (H1).
func (s *Server) checkVerb(r *http.Request) *refusal {
	if r.Method == http.MethodPost || isRead(r) && !s.takesCalls(r.URL.Path) {
		return nil
	}
	return &refusal{http.StatusMethodNotAllowed, "calls are made with POST", [2]string{"Allow", "POST"}}
}

// linger is how long a refused body is still read, so that the peer can see
// the answer before the connection closes (H28).
const linger = 500 * time.Millisecond

func (no *refusal) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	control := http.NewResponseController(w)
	if no.header[0] != "" {
		h.Set(no.header[0], no.header[1])
	}
	switch no.status {
	case http.StatusBadRequest, http.StatusLengthRequired, http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // where the request ends is not known
		control.SetReadDeadline(time.Now().Add(linger))
		defer drain(control, r.Body)
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(no.text)+1))
	w.WriteHeader(no.status)
	io.WriteString(w, no.text+"\n")
}

// drain sends the answer and reads on for a while: many clients write all of
// a call before they read, and a close with octets unread would take the
// answer away from them (H28). The read deadline ends it.
func drain(control *http.ResponseController, body io.Reader) {
	if control.Flush() == nil {
		io.Copy(io.Discard, body)
	}
}

// serveCall answers one call. What can be answered in XML-RPC is.
func (s *Server) serveCall(w http.ResponseWriter, r *http.Request) *refusal {
	charset, no := checkType(r)
	if no != nil {
		return no
	}
	body, no := s.readBody(w, r)
	if no != nil {
		return no
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.cfg.CallTimeout)
	defer cancel()
	answer := s.answer(methods.WithPeer(ctx, s.caller(r)), body, charset)
	h := w.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(answer)))
	w.Write(answer)
	return nil
}

// answer decodes, dispatches and encodes: a document in, a document out.
func (s *Server) answer(ctx context.Context, body []byte, charset string) []byte {
	call, err := wire.ParseCall(body, charset, s.cfg.Limits)
	if err != nil {
		return wire.AppendFault(nil, s.faultFor(ctx, "", err))
	}
	answer, err := s.result(ctx, call)
	if err != nil {
		return wire.AppendFault(nil, s.faultFor(ctx, call.Method, err))
	}
	return answer
}

func (s *Server) result(ctx context.Context, call *wire.Call) ([]byte, error) {
	result, err := s.dispatch(ctx, call.Method, call)
	if err != nil {
		return nil, err
	}
	answer, err := wire.AppendResponse(nil, result)
	if err == nil && len(answer) > s.cfg.MaxAnswer {
		err = &wire.Fault{Code: wire.LimitExceeded, String: "the answer would be too long"}
	}
	return answer, err
}

// dispatch makes a call, whether it came through the door or inside another.
func (s *Server) dispatch(ctx context.Context, name string, args methods.Args) (any, error) {
	s.cfg.Called(methods.Peer(ctx), name)
	return s.table.Call(ctx, name, args)
}

// caller makes out who calls, from the connection alone.
func (s *Server) caller(r *http.Request) methods.Caller {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return methods.Caller{Access: methods.Public}
	}
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	return methods.Caller{Addr: addr, Access: s.cfg.Access(addr.Addr())}
}

// checkType returns the charset of a media type that can hold XML-RPC. None
// at all is taken for one, except from pages; the types that web pages can
// post are not (H6-H8).
func checkType(r *http.Request) (charset string, no *refusal) {
	value := r.Header.Get("Content-Type")
	if value == "" && r.Header.Get("Origin") == "" {
		return "", nil
	}
	kind, params, err := mime.ParseMediaType(value)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(strings.ToLower(value), ";")
		kind = strings.TrimSpace(kind)
	}
	main, sub, _ := strings.Cut(kind, "/")
	if main != "text" && main != "application" || sub != "xml" && kind != "application/xml-rpc" && !strings.HasSuffix(sub, "+xml") {
		return "", &refusal{status: http.StatusUnsupportedMediaType, text: "send calls as Content-Type: text/xml"}
	}
	return params["charset"], nil
}
