package history

import (
	"strings"
	"sync"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// What is kept of the relay as a whole.
const (
	messagesKept = 200
	eventsKept   = 200
)

// PayloadKept is how much is kept of the data of a message, in octets.
const PayloadKept = 4 << 10

// payloadsKept bounds all payloads together, in octets.
const payloadsKept = messagesKept * PayloadKept

const _ uint = 1<<20 - payloadsKept // 1 MiB at most

// A Message is one that a satellite sent.
type Message struct {
	ID        string
	Accepted  time.Time // wall clock
	Sender    string    // host id
	Nick      string    // of the sender
	Key       string    // the sender's word for what it is about; may be empty
	Bytes     int       // of its data, in octets
	Receivers int       // satellites it was queued for
	Data      wire.Raw  // zero if it is longer than PayloadKept
	Start     string    // of the XML of such data
}

// messageOf is what is kept of m, without holding on to the call it came in.
func messageOf(m *relay.Message, nick string, receivers int) Message {
	data := m.Data.String()
	kept := Message{
		ID: m.ID, Accepted: m.Accepted, Sender: m.Sender, Nick: nick, Key: strings.Clone(m.Key),
		Bytes: len(data), Receivers: receivers,
	}
	if len(data) > PayloadKept {
		kept.Start = strings.Clone(clip(data, PayloadKept))
	} else {
		kept.Data = m.Data // which holds its own text alone
	}
	return kept
}

// An Event is one of the relay, or several that are alike.
type Event struct {
	relay.Event
	// More counts events of the same code about the same satellite that came
	// within 10 s after it. The rest tells of the latest.
	More int
}

// alikeFor and alikeAmong bound which events are taken together.
const (
	alikeFor   = 10 * time.Second
	alikeAmong = 32 // the latest ones
)

// recents are the latest of all satellites. They are safe for concurrent use.
type recents struct {
	mu       sync.Mutex
	messages ring[Message] // guarded by mu
	events   ring[event]   // guarded by mu
}

type event struct {
	Event
	began time.Time // monotonic, of the first of several
}

func newRecents() *recents {
	return &recents{messages: ring[Message]{limit: messagesKept}, events: ring[event]{limit: eventsKept}}
}

func (r *recents) message(m Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages.push(m)
}

func (r *recents) event(ev relay.Event, now time.Time) {
	ev.Reason = clip(ev.Reason, reasonKept)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range min(r.events.len(), alikeAmong) {
		same := r.events.at(i)
		if same.HostID != ev.HostID {
			continue
		}
		if same.Code == ev.Code && same.State == ev.State && now.Sub(same.began) < alikeFor {
			same.Event = Event{ev, same.More + 1}
			return
		}
		break // what happened to it in between is to stay in between
	}
	r.events.push(event{Event{ev, 0}, now})
}

// Messages returns the latest messages, at most 200, newest first.
func (h *History) Messages() []Message {
	h.recents.mu.Lock()
	defer h.recents.mu.Unlock()
	return h.recents.messages.latest(messagesKept)
}

// Events returns the latest events, at most 200, newest first. Single failed
// deliveries are not among them.
func (h *History) Events() []Event {
	h.recents.mu.Lock()
	defer h.recents.mu.Unlock()
	list := make([]Event, h.recents.events.len())
	for i := range list {
		list[i] = h.recents.events.at(i).Event
	}
	return list
}
