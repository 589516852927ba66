// Package satellite makes a program a satellite of a co2 network: it serves
// what the relay calls, registers and stays registered, hands on what comes
// in, and sends (co2 2003).
//
// [New] makes a [Node], [Node.Run] works it. A Node is safe for concurrent use.
package satellite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"co2/methods"
	"co2/registry"
)

// A Node is one satellite.
type Node struct {
	cfg     Config
	control *Control
	server  *registry.Server
	inbox   *inbox
	doubt   chan struct{} // a fault made it unsure whether the relay still knows it
	port    int           // where it listens; set by Run before anything reads it

	mu         sync.Mutex
	member     membership    // guarded by mu: zero while it is not registered
	joined     chan struct{} // guarded by mu: closed while it is registered
	heard      time.Time     // guarded by mu: latest ping or notify of the relay, monotonic
	relayAddrs []netip.Addr  // guarded by mu
}

// New returns a satellite of the relay in cfg.
func New(cfg Config) (*Node, error) {
	control, err := newControl(cfg.Relay, dialFrom(cfg.ownAddr()))
	if err != nil {
		return nil, err
	}
	if cfg.NotifyPass == "" {
		cfg.NotifyPass = rand.Text()
	}
	n := &Node{cfg: cfg.withDefaults(), control: control, doubt: make(chan struct{}, 1), joined: make(chan struct{})}
	n.inbox = newInbox(n.cfg.Inbox)
	n.server, err = registry.New(registry.Config{
		Kind:    "satellite",
		Plugins: func() []string { return n.cfg.Plugins },
		Called:  n.called,
	}, n.cfg.Log, append([]methods.Method{n.notifyMethod()}, cfg.Methods...)...)
	return n, err
}

// Control makes fixed calls to the relay of this satellite.
func (n *Node) Control() *Control { return n.control }

// HostID is the id the relay gave it; empty while it is not registered.
func (n *Node) HostID() string { return n.membership().hostID }

// Run listens, registers and stays registered until ctx ends; then it
// deregisters, takes in what is under way, and returns when all of it has
// been received. It fails only when it cannot listen or serve. A Node runs
// once.
func (n *Node) Run(ctx context.Context) error {
	ln, err := n.open(ctx)
	if ctx.Err() != nil && err != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("satellite: %w", err)
	}
	if n.port, err = portOf(ln); err != nil {
		ln.Close()
		return fmt.Errorf("satellite: %w", err)
	}
	return n.work(ctx, ln)
}

// work serves and stays registered until ctx ends or it can no longer serve.
func (n *Node) work(ctx context.Context, ln net.Listener) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	registering, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var failed error
	var server, receiver sync.WaitGroup
	receiver.Go(func() { n.inbox.each(n.cfg.Receive) })
	server.Go(func() {
		defer giveUp()
		failed = n.server.Serve(serving, ln)
	})
	refused := n.stayRegistered(registering)
	n.leave(context.WithoutCancel(ctx))
	stop()
	server.Wait()
	n.inbox.close()
	receiver.Wait()
	return errors.Join(failed, refused)
}

// called hears of every call to this satellite's server.
func (n *Node) called(c methods.Caller, method string) {
	if (method == "ping" || method == "notify") && n.isRelay(c) {
		n.hear()
	}
}
