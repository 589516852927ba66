package relay

import (
	"fmt"
	"strings"
	"time"

	"co2/methods/wire"
)

// The words of a notice: what happened to a satellite, then what the relay
// says of itself.
const (
	noticeJoin    = "join"          // registered, and was not there before
	noticeLeave   = "leave"         // deregistered, or was removed
	noticeDown    = "down"          // stopped answering pings
	noticeUp      = "up"            // answers again after a down
	noticeMany    = "many"          // more happened than is told one by one
	noticeLeaving = "relay-leaving" // the relay stops
)

// A notice is what a satellite that asked for presence is told, as the data of
// a notify (co2.md 9.2).
type notice struct {
	Event    string    `xmlrpc:"event"`
	HostID   string    `xmlrpc:"host_id"` // of whom it tells; the relay's own for many and relay-leaving
	Nick     string    `xmlrpc:"nick"`
	Time     time.Time `xmlrpc:"time"`
	Reason   string    `xmlrpc:"reason"`
	CO2Event bool      `xmlrpc:"co2_event"` // always true
}

// message makes the message that tells n, from the relay itself. Of two that
// wait in an outbox for the newest by key, the later is the one worth having.
func (n notice) message(id, relay string, now time.Time) (*Message, error) {
	n.CO2Event = true
	data, err := wire.NewRaw(n)
	if err != nil {
		return nil, err
	}
	return &Message{
		ID: id, Sender: relay, Accepted: now, arrived: time.Now(),
		Key: "presence/" + n.HostID, Data: data, fromRelay: true,
	}, nil
}

// A tally counts notices that were too many to tell.
type tally [4]int

var tallied = [...]string{noticeJoin, noticeLeave, noticeDown, noticeUp}

func (t *tally) add(n notice) {
	for i, event := range tallied {
		if n.Event == event {
			t[i]++
		}
	}
}

func (t tally) String() string {
	var parts []string
	for i, n := range t {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, tallied[i]))
		}
	}
	return strings.Join(parts, ", ")
}
