package relay

import "context"

// A Store keeps what a relay must know after a restart. Load is called once,
// before anything else; Commit is called by one goroutine at a time.
type Store interface {
	// Load returns the kept records, oldest registration first.
	Load(ctx context.Context) ([]Record, error)
	// Commit makes a change durable: when it returns nil the change survives
	// a crash of the machine. When it returns an error the change counts as
	// not made, and the store holds what it held before.
	Commit(ctx context.Context, c Change) error
	// Close gives the state folder free.
	Close() error
}

// A Record is what is kept of one satellite.
type Record struct {
	Registration
	Marks
	Traffic
}

// A Change is put first, then removed: both by host id.
type Change struct {
	Put    []Record
	Remove []string
}

// Empty reports whether c changes nothing.
func (c Change) Empty() bool { return len(c.Put) == 0 && len(c.Remove) == 0 }
