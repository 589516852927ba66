package satellite

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// A Message is one that the relay passed on.
type Message struct {
	Sender   string    // host id of the satellite that sent it
	Data     wire.Raw  // as it was sent
	Received time.Time // by this satellite
	Event    bool      // the relay itself tells of presence; no satellite can make it so

	// These are there only with Config.MessageInfo, from relays that know it.
	ID       string
	Accepted time.Time     // by the relay
	TTL      time.Duration // 0: for ever
	Key      string
	Hops     int
}

// notifyParams is the struct of notify (co2.md 9.2).
type notifyParams struct {
	HostID     string           `xmlrpc:"host_id" doc:"host id of the sender"`
	Data       wire.Raw         `xmlrpc:"data" doc:"what it sent"`
	NotifyPass methods.PassText `xmlrpc:"notify_pass" optional:"true" doc:"the password this satellite registered"`
	Event      bool             `xmlrpc:"co2_event" optional:"true" doc:"true: the relay itself tells of presence"`
	ID         string           `xmlrpc:"message_id" optional:"true" doc:"id of the message, sorts by time"`
	Time       float64          `xmlrpc:"message_time" optional:"true" doc:"when the relay accepted it, seconds since 1970"`
	TTL        float64          `xmlrpc:"message_ttl" optional:"true" doc:"seconds it is worth delivering, 0 for ever"`
	Key        string           `xmlrpc:"message_key" optional:"true" doc:"what it is about"`
	Hops       int              `xmlrpc:"message_hops" optional:"true" doc:"relays it passed before"`
}

func (n *Node) notifyMethod() methods.Method {
	return methods.Method{
		Names:  []string{"notify"},
		Doc:    "Takes a message from the relay and returns 'OK'.",
		Access: methods.Public,
		Func:   n.notify,
	}
}

func (n *Node) notify(ctx context.Context, p notifyParams) (string, error) {
	if err := n.mayNotify(methods.Peer(ctx), string(p.NotifyPass)); err != nil {
		return "", err
	}
	m := Message{
		Sender: p.HostID, Data: p.Data, Received: time.Now(), Event: p.Event,
		ID: p.ID, Key: p.Key, Hops: p.Hops, TTL: time.Duration(inRange(p.TTL) * 1e9),
	}
	if p.Time > 0 {
		m.Accepted = time.UnixMicro(int64(inRange(p.Time) * 1e6))
	}
	if err := n.inbox.put(ctx, m); err != nil {
		return "", err
	}
	return "OK", nil
}

// inRange bounds seconds told by a peer to what a time can hold.
func inRange(seconds float64) float64 { return min(max(seconds, 0), 8e9) }

// mayNotify lets the relay in: by the password, compared in constant time, or
// without one by its address.
func (n *Node) mayNotify(c methods.Caller, pass string) error {
	switch {
	case !n.cfg.NoPass:
		if subtle.ConstantTimeCompare([]byte(pass), []byte(n.cfg.NotifyPass)) != 1 {
			return &methods.RegistryError{Text: "notify_pass is missing or wrong"}
		}
	case !n.cfg.AnyCaller && !n.isRelay(c):
		return &methods.RegistryError{Text: fmt.Sprintf("%s is not the relay", c.Addr.Addr())}
	}
	return nil
}

// isRelay reports whether the caller has an address of the relay.
func (n *Node) isRelay(c methods.Caller) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.relayAddrs, c.Addr.Addr().WithZone(""))
}
