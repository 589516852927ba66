package satellite

import (
	"context"
	"errors"
	"time"

	"co2/methods/wire"
)

// watch returns when the relay has forgotten this satellite, or ctx ends. It
// asks after a silence and after a fault that named it (co2.md 9.2).
func (n *Node) watch(ctx context.Context) {
	tries := n.cfg.backoff()
	for n.quiet(ctx) {
		m := n.membership()
		if m.hostID == "" { // Send found out
			return
		}
		known, err := n.known(ctx, m)
		switch {
		case err != nil:
			n.tell(ctx, Status{HostID: m.hostID, Listen: n.port, Err: err, Retry: tries.next})
			tries.pause(ctx)
		case !known:
			n.forget(m)
			return
		default:
			if tries.next > tries.first {
				n.tell(ctx, Status{HostID: m.hostID, Known: true, Listen: n.port})
			}
			tries.reset()
			n.hear()
		}
	}
}

// quiet waits for a reason to ask the relay; it is false when ctx has ended.
func (n *Node) quiet(ctx context.Context) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-n.doubt:
			return true
		case <-time.After(n.untilSilence()):
			if n.untilSilence() <= 0 {
				return true
			}
		}
	}
}

func (n *Node) untilSilence() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cfg.Silence - time.Since(n.heard)
}

func (n *Node) hear() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = time.Now()
}

// known asks the relay whether it still has this very registration. An error
// means that it could not be asked.
func (n *Node) known(ctx context.Context, m membership) (bool, error) {
	ctime, err := n.control.Ctime(ctx, m.hostID)
	if _, fault := errors.AsType[*wire.Fault](err); fault {
		return false, nil
	}
	return ctime == m.ctime, err
}

// forgotten reports whether the relay has forgotten m, and if so has it
// registered again.
func (n *Node) forgotten(ctx context.Context, m membership) bool {
	if known, err := n.known(ctx, m); err != nil || known {
		return false
	}
	n.forget(m)
	select {
	case n.doubt <- struct{}{}:
	default:
	}
	return true
}
