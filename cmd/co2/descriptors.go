package main

import (
	"fmt"

	"co2/registry/door"
)

// descriptors divides what the system lets the program open: files and
// connections together. What the door and the courier may open between them
// leaves a reserve, so that the dump can always be written and a call of an
// operator be taken.
type descriptors struct {
	limit   int
	conns   int // open connections at the door, without those being turned away
	courier int // connections to satellites
}

const (
	reservedFiles = 64   // dump, logs, listeners, sockets of discovery, the runtime
	looseCalls    = 256  // connections to satellites beside the kept ones
	fewestConns   = 4    // at the door, and the same to satellites, however little there is
	doorShare     = 0.25 // of what is not reserved, at least, for the door
)

// shareOut divides limit between a door that takes maxConns and a courier for
// maxSats satellites, 0 being any number. Without room for both the satellites come first, but
// the door has its share.
func shareOut(limit, maxConns, maxSats int) descriptors {
	rest := max(limit-reservedFiles, 0)
	wanted := maxConns + door.Strangers(maxConns)
	satellites := limit
	if maxSats > 0 {
		satellites = min(maxSats+looseCalls, limit)
	}
	share := min(wanted, max(int(float64(rest)*doorShare), rest-satellites))
	conns := maxConns
	if share < wanted {
		conns = max(share-door.Strangers(share), fewestConns)
	}
	return descriptors{limit, conns, max(rest-share, fewestConns)}
}

// kept is how many connections to satellites may stay open between calls.
func (d descriptors) kept() int {
	return max(d.courier-min(max(d.courier/8, 16), looseCalls), 1)
}

// words tell what the limit costs, if it costs anything.
func (d descriptors) words(maxConns, maxSats int) string {
	if d.conns >= maxConns && d.kept() >= maxSats { // also where maxSats is no limit
		return ""
	}
	return fmt.Sprintf("%d descriptors (ulimit -n) are for %d connections at the door (--max-conns %d) and %d kept to satellites (--max-sats %d)",
		d.limit, d.conns, maxConns, d.kept(), maxSats)
}
