// Package courier carries a relay's calls to its satellites over HTTP. It is
// the relay's Carrier: many satellites at once, none waiting for another,
// each call under a deadline from its own start.
//
// It keeps one connection to each satellite, which costs no goroutine, no
// buffer and no timer while nothing is to be delivered. A few workers write
// calls to many satellites and then read their answers; what takes longer, a
// slow answer or a new connection, is left to others, so that they wait for
// nobody.
//
// It calls the address it is given and no other: it resolves no names,
// follows no redirects, uses no proxy, and reads answers to a limit
// (xmlrpc.md section 10). A Courier is safe for concurrent use.
package courier

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"

	"co2/methods/wire"
	"co2/relay"
)

// A Config tunes a courier. Zero values mean the defaults in brackets.
type Config struct {
	MaxAnswer int64 // octets of an answer [1 MiB]
	// MaxKept is how many connections are kept [as many as the limit of file
	// descriptors leaves room for]; negative: none.
	MaxKept   int
	UserAgent string
	// Dial opens connections [TCP]. It has 3 s.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// A Courier carries calls from its making until Close.
type Courier struct {
	cfg     Config
	lines   *lines
	queue   queue
	dials   [3]*lane // by the doubt about a satellite
	late    *watch
	waiters waiters
	secure  *lane
	https   *http.Client
	room    room
	pace    pace
	crew    crew
	ctx     context.Context // of connecting and of https; ends with Close
	stop    context.CancelFunc
	closed  atomic.Bool
}

// workersPerProcessor is how many write and read for each processor: one may
// wait for answers while the other goes on.
const workersPerProcessor = 2

// New returns a courier. Close ends it.
func New(cfg Config) *Courier {
	if cfg.MaxAnswer <= 0 {
		cfg.MaxAnswer = 1 << 20
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "co2"
	}
	kept, loose := shareOf(descriptorLimit())
	if cfg.MaxKept != 0 {
		kept = max(cfg.MaxKept, 0)
	}
	c := &Courier{cfg: cfg, lines: newLines(kept, loose), room: room{size: answerRoom}}
	c.https = wire.NewHTTPClient(cfg.Dial)
	c.https.Timeout = 0 // each call has a deadline of its own
	if cfg.Dial == nil {
		c.cfg.Dial = (&net.Dialer{KeepAlive: -1}).DialContext // pings tell what probes would
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.queue.start = func() { c.crew.hire(c.work) }
	c.queue.workers = workersPerProcessor * runtime.GOMAXPROCS(0)
	c.dials = [3]*lane{
		trusted:  c.newLane(trustedDials, c.connect),
		doubtful: c.newLane(doubtfulDials, c.connect),
		hopeless: c.newLane(hopelessDials, c.connect),
	}
	c.secure = c.newLane(secureCalls, c.callSecurely)
	c.late = newWatch(c)
	return c
}

// Close ends the calls under way and returns when all have been told done.
func (c *Courier) Close() {
	c.closed.Store(true)
	c.stop()
	c.late.cut()
	c.crew.rest()
	c.late.close()
	c.waiters.close()
	c.lines.closeIdle()
	c.https.CloseIdleConnections()
}

// Send implements [relay.Carrier].
func (c *Courier) Send(batch []relay.Delivery, done func(relay.Delivery, relay.Outcome)) {
	c.queue.put(batch, done)
}

// Forget implements [relay.Carrier]: a kept connection that is not in use is
// closed.
func (c *Courier) Forget(to relay.Callback) { c.lines.forget(to.Addr) }

// stopping is why calls end that Close finds under way.
const stopping = "the relay is stopping"
