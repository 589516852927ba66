// Package door is where requests enter a co2 server: HTTP/1.0 and 1.1 over TCP
// or TLS, as far as XML-RPC since 1998 and the pages of a server need it, and
// strict about everything else. It stands in the place of net/http's server
// because what xmlrpc.md asks of the wire has to hold for every answer, also
// for those to requests that are no HTTP at all: each has a Content-Length,
// each refusal says in one line why, and each limit acts before the octets it
// forbids are held.
//
// The door knows nothing of XML-RPC. It reads a head, asks its [Handler] what
// is to happen, reads the body within its limits, unpacks it, and sends what
// the action answers. Rule numbers (H1, L3) are those of xmlrpc.md.
package door

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Handler decides what happens with a request. It is called concurrently.
type Handler interface {
	// Route looks at the head of a request, before its body is read, and
	// returns what answers it, or why nothing does.
	Route(r *Request) (Action, *Refusal)
}

// An Action answers a request whose body, unpacked, is body. The body and all
// of r are the action's until it returns. It appends its answer to a.
type Action func(ctx context.Context, r *Request, body []byte, a *Answer)

// A Config tunes a Server. Zero values mean the defaults in brackets, which
// are those of xmlrpc.md section 8.
type Config struct {
	MaxHead      int           // octets of request line and header [64 KiB]
	MaxFields    int           // header fields [256]
	MaxBody      int64         // octets of a body, before and after it is unpacked [8 MiB]
	BodyMemory   int64         // octets of all bodies in flight, an eighth of it for those of up to 64 KiB; and, apart, of all longer answers [128 MiB]
	MaxConns     int           // open connections; more wait unaccepted [8,192]
	MaxPerPeer   int           // open connections of one address, or of one IPv6 /64 [4,096]
	MaxStreams   int           // answers that flow at once, half of them to one address or /64 [256]
	HeadTimeout  time.Duration // for a whole head, from its first octet or from the start of a connection [10 s]
	BodyTimeout  time.Duration // for a whole body; it must also come at 1 KiB/s after the first 5 s [30 s]
	WriteTimeout time.Duration // for the peer to take an answer, or a piece of one that flows [30 s]
	IdleTimeout  time.Duration // between requests; at most 10 s while more than 3/4 of MaxConns are open, 1 s while all are or descriptors are short, then also before the first [120 s]
	Grace        time.Duration // for requests under way when Serve's context ends [5 s]
	TLS          *tls.Config   // speak HTTPS [HTTP]
	Ended        func(Ended)   // hears of each answer that has been sent; by many at once, it must be quick [nobody]
}

func (c Config) withDefaults() Config {
	setDefault(&c.MaxHead, 64<<10)
	setDefault(&c.MaxFields, 256)
	setDefault(&c.MaxBody, 8<<20)
	setDefault(&c.BodyMemory, 128<<20)
	setDefault(&c.MaxConns, 8192)
	setDefault(&c.MaxPerPeer, 4096)
	setDefault(&c.MaxStreams, 256)
	setDefault(&c.HeadTimeout, 10*time.Second)
	setDefault(&c.BodyTimeout, 30*time.Second)
	setDefault(&c.WriteTimeout, 30*time.Second)
	setDefault(&c.IdleTimeout, 120*time.Second)
	setDefault(&c.Grace, 5*time.Second)
	return c
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// A Server serves HTTP on listeners. It is safe for concurrent use.
type Server struct {
	cfg     Config
	handler Handler
	log     *slog.Logger
	memory  budget // of bodies
	answers budget // of large answers
	date    clock
	conns   atomic.Int64 // open ones
	streams streams
	fails   atomic.Int64 // of accepting, in a row
}

// A Use is how much of its limits a server uses now.
type Use struct {
	Conns, MaxConns     int   // open connections
	Streams, MaxStreams int   // answers that flow
	Bodies, BodyMemory  int64 // octets of bodies in flight
	AcceptFails         int   // in a row until now; 0: whoever comes is accepted
}

// Use returns how much is used now.
func (s *Server) Use() Use {
	return Use{
		int(s.conns.Load()), s.cfg.MaxConns, s.streams.used(), s.cfg.MaxStreams, s.memory.used.Load(), s.memory.max, int(s.fails.Load()),
	}
}

// New returns a server; it starts nothing. Every limit of cfg that is zero
// becomes its default.
func New(cfg Config, handler Handler, log *slog.Logger) *Server {
	s := &Server{cfg: cfg.withDefaults(), handler: handler, log: log}
	s.memory.max, s.answers.max = s.cfg.BodyMemory, s.cfg.BodyMemory
	s.streams.max, s.streams.perPeer = s.cfg.MaxStreams, map[netip.Prefix]int{}
	return s
}

// Serve answers on ln until ctx ends, then lets requests under way finish for
// at most Grace and cuts off the rest. When it returns, ln is closed and no
// goroutine of it runs any more. It returns nil once ctx has ended, and before
// that the error that ended accepting.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	calls, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	h := newHall(s, calls)
	failed := make(chan error, 1)
	var accepting sync.WaitGroup
	accepting.Go(func() { failed <- h.accept(ln) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	ln.Close()
	h.shut()
	accepting.Wait()
	if !h.emptyWithin(s.cfg.Grace) {
		cutOff()
		h.clear()
	}
	h.guests.Wait()
	if ctx.Err() != nil && (err == nil || errors.Is(err, net.ErrClosed)) {
		return nil
	}
	return err
}
