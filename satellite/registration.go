package satellite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"co2/methods/wire"
)

// A Status tells how a satellite stands with its relay.
type Status struct {
	HostID string        // empty: not registered
	Known  bool          // it did not register anew: the relay answers again and still knows it
	Listen int           // the port it listens on, 0: not yet
	Err    error         // why not, or why the relay cannot be asked
	Retry  time.Duration // about how long until the next try, if there was an error
}

// A membership is one registration as the relay made it. The zero membership
// is none.
type membership struct {
	hostID string
	ctime  float64 // 0: the relay does not tell
}

// leaveTimeout bounds the deregistration on the way out, and what is left of
// a registration then.
const leaveTimeout = 3 * time.Second

// stayRegistered registers, watches, and registers again whenever the relay
// has forgotten it, until ctx ends. It fails when the relay will never take
// what it registers with.
func (n *Node) stayRegistered(ctx context.Context) error {
	tries := n.cfg.backoff()
	for ctx.Err() == nil {
		m, err := n.register(ctx)
		if f, ok := errors.AsType[*wire.Fault](err); ok && f.Code == wire.InvalidParams {
			return fmt.Errorf("the relay refuses this registration: %w", err)
		}
		if err != nil {
			n.tell(ctx, Status{Listen: n.port, Err: err, Retry: tries.next})
			tries.pause(ctx)
			continue
		}
		tries.reset()
		n.tell(ctx, Status{HostID: m.hostID, Listen: n.port})
		n.watch(ctx)
		if ctx.Err() == nil {
			pause(ctx, rand.N(n.cfg.Retry)) // all satellites of a relay find out together
		}
	}
	return nil
}

func (n *Node) tell(ctx context.Context, s Status) {
	if ctx.Err() == nil {
		n.cfg.State(s)
	}
}

func (n *Node) register(ctx context.Context) (membership, error) {
	ctx, done := lingering(ctx, leaveTimeout) // an answer under way says what to deregister
	defer done()
	addrs, err := n.control.addrs(ctx)
	if err != nil {
		return membership{}, err
	}
	n.mu.Lock()
	n.relayAddrs = addrs
	n.mu.Unlock()
	r := registration{
		Port: n.port, Nick: n.cfg.Nick, Plugins: n.cfg.Plugins,
		MessageInfo: n.cfg.MessageInfo, Dialect: n.cfg.Dialect.String(), Presence: n.cfg.Presence, Queue: n.cfg.Queue,
	}
	if !n.cfg.NoPass {
		r.NotifyPass = n.cfg.NotifyPass
	}
	hostID, err := n.control.register(ctx, r)
	if err != nil {
		return membership{}, err
	}
	ctime, err := n.control.Ctime(ctx, hostID)
	if err != nil {
		n.cfg.Log.Debug("the relay does not tell when it registered this satellite", "code", "NODE-OLD", "err", err)
		ctime = 0
	}
	m := membership{hostID, ctime}
	n.join(m)
	return m, nil
}

// lingering returns a context that ends d after ctx.
func lingering(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		pause(longer, d)
		cancel()
	})
	return longer, func() {
		stop()
		cancel()
	}
}

func (n *Node) join(m membership) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.member, n.heard = m, time.Now()
	close(n.joined)
}

// forget marks m as lost, unless another took its place already.
func (n *Node) forget(m membership) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if m.hostID != "" && n.member == m {
		n.member = membership{}
		n.joined = make(chan struct{})
	}
}

func (n *Node) membership() membership {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.member
}

// whenJoined waits until the satellite is registered.
func (n *Node) whenJoined(ctx context.Context) (membership, error) {
	for {
		n.mu.Lock()
		m, joined := n.member, n.joined
		n.mu.Unlock()
		if m.hostID != "" {
			return m, nil
		}
		select {
		case <-joined:
		case <-ctx.Done():
			return m, fmt.Errorf("not registered with %s: %w", n.control.URL(), ctx.Err())
		}
	}
}

// leave deregisters, if it is registered.
func (n *Node) leave(ctx context.Context) {
	m := n.membership()
	if m.hostID == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	if err := n.control.deregister(ctx, m.hostID); err != nil {
		n.cfg.Log.Warn("deregister", "code", "NODE-LEAVE", "err", err)
	}
	n.forget(m)
}
