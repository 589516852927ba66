package main

import "co2/relay"

// outboxes are the bounds of what waits for receivers.
type outboxes struct {
	Outbox       int               `arg:"--outbox,env:CO2_OUTBOX" default:"1000" placeholder:"N" help:"messages that wait for one receiver"`
	OutboxBytes  octets            `arg:"--outbox-bytes,env:CO2_OUTBOX_BYTES" default:"16MiB" placeholder:"SIZE" help:"the same in octets; a single message always fits"`
	OutboxMemory octets            `arg:"--outbox-memory,env:CO2_OUTBOX_MEMORY" default:"256MiB" placeholder:"SIZE" help:"messages that wait for anybody, each counted once; beyond it the fullest outboxes give up their oldest"`
	OutboxPolicy relay.QueuePolicy `arg:"--outbox-policy,env:CO2_OUTBOX_POLICY" default:"drop-oldest" placeholder:"WORD" help:"what a full outbox gives up: drop-oldest, drop-newest or newest-per-key; a satellite may ask for another when it registers"`
}

func (o *outboxes) check() error {
	if o.Outbox < 1 || o.OutboxBytes < 1 || o.OutboxMemory < 1 {
		return usagef("--outbox, --outbox-bytes and --outbox-memory are at least 1")
	}
	return nil
}

func (o *outboxes) into(cfg *relay.Config) {
	cfg.Outbox, cfg.OutboxBytes = o.Outbox, int(o.OutboxBytes)
	cfg.OutboxMemory, cfg.QueuePolicy = int(o.OutboxMemory), o.OutboxPolicy
}
