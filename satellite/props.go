package satellite

import (
	"context"
	"maps"
	"time"
)

// Props are the properties of a satellite as its relay tells them. Fields an
// old relay does not send stay zero.
type Props struct {
	HostID        string    `xmlrpc:"host_id" optional:"true"`
	Nick          string    `xmlrpc:"nick" optional:"true"`
	Ctime         time.Time `xmlrpc:"ctime" optional:"true"`
	PingCurrent   float64   `xmlrpc:"ping_current" optional:"true"` // ms, -1 before the first answer
	PingCount     int       `xmlrpc:"ping_count" optional:"true"`
	PingMin       float64   `xmlrpc:"ping_min" optional:"true"`
	PingMax       float64   `xmlrpc:"ping_max" optional:"true"`
	PingAvg       float64   `xmlrpc:"ping_avg" optional:"true"`
	PingFails     int       `xmlrpc:"ping_fails" optional:"true"`
	SendCount     int       `xmlrpc:"send_count" optional:"true"`
	SendTime      time.Time `xmlrpc:"send_time" optional:"true"`
	RecvCount     int       `xmlrpc:"recv_count" optional:"true"`
	RecvTime      time.Time `xmlrpc:"recv_time" optional:"true"`
	RecvFails     int       `xmlrpc:"recv_fails" optional:"true"`
	Plugins       []string  `xmlrpc:"plugins" optional:"true"`
	Dialect       string    `xmlrpc:"dialect" optional:"true"`
	State         string    `xmlrpc:"state" optional:"true"`
	StateSince    time.Time `xmlrpc:"state_since" optional:"true"`
	Standing      string    `xmlrpc:"standing" optional:"true"` // how it is, for people: its state, stuck or flapping
	StandingSince time.Time `xmlrpc:"standing_since" optional:"true"`
	LastError     string    `xmlrpc:"last_error" optional:"true"`
	WayBack       string    `xmlrpc:"way_back" optional:"true"` // empty: not known yet; "ok"; or why it fails
	Paused        bool      `xmlrpc:"paused" optional:"true"`
	PauseReason   string    `xmlrpc:"pause_reason" optional:"true"`
	Pinned        bool      `xmlrpc:"pinned" optional:"true"`
	Flapping      bool      `xmlrpc:"flapping" optional:"true"`
	Removal       string    `xmlrpc:"removal" optional:"true"`
	CalledAddress string    `xmlrpc:"called_address" optional:"true"`
	SeenAddress   string    `xmlrpc:"seen_address" optional:"true"`
	Waiting       int       `xmlrpc:"waiting" optional:"true"`
	Dropped       int       `xmlrpc:"dropped" optional:"true"`
	Queue         string    `xmlrpc:"queue" optional:"true"`
	Breaker       string    `xmlrpc:"breaker" optional:"true"`
	BreakerReason string    `xmlrpc:"breaker_reason" optional:"true"`
	BreakerRetry  float64   `xmlrpc:"breaker_retry" optional:"true"` // seconds
}

// Props asks for the properties of a satellite.
func (c *Control) Props(ctx context.Context, hostID string) (p Props, err error) {
	var told map[string]any
	if err := c.call(ctx, "relay.get_satellite_props", &told, hostStruct{hostID}); err != nil {
		return p, err
	}
	maps.DeleteFunc(told, func(_ string, v any) bool { return v == nil }) // kolo's empty string
	emptyTexts(told["plugins"])
	return p, convert("relay.get_satellite_props", told, &p)
}

// emptyTexts puts back the empty strings of a list, which kolo reads as nil.
func emptyTexts(list any) {
	items, _ := list.([]any)
	for i, v := range items {
		if v == nil {
			items[i] = ""
		}
	}
}
