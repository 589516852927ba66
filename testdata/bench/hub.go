package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"co2/methods/wire"
	"co2/relay"
)

// A hub is a relay with the satellites of a sink. One more satellite sends.
type hub struct {
	*fan
	addr   string
	sink   *sink
	sender *caller       // nil: nobody has sent yet
	answer time.Duration // the longest that relay.relay took, since it was set to 0
}

// hub starts co2 serve, as anybody does, with n satellites.
func (b *bench) hub(n int, flags ...string) (*hub, error) {
	return b.newHub(n, func(state string) (*process, error) {
		program, err := b.program()
		if err != nil {
			return nil, err
		}
		flags := append([]string{"serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", state, "--max-sats", "0", "--rate", "0", "--idle-timeout", "1h"}, flags...)
		return b.start(program, flags...)
	})
}

// newHub starts a relay that knows n satellites from the dump in its state
// folder. It has pinged each of them: all connections are there.
func (b *bench) newHub(n int, start func(state string) (*process, error)) (*hub, error) {
	state, err := os.MkdirTemp(b.dir, "state")
	if err != nil {
		return nil, err
	}
	s, err := b.sink(n)
	if err != nil {
		return nil, err
	}
	if err := writeDump(state, records(n, s.port)); err != nil {
		return nil, err
	}
	if err := s.expect("ping", 1, all); err != nil {
		return nil, err
	}
	p, err := start(state)
	if err != nil {
		return nil, err
	}
	addr, _, err := p.address()
	if err != nil {
		return nil, err
	}
	if _, _, err := s.wait(); err != nil {
		return nil, fmt.Errorf("first pings: %w", err)
	}
	h := &hub{sink: s, addr: addr}
	h.fan = &fan{p, s.tally, "notify", h.relay}
	return h, nil
}

// writeDump leaves a dump as a relay would.
func writeDump(dir string, records []relay.Record) error {
	dump, err := relay.OpenDump(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer dump.Close()
	if _, err := dump.Load(context.Background()); err != nil {
		return err
	}
	return dump.Commit(context.Background(), relay.Change{Put: records})
}

// dataOctets is what a message of a fan-out carries: 1 KB of text.
const dataOctets = 1024

func messageData() string { return strings.Repeat("control data of 2003. ", 50)[:dataOctets] }

// connect connects the satellite that sends, unless it is. A relay does not
// wait long for the first call.
func (h *hub) connect() error {
	if h.sender != nil {
		return nil
	}
	doc, err := wire.AppendCall(nil, "relay.relay", map[string]any{"host_id": senderAddress(h.sink.port).String(), "data": messageData()})
	if err != nil {
		return err
	}
	want, err := wire.AppendResponse(nil, "OK")
	if err != nil {
		return err
	}
	h.sender, err = dial(h.addr, true, post("/RPC2", h.addr, doc), want)
	return err
}

// post is a request as it is sent.
func post(path, host string, doc []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", path, host, len(doc), doc)
}

// relay calls relay.relay with the message.
func (h *hub) relay() error {
	if err := h.connect(); err != nil {
		return err
	}
	if err := h.sender.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	began := time.Now()
	if err := h.sender.call(); err != nil {
		return fmt.Errorf("relay.relay: %w", err)
	}
	h.answer = max(h.answer, time.Since(began))
	return nil
}

// measure sends messages one after another, with an eye on answers and memory.
func (h *hub) measure(messages int) (sample, error) {
	h.answer = 0
	if err := h.forgetPeak(); err != nil {
		return sample{}, err
	}
	s, err := h.fan.measure(messages)
	if err != nil {
		return s, err
	}
	s.Answer = millis(h.answer)
	s.Peak, err = h.peakResident()
	s.Peak /= 1e6
	return s, err
}

// stop ends the relay and its satellites.
func (h *hub) stop() {
	if h.sender != nil {
		h.sender.conn.Close()
	}
	h.fan.stop()
}
