// Package registry is a co2 server: the HTTP door through which XML-RPC calls
// enter, their dispatch through a method table, the built-in methods every
// co2 server has, and its pages. A relay is a registry with the relay's
// methods in its table; a satellite is one with notify in it.
//
// It speaks XML-RPC over HTTP/1.0 and 1.1 as co2 (2003) and the clients since
// then do. A [Server] is safe for concurrent use.
package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"co2/methods"
	"co2/registry/web"
)

// A Server is one co2 server. New makes it, Serve opens its door.
type Server struct {
	cfg     Config
	table   methods.Table
	log     *slog.Logger
	started time.Time
	host    hostFacts
	pages   http.Handler
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
	s.pages = web.Handler(s.site())
	return s, nil
}

// Table is the table of methods the server dispatches through.
func (s *Server) Table() *methods.Table { return &s.table }

// Serve answers on ln until ctx ends, then lets calls under way finish for at
// most Grace and cuts off the rest. When it returns, ln is closed and no call
// runs any more.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	calls, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	serving, stop := context.WithCancel(ctx)
	defer stop()
	var cs conns
	hs := s.httpServer(calls)
	hs.ConnState = cs.note
	var err error
	var accepting sync.WaitGroup
	accepting.Go(func() {
		defer stop()
		err = hs.Serve(netutil.LimitListener(ln, s.cfg.MaxConns))
	})
	<-serving.Done()
	cs.closeFresh()
	grace, cancel := context.WithTimeout(calls, s.cfg.Grace)
	defer cancel()
	if hs.Shutdown(grace) != nil {
		cutOff()
		hs.Close()
	}
	accepting.Wait()
	cs.all.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// httpServer is the server of one Serve; calls is the context of its calls.
func (s *Server) httpServer(calls context.Context) *http.Server {
	return &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       40 * time.Second,
		WriteTimeout:      s.cfg.CallTimeout + 60*time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    60 << 10, // net/http adds 4 KiB: 64 in all
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true, // OPTIONS * is no exception (H1)
	}
}
