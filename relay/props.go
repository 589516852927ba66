package relay

import (
	"math"
	"time"
)

// props are the properties of a satellite: the 14 fields of co2.md 2.6.1,
// then ours. T is how times are told. The notify_pass is not among them.
type props[T any] struct {
	Addr        []any   `xmlrpc:"addr" doc:"ip and port where the relay reaches it"`
	HostID      string  `xmlrpc:"host_id" doc:"its id"`
	Nick        string  `xmlrpc:"nick" doc:"its name for people"`
	Ctime       T       `xmlrpc:"ctime" doc:"when it registered, UTC"`
	PingCurrent float64 `xmlrpc:"ping_current" doc:"latest ping in ms, -1 before the first answer"`
	PingCount   int     `xmlrpc:"ping_count" doc:"pings sent"`
	PingMin     float64 `xmlrpc:"ping_min" doc:"shortest ping in ms"`
	PingMax     float64 `xmlrpc:"ping_max" doc:"longest ping in ms"`
	PingAvg     float64 `xmlrpc:"ping_avg" doc:"mean ping in ms"`
	PingFails   int     `xmlrpc:"ping_fails" doc:"pings that failed"`
	SendCount   int     `xmlrpc:"send_count" doc:"messages accepted from it"`
	SendTime    T       `xmlrpc:"send_time" doc:"its latest message"`
	RecvCount   int     `xmlrpc:"recv_count" doc:"notify calls made to it"`
	RecvTime    T       `xmlrpc:"recv_time" doc:"latest message delivered to it"`

	Plugins       []string `xmlrpc:"plugins" doc:"plugins it has loaded"`
	Dialect       string   `xmlrpc:"dialect" doc:"how its notify is spelled, in words as for relay.register; empty: as sent"`
	RecvFails     int      `xmlrpc:"recv_fails" doc:"notify calls that failed"`
	State         string   `xmlrpc:"state" doc:"new, up, suspect (its latest call failed), down (3 pings failed in a row) or paused (by an operator)"`
	StateSince    T        `xmlrpc:"state_since" doc:"when it entered its state"`
	Standing      string   `xmlrpc:"standing" doc:"how it is, for people: its state, but stuck while it is not down and takes no messages (its breaker is not closed), and flapping while it registers again and again"`
	StandingSince T        `xmlrpc:"standing_since" doc:"since when it is so"`
	LastError     string   `xmlrpc:"last_error" doc:"why the latest call to it failed; empty if it did not"`
	WayBack       string   `xmlrpc:"way_back" doc:"whether calls reach it: empty before the first has ended since it registered, ok, or the address tried, the error, and where the registration came from"`
	Paused        bool     `xmlrpc:"paused" doc:"an operator paused it: it is neither called nor pinged, messages wait"`
	PauseReason   string   `xmlrpc:"pause_reason" doc:"why it was paused, in the operator's words; empty if they gave none, or it is not paused"`
	Pinned        bool     `xmlrpc:"pinned" doc:"an operator pinned it: the relay never removes it by itself"`
	Flapping      bool     `xmlrpc:"flapping" doc:"it registers again and again: its pings, and telling others of it, are held until it has settled"`
	Removal       string   `xmlrpc:"removal" doc:"while it is down and the relay removes such satellites: when, or why it does not; else empty"`
	RemoveIn      float64  `xmlrpc:"remove_in" doc:"seconds until the relay removes it; -1 unless it is going to"`
	CalledAddress string   `xmlrpc:"called_address" doc:"where the relay calls it"`
	SeenAddress   string   `xmlrpc:"seen_address" doc:"where its registration came from"`
	Waiting       int      `xmlrpc:"waiting" doc:"messages waiting for it"`
	Dropped       int      `xmlrpc:"dropped" doc:"messages given up because its outbox was full, they were too old, or the relay itself could not make the call"`
	Queue         string   `xmlrpc:"queue" doc:"what its outbox gives up when full: drop-oldest, drop-newest or newest-per-key"`
	Breaker       string   `xmlrpc:"breaker" doc:"closed: messages are delivered; open: they wait, since deliveries failed; half-open: the next one is tried"`
	BreakerSince  T        `xmlrpc:"breaker_since" doc:"when the breaker entered its state"`
	BreakerReason string   `xmlrpc:"breaker_reason" doc:"why it is not closed; empty if it is"`
	BreakerRetry  float64  `xmlrpc:"breaker_retry" doc:"seconds before a message is tried again, at least; 0 if it is not open, or waits for a good ping only"`
}

type (
	dateProps   = props[time.Time]
	secondProps = props[float64]
)

func propsOf[T any](s Satellite, tell func(time.Time) T) props[T] {
	return props[T]{
		Addr:   []any{s.Callback.Addr.Addr().String(), int(s.Callback.Addr.Port())},
		HostID: s.HostID, Nick: s.Nick, Ctime: tell(s.Registered),
		PingCurrent: s.Ping.Current, PingCount: count(s.Ping.Count), PingMin: s.Ping.Min, PingMax: s.Ping.Max,
		PingAvg: s.Ping.Avg(), PingFails: count(s.Ping.Fails),
		SendCount: count(s.SendCount), SendTime: tell(s.SendTime),
		RecvCount: count(s.RecvCount), RecvTime: tell(s.RecvTime),
		Plugins: s.Plugins, Dialect: s.Dialect.String(), RecvFails: count(s.RecvFails),
		State: string(s.State), StateSince: tell(s.StateSince), Standing: string(s.Standing()), StandingSince: tell(s.StandingSince()), LastError: s.LastError,
		WayBack: s.WayBack, Paused: s.Paused, PauseReason: s.PauseReason, Pinned: s.Pinned, Flapping: s.Flapping, RemoveIn: -1,
		CalledAddress: s.Callback.URL(), SeenAddress: s.Seen.String(),
		Waiting: s.Waiting, Dropped: count(s.Dropped), Queue: string(s.Policy),
		Breaker: string(s.Breaker.State), BreakerSince: tell(s.Breaker.Since), BreakerReason: s.Breaker.Reason,
		BreakerRetry: s.Breaker.Retry.Seconds(),
	}
}

// count tells a counter as an int of XML-RPC, which has 32 bits; a busy
// satellite passes them within weeks.
func count(n int) int { return min(n, math.MaxInt32) }

// asDate tells a time as dateTime; never is 1970 (co2.md 9.4).
func asDate(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t.UTC()
}

// asSeconds tells a time as seconds since 1970 with a fraction; never is 0.
func asSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
