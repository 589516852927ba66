package registry

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	"co2/methods"
	"co2/registry/door"
)

// An Extra is a page that the program around a server adds to it, to be read
// with GET and HEAD.
type Extra struct {
	Handler http.Handler
	Access  methods.Access // who may read it at the server's own door [methods.Public]
	Apart   bool           // it is not there at all, only where ServeExtras listens
	// Elsewhere says in words where those read it who may not here; empty:
	// nowhere.
	Elsewhere string
}

func (e Extra) elsewhere() string {
	if e.Elsewhere == "" {
		return ""
	}
	return "; " + e.Elsewhere
}

// extras makes actions of the extra pages, by path.
func extras(list map[string]Extra) map[string]door.Action {
	actions := make(map[string]door.Action, len(list))
	for path, e := range list {
		actions[path] = door.Page(e.Handler)
	}
	return actions
}

// read returns what answers a request that only looks.
func (s *Server) read(r *door.Request) (door.Action, *door.Refusal) {
	e, ok := s.cfg.Extras[r.Path]
	switch {
	case ok && !e.Apart && s.caller(r).Access < e.Access:
		return nil, &door.Refusal{Status: http.StatusForbidden, Text: "this is for " + e.Access.String() + " access only" + e.elsewhere()}
	case ok && !e.Apart:
		return s.extras[r.Path], nil
	case ok && e.Apart:
		return nil, &door.Refusal{Status: http.StatusNotFound, Text: "it is not at this address" + e.elsewhere()}
	case !s.cfg.NoWeb:
		return s.pages, nil
	case r.Path == "/":
		return nil, &door.Refusal{Status: http.StatusMethodNotAllowed, Text: "there are no pages here; calls are made with POST", Fields: allowPost}
	}
	return nil, &door.Refusal{Status: http.StatusNotFound, Text: "there are no pages here"}
}

// ServeExtras answers on ln with the extra pages alone, to whoever reaches it,
// until ctx ends. It has connections, limits and TLS like those of Serve, but
// does not share them: a full door does not keep out who watches it. When it
// returns, ln is closed.
func (s *Server) ServeExtras(ctx context.Context, ln net.Listener) error {
	cfg := s.cfg.Door
	cfg.Ended = nil
	if err := door.New(cfg, watchers{s}, s.log).Serve(ctx, ln); err != nil {
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// watchers routes what comes to ServeExtras.
type watchers struct{ *Server }

// Route implements [door.Handler].
func (s watchers) Route(r *door.Request) (door.Action, *door.Refusal) {
	if !isRead(r) {
		return nil, &door.Refusal{Status: http.StatusMethodNotAllowed, Text: "this address is for reading", Fields: []door.Field{{Name: "Allow", Value: "GET, HEAD"}}}
	}
	if no := s.checkBrowser(r); no != nil {
		return nil, no
	}
	if action, ok := s.extras[r.Path]; ok {
		return action, nil
	}
	return nil, &door.Refusal{Status: http.StatusNotFound, Text: "nothing here; read " + strings.Join(slices.Sorted(maps.Keys(s.extras)), ", ")}
}
