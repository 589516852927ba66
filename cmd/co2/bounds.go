package main

import "co2/relay"

// bounds are what a relay takes of one sender.
type bounds struct {
	Queue      int    `arg:"--queue,env:CO2_QUEUE" default:"1000" placeholder:"N" help:"messages of one sender that wait for its rate; more are refused"`
	QueueBytes octets `arg:"--queue-bytes,env:CO2_QUEUE_BYTES" default:"16MiB" placeholder:"SIZE" help:"the same in octets; a single message always fits"`
	MaxData    octets `arg:"--max-data,env:CO2_MAX_DATA" default:"1MiB" placeholder:"SIZE" help:"data of one message; the call that brings it must fit --max-body too"`
}

func (b *bounds) check() error {
	if b.Queue < 1 || b.QueueBytes < 1 || b.MaxData < 1 {
		return usagef("--queue, --queue-bytes and --max-data are at least 1")
	}
	return nil
}

func (b *bounds) into(cfg *relay.Config) {
	cfg.Queue, cfg.QueueBytes, cfg.MaxData = b.Queue, int(b.QueueBytes), int(b.MaxData)
}
