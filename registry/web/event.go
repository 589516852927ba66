package web

import "time"

// An Event is something that happened which people may want to know.
type Event struct {
	Time   time.Time
	Code   string // stable: SAT-DOWN, DLV-OPEN
	Words  string // what the code means, in two or three words
	Level  Level
	HostID string // the satellite concerned; may be empty
	Nick   string
	State  State  // it entered; empty: none
	Reason string // in words; may be empty
}

// A Level says how loud an event is.
type Level string

// The levels.
const (
	LevelInfo    Level = "info"
	LevelWarning Level = "warning"
	LevelError   Level = "error"
)

// A Message is one that was relayed.
type Message struct {
	ID         string
	Time       time.Time // of acceptance
	Sender     string    // host id; empty: the relay itself
	Nick       string    // of the sender
	Key        string    // the sender's word for what it is about; may be empty
	Bytes      int       // of its data, in octets
	Receivers  int       // satellites it was queued for
	Payload    string    // its data as typed JSON, cut after 1,024 octets; empty unless it was asked for and is kept
	HasPayload bool      // Payload was asked for and is there
}
