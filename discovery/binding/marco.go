package binding

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	"co2/discovery"
	"co2/discovery/internal/closing"
)

// Bounds of Marco's door. They are ours; the original has a thread for each
// request and a buffer of 8192 bytes.
const (
	maxMarcoRequest  = 8192
	marcoQueries     = 256 // under way at once
	marcoPerClient   = 16  // of one socket
	marcoAnswerBytes = 16 << 10
)

// DefaultMarcoAddr is where every binding of MarcoPolo asks its Marco.
func DefaultMarcoAddr() netip.AddrPort { return netip.MustParseAddrPort("127.0.1.1:1338") }

// A MarcoConfig says where a [MarcoDoor] is and how it seeks. Its zero value
// means the defaults.
type MarcoConfig struct {
	Addr netip.AddrPort // UDP; default [DefaultMarcoAddr]
	// Query is what requests do not say: Groups, Port, Interfaces, Timeout and
	// Retries, and how to open sockets and to look up names. The rest of it is
	// not read.
	Query discovery.Query
	// Queries is how many may be under way at once, and as many datagrams
	// above it are lost as the clients send; default 256. One client may have
	// 16 of them.
	Queries int
	// Networks are those whose hosts are answered, beside this host itself;
	// default none.
	Networks []netip.Prefix
	// Listen opens the door's socket; default a UDP one.
	Listen func(netip.AddrPort) (MarcoSocket, error)
}

// A MarcoDoor answers the requests of local programs for nodes and services,
// as MarcoPolo's Marco does for its bindings: a datagram of JSON in, one out.
type MarcoDoor struct {
	cfg     MarcoConfig
	query   atomic.Pointer[discovery.Query]
	slots   *slots
	notes   *notes
	junk    *notes      // of what was not answered, at debug
	conn    MarcoSocket // nil before Listen
	counted struct{ answered, refused, ignored, dropped atomic.Uint64 }
}

// MarcoStats counts datagrams since the door was made.
type MarcoStats struct {
	Answered uint64 // with a list, which may be empty
	Refused  uint64 // with {"Error": true}
	Ignored  uint64 // what is no request, or of a foreign host
	Dropped  uint64 // because too many queries were under way
}

// NewMarcoDoor returns a door that answers once it runs. A nil log is silent.
func NewMarcoDoor(cfg MarcoConfig, log *slog.Logger) *MarcoDoor {
	if !cfg.Addr.IsValid() {
		cfg.Addr = DefaultMarcoAddr()
	}
	if cfg.Queries <= 0 {
		cfg.Queries = marcoQueries
	}
	if cfg.Listen == nil {
		cfg.Listen = listenMarco
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &MarcoDoor{cfg: cfg, slots: newSlots(cfg.Queries), notes: newNotes(log, notesBurst), junk: newNotes(log, junkBurst)}
	d.SetQuery(cfg.Query)
	return d
}

// SetQuery replaces what requests do not say, for those that come from now on.
func (d *MarcoDoor) SetQuery(q discovery.Query) { d.query.Store(&q) }

// Stats returns the counters of now.
func (d *MarcoDoor) Stats() MarcoStats {
	c := &d.counted
	return MarcoStats{c.answered.Load(), c.refused.Load(), c.ignored.Load(), c.dropped.Load()}
}

// Listen opens the door's socket. Requests wait there until Run. It fails if
// the address cannot be had.
func (d *MarcoDoor) Listen() error {
	conn, err := d.cfg.Listen(d.cfg.Addr)
	if err != nil {
		return fmt.Errorf("marco's door: %w", err)
	}
	d.conn = conn
	return nil
}

// Run answers until ctx ends, and then returns nil; queries that are under way
// end with it, without an answer. It calls Listen if nobody has, and fails if
// that does or if the socket does not work any more. A door runs once.
func (d *MarcoDoor) Run(ctx context.Context) error {
	if d.conn == nil {
		if err := d.Listen(); err != nil {
			return err
		}
	}
	conn := d.conn
	ctx, stop := context.WithCancel(ctx)
	var queries sync.WaitGroup
	defer queries.Wait()
	defer stop()
	defer closing.With(ctx, conn)()
	buf := make([]byte, maxMarcoRequest+1) // one more, to tell what is too long
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("marco's door: %w", err)
		}
		d.receive(ctx, conn, &queries, buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

// receive refuses a datagram at once or starts its query.
func (d *MarcoDoor) receive(ctx context.Context, conn MarcoSocket, queries *sync.WaitGroup, datagram []byte, from netip.AddrPort) {
	if !d.admits(from) {
		d.ignore(errForeign, from, len(datagram))
		return
	}
	request, err := parseMarcoRequest(datagram, *d.query.Load())
	switch {
	case errors.Is(err, errRefused):
		d.counted.refused.Add(1)
		d.junk.debug("request refused", "code", "MARCO-REFUSED", "remote", from, "err", err, "bytes", len(datagram))
		d.send(conn, marcoError, from)
	case err != nil:
		d.ignore(err, from, len(datagram))
	case !d.slots.take(from):
		d.counted.dropped.Add(1)
		d.notes.warn("request dropped, too many queries are under way", "code", "MARCO-BUSY", "remote", from)
	default:
		queries.Go(func() {
			defer d.slots.give(from)
			d.answer(ctx, conn, request, from)
		})
	}
}

// ignore counts a datagram that is not answered. The log is told why, here as
// elsewhere never in the words of the datagram.
func (d *MarcoDoor) ignore(why error, from netip.AddrPort, length int) {
	d.counted.ignored.Add(1)
	d.junk.debug("request ignored", "code", "MARCO-JUNK", "remote", from, "err", why, "bytes", length)
}

// answer makes the query and sends what it found. A query that fails has found
// nobody: a client waits for a list.
func (d *MarcoDoor) answer(ctx context.Context, conn MarcoSocket, request marcoRequest, to netip.AddrPort) {
	nodes, err := request.find(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		d.notes.warn("query failed", "code", "MARCO-FAIL", "remote", to, "err", err)
	}
	list, left := request.list(nodes)
	if left > 0 {
		d.notes.info("answer cut to what its reader takes", "code", "MARCO-CUT", "remote", to, "entries_left_out", left, "bytes", len(list))
	}
	d.counted.answered.Add(1)
	d.send(conn, list, to)
}

func (d *MarcoDoor) send(conn MarcoSocket, datagram []byte, to netip.AddrPort) {
	if _, err := conn.WriteToUDPAddrPort(datagram, to); err != nil {
		d.notes.info("answer not sent", "code", "MARCO-UNSENT", "remote", to, "err", err)
	}
}
