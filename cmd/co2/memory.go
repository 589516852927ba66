package main

import (
	"log/slog"
	"math"
	"runtime/debug"
)

// memoryLimit is GOMEMLIMIT in octets; math.MaxInt64 is none.
func memoryLimit() int64 { return debug.SetMemoryLimit(-1) }

// fitMemory lowers what may be held of bodies, answers and messages to a
// quarter of the limit each, so that the collector can keep to it.
func (c *serveCmd) fitMemory(limit int64, log *slog.Logger) {
	if limit == math.MaxInt64 {
		return
	}
	quarter := max(octets(limit/4), 1)
	c.BodyMemory = min(c.BodyMemory, max(quarter, bodyMemoryFor(c.MaxBody)))
	c.OutboxMemory = min(c.OutboxMemory, quarter)
	log.Info("memory is limited by GOMEMLIMIT", "code", "SERVE-MEMORY", "limit", limit,
		"max_body_memory", int64(c.BodyMemory), "outbox_memory", int64(c.OutboxMemory))
}

// bodyMemoryFor is the least memory of bodies that takes one of this size: an
// eighth of it is kept for small ones.
func bodyMemoryFor(maxBody octets) octets { return (maxBody/7 + 1) * 8 }
