package main

import (
	"log/slog"

	"co2/relay"
)

// storing says what a relay does about its dump.
type storing struct {
	AcceptWithoutDisk bool `arg:"--accept-without-disk,env:CO2_ACCEPT_WITHOUT_DISK" help:"while the dump cannot be written, accept registrations and removals that a restart would forget; without it they are refused"`
}

func (s *storing) open(dir string, log *slog.Logger) (*relay.Dump, error) {
	if s.AcceptWithoutDisk {
		return relay.OpenDumpUnwritable(dir, log)
	}
	return relay.OpenDump(dir, log)
}
