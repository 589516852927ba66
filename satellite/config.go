package satellite

import (
	"log/slog"
	"net"
	"time"

	"co2/methods"
	"co2/methods/wire"
)

// A Config describes a satellite. Only Relay is needed; zero values mean the
// defaults in brackets.
type Config struct {
	Relay   string           // URL of the relay, as in "http://127.0.0.1:2003"
	Listen  string           // address to listen on [that of the way to the relay, port 2004 or a free one]
	Nick    string           // name for people [the host id]
	Plugins []string         // names of what it runs, as "package.module"
	Methods []methods.Method // methods of its own, served beside the built-in ones
	Receive func(Message)    // gets each message, one at a time, in order [none]
	State   func(Status)     // hears of each change of its registration [none]
	Log     *slog.Logger     // [none]

	// NotifyPass is what the relay must present to notify [a random one].
	NotifyPass string
	// NoPass registers without a password: for relays that would present it
	// in another way. Then notify is taken only from the relay's address.
	NoPass bool
	// AnyCaller, with NoPass, takes notify from everybody.
	AnyCaller bool
	// MessageInfo asks for id, time, key and hops beside each message.
	MessageInfo bool
	// Presence asks to be told who joins, leaves, goes down and comes up, and
	// that the relay stops: messages whose Event is set.
	Presence bool
	// Queue says what the relay gives up when too many messages wait for this
	// satellite: drop-oldest, drop-newest or newest-per-key [as the relay is set].
	Queue string
	// Dialect asks for messages without what Receive cannot read.
	Dialect wire.Dialect

	// Listener is where it listens, in place of Listen. Run closes it.
	Listener net.Listener
	// AnyPort, without Listen, takes any free port, for satellites that stay
	// only for a moment.
	AnyPort bool

	Inbox   int           // messages that wait for Receive [1,024]
	Silence time.Duration // without ping or notify, after which it asks whether the relay still knows it [1 min]
	Retry   time.Duration // first wait after a failed registration; doubles up to Silence [1 s]
}

func (c Config) withDefaults() Config {
	if c.Receive == nil {
		c.Receive = func(Message) {}
	}
	if c.State == nil {
		c.State = func(Status) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Inbox <= 0 {
		c.Inbox = 1024
	}
	if c.Silence <= 0 {
		c.Silence = time.Minute
	}
	if c.Retry <= 0 {
		c.Retry = time.Second
	}
	return c
}
