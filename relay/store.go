package relay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Store keeps what a relay must know after a restart. Load is called once,
// before anything else; Commit is called by one goroutine at a time.
type Store interface {
	// Load returns the kept records, oldest registration first.
	Load(ctx context.Context) ([]Record, error)
	// Commit makes a change durable: when it returns nil the change survives
	// a crash of the machine. When it returns an error the change counts as
	// not made, and the store holds what it held before. An empty change is a
	// trial after an error, or after somebody has taken away what was stored:
	// the store makes sure that this is what it holds.
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

// check refuses what could not be read back.
func (r *Record) check() error {
	switch {
	case r.HostID == "":
		return errors.New("a satellite has no host id")
	case !r.Callback.Addr.IsValid() || r.Callback.Addr.Port() == 0 || !r.Seen.IsValid():
		return fmt.Errorf("%s has no address", clip(r.HostID))
	}
	for _, t := range [...]time.Time{r.Registered, r.SendTime, r.RecvTime} {
		if year := t.UTC().Year(); year < 0 || year > 9999 {
			return fmt.Errorf("%s has a time in the year %d; the clock is wrong", clip(r.HostID), year)
		}
	}
	return nil
}

// A Change is put first, then removed: both by host id.
type Change struct {
	Put    []Record
	Remove []string
}

// Empty reports whether c changes nothing.
func (c Change) Empty() bool { return len(c.Put) == 0 && len(c.Remove) == 0 }
