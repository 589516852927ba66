package web

import "time"

// An Overview is what the relay knows of its network as a whole. What is
// reckoned from the satellites is not in it: the pages reckon that.
type Overview struct {
	Now time.Time // the relay's clock
	// In and Out are messages a second, accepted and delivered, over the
	// latest whole Rate; negative: not known yet.
	In, Out float64
	Rate    time.Duration
	// Lost are messages given up for one receiver each since the relay was
	// started, LostRate those a second of late; negative: not known yet.
	Lost     int
	LostRate float64
	// P50 and P99 are how long deliveries took, from acceptance to the answer
	// of notify, over the latest Window in which Delivered were made. They mean
	// nothing when Delivered is 0.
	P50, P99  time.Duration
	Delivered int
	Window    time.Duration
	// Oldest is the age of the message that has waited longest in an outbox, and
	// OldestFor the host id it waits for; empty: none waits.
	Oldest    time.Duration
	OldestFor string
	// LimiterWaits are messages of senders above their rate, which wait to go
	// out; negative: not known.
	LimiterWaits int
	Dump         Dump
}

// A Dump is how the relay keeps its satellites on disk.
type Dump struct {
	Saved   time.Time // the latest good write
	Trouble string    // why changes cannot be written, or what was wrong at the start; empty: nothing
	Owed    int       // satellites with accepted changes that are not on disk
}
