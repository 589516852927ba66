package web

import "time"

// A Network is what a relay's pages show. All its methods are safe for
// concurrent use, return copies, never block on the network, and hold no
// secret: no notify_pass, no token. All times are wall clock; the zero time
// means never.
type Network interface {
	// Overview sums the network up.
	Overview() Overview
	// Satellites returns all of them, in any order; the pages sort and cut.
	Satellites() []Satellite
	// Satellite returns one, and whether it is registered. Who calls it looks
	// at the satellite, which may make the relay keep more of its history.
	Satellite(hostID string) (Details, bool)
	// Series returns a plot of the satellite, or of the relay if hostID is
	// empty, over the latest span; a span of 0 means the latest 60 points.
	// What is not known is an empty series.
	Series(hostID string, name SeriesName, span time.Duration) Series
	// Messages returns the latest relayed messages, newest first, at most 200.
	// Payloads are in them only if they are asked for.
	Messages(payloads bool) []Message
	// Events returns what has happened, newest first, at most 200.
	Events() []Event
	// Codes explains what events there can be, those in the log alone too.
	Codes() []Code
	// Discovery tells how the relay is found.
	Discovery() Discovery
	// Watch tells of changes as they happen, until stop is called; then the
	// channel is closed. It never slows the relay down: a reader that is too
	// slow loses changes, and the next one it gets says how many.
	Watch() (changes <-chan Change, stop func())
}

// A Change is one thing that happened. Beside Lost and Time, one of its fields
// is set.
type Change struct {
	Time    time.Time
	Event   *Event
	Message *Message // without its payload
	Lost    int      // changes before this one that the reader was too slow for
}
