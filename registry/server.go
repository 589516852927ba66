// Package registry is a co2 server: the door through which XML-RPC calls
// enter, their dispatch through a method table, the built-in methods every
// co2 server has, and its pages. A relay is a registry with the relay's
// methods in its table; a satellite is one with notify in it.
//
// It speaks XML-RPC over HTTP/1.0 and 1.1 as co2 (2003) and the clients since
// then do. A [Server] is safe for concurrent use.
package registry

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"co2/methods"
	"co2/registry/door"
	"co2/registry/web"
)

// A Server is one co2 server. New makes it, Serve opens its door.
type Server struct {
	cfg     Config
	table   methods.Table
	log     *slog.Logger
	started time.Time
	host    hostFacts
	door    *door.Server
	calls   door.Action
	pages   door.Action
	extras  map[string]door.Action // by path
}

// New returns a server with the built-in methods and those of list.
func New(cfg Config, log *slog.Logger, list ...methods.Method) (*Server, error) {
	s := &Server{cfg: cfg.withDefaults(), log: log, host: readHostFacts()}
	s.started = s.cfg.Now()
	if err := s.table.Register("co2", s.builtins()...); err != nil {
		return nil, err
	}
	if err := s.table.Register(s.cfg.Kind, list...); err != nil {
		return nil, err
	}
	s.calls = s.serveCall
	page := door.Page(web.Handler(s.site()))
	s.pages = func(ctx context.Context, r *door.Request, body []byte, a *door.Answer) {
		page(methods.WithPeer(ctx, s.caller(r)), r, body, a)
	}
	s.extras = extras(s.cfg.Extras)
	s.door = door.New(s.cfg.Door, router{s}, log)
	return s, nil
}

// Table is the table of methods the server dispatches through.
func (s *Server) Table() *methods.Table { return &s.table }

// Door tells how much of the door's limits is used now.
func (s *Server) Door() door.Use { return s.door.Use() }

// Serve answers on ln until ctx ends, then lets calls under way finish for at
// most Door.Grace and cuts off the rest. When it returns, ln is closed and no
// call runs any more.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if err := s.door.Serve(ctx, ln); err != nil {
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	}
	return nil
}
