package main

import (
	"fmt"
	"log/slog"
	"unicode/utf8"

	"co2/registry/web"
	"co2/relay"
	"co2/relay/history"
)

// payloadShown is how much of a payload the pages get, in octets.
const payloadShown = 1024

// An observer remembers, and tells the feed of messages.
type observer struct {
	*history.History
	feed *feed
}

func (n *network) observer() relay.Observer { return observer{n.history, n.feed} }

// Accepted implements [relay.Observer].
func (o observer) Accepted(m *relay.Message, nick string, receivers int) {
	o.History.Accepted(m, nick, receivers)
	if o.feed.watched() {
		o.feed.tell(web.Change{Time: m.Accepted, Message: &web.Message{
			ID: m.ID, Time: m.Accepted, Sender: m.Sender, Nick: nick, Key: m.Key, Bytes: len(m.Data.String()), Receivers: receivers,
		}})
	}
}

// hear takes an event of the relay. Single failed deliveries are seen at their
// satellite alone.
func (n *network) hear(ev relay.Event) {
	n.history.Hear(ev)
	if ev.Code != relay.DlvFail && n.feed.watched() {
		shown := webEvent(ev)
		n.feed.tell(web.Change{Time: ev.Time, Event: &shown})
	}
}

// Messages implements [web.Network].
func (n *network) Messages(payloads bool) []web.Message {
	kept := n.history.Messages()
	list := make([]web.Message, len(kept))
	for i, m := range kept {
		list[i] = web.Message{
			ID: m.ID, Time: m.Accepted, Sender: m.Sender, Nick: m.Nick, Key: m.Key, Bytes: m.Bytes, Receivers: m.Receivers,
		}
		if payloads {
			list[i].Payload, list[i].HasPayload = payloadOf(m), true
		}
	}
	return list
}

// payloadOf is the start of a payload as people read it best: typed JSON, or
// the XML as it came where not all of it is kept.
func payloadOf(m history.Message) string {
	text := m.Start
	if !m.Data.IsZero() {
		json, err := m.Data.MarshalJSON()
		if text = string(json); err != nil {
			text = m.Data.String()
		}
	}
	if len(text) <= payloadShown {
		return text
	}
	end := payloadShown
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// Events implements [web.Network].
func (n *network) Events() []web.Event {
	kept := n.history.Events()
	list := make([]web.Event, len(kept))
	for i, ev := range kept {
		list[i] = webEvent(ev.Event)
		if ev.More > 0 {
			list[i].Reason = fmt.Sprintf("%s (and %d before it within 10 s)", ev.Reason, ev.More)
		}
	}
	return list
}

// Watch implements [web.Network].
func (n *network) Watch() (<-chan web.Change, func()) { return n.feed.watch() }

func webEvent(ev relay.Event) web.Event {
	level := web.LevelInfo
	switch ev.Level() {
	case slog.LevelError:
		level = web.LevelError
	case slog.LevelWarn:
		level = web.LevelWarning
	}
	state := web.State(ev.State)
	switch ev.Code {
	case relay.SatState, relay.SatPause, relay.SatResume:
	default:
		state = "" // it is in the same one as before
	}
	words := ev.Code.Words()
	if ev.Code == relay.DlvDrop {
		words = "" // the reason says the same, with their number
	}
	return web.Event{
		Time: ev.Time, Code: string(ev.Code), Words: words, Level: level, HostID: ev.HostID, Nick: ev.Nick, State: state, Reason: ev.Reason,
	}
}
