package satellite

import (
	"context"
	"fmt"
	"time"
)

// askEvery is how often FirstPing looks.
const askEvery = 100 * time.Millisecond

// Reached reports whether the relay has reached the satellite, by its word or,
// where it has none for that, by its pings.
func (p Props) Reached() bool {
	if p.WayBack != "" {
		return p.WayBack == "ok"
	}
	return p.PingCount > p.PingFails
}

// FirstPing waits until the relay has called this satellite once since it
// registered, and returns the satellite's properties: they tell whether the
// way back works. Relays ping at registration, unless the satellite is paused
// or flaps: then it returns at once.
func (n *Node) FirstPing(ctx context.Context) (Props, error) {
	for {
		m, err := n.whenJoined(ctx)
		if err != nil {
			return Props{}, err
		}
		p, err := n.control.Props(ctx, m.hostID)
		if err != nil || p.PingCount > 0 || p.WayBack != "" || p.Paused || p.Flapping {
			return p, err
		}
		pause(ctx, askEvery)
		if ctx.Err() != nil {
			return p, fmt.Errorf("the relay has not called yet: %w", ctx.Err())
		}
	}
}
