package satellite

import (
	"context"
	"fmt"
	"time"
)

// askEvery is how often FirstPing looks.
const askEvery = 100 * time.Millisecond

// FirstPing waits until the relay has pinged this satellite once since it
// registered, and returns the satellite's properties: they tell whether the
// way back works. Relays ping at registration.
func (n *Node) FirstPing(ctx context.Context) (Props, error) {
	for {
		m, err := n.whenJoined(ctx)
		if err != nil {
			return Props{}, err
		}
		p, err := n.control.Props(ctx, m.hostID)
		if err != nil || p.PingCount > 0 {
			return p, err
		}
		pause(ctx, askEvery)
		if ctx.Err() != nil {
			return p, fmt.Errorf("the relay has not called yet: %w", ctx.Err())
		}
	}
}
