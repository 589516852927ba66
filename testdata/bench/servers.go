package main

import (
	"bytes"
	"fmt"
	"time"

	"co2/methods/wire"
)

// A payload is a call that is made of whole servers.
type payload struct {
	name     string
	document []byte
	value    any // of the result
	targets  map[*peer]target
}

func newPayload(name, method string, result any, params ...any) (*payload, error) {
	p := &payload{name: name, targets: map[*peer]target{}}
	var err error
	if p.document, err = wire.AppendCall(nil, method, params...); err != nil {
		return nil, err
	}
	answer, err := wire.AppendResponse(nil, result)
	if err != nil {
		return nil, err
	}
	return p, wire.ParseResponse(answer, "", wire.Limits{}, &p.value)
}

// at returns what to ask of a server. Its first answer is checked for what it
// means; all later ones have to be the same.
func (p *payload) at(b *bench, server *peer) (target, error) {
	if t, ok := p.targets[server]; ok {
		return t, nil
	}
	if err := server.running(b); err != nil {
		return target{}, err
	}
	path := server.path
	if path == "" {
		path = "/" + p.name
	}
	t := target{process: server.process, addr: server.addr}
	t.request = post(path, t.addr, p.document)
	c, err := dial(t.addr, true, t.request, nil)
	if err != nil {
		return t, err
	}
	defer c.conn.Close()
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return t, err
	}
	body, err := c.exchange()
	if err != nil {
		return t, err
	}
	var value any
	if err := wire.ParseResponse(body, "", wire.Limits{}, &value); err != nil {
		return t, err
	}
	if !alike(value, p.value) {
		return t, fmt.Errorf("its answer to %s is not what was asked for: %.500q", p.name, body)
	}
	t.want = bytes.Clone(body)
	p.targets[server] = t
	return t, nil
}

// servers compare whole servers, each a process of its own.
func (b *bench) servers() ([]comparison, error) {
	tiny, err := newPayload("tiny", "ping", "OK")
	if err != nil {
		return nil, err
	}
	med, err := newPayload("medium", "test", mediumValue(), mediumValue())
	if err != nil {
		return nil, err
	}
	large, err := newPayload("large", "test", largeValue(), largeValue())
	if err != nil {
		return nil, err
	}
	payloads := []*payload{tiny, med, large}
	lone, shared := b.peers(b.startAlone, payloads), b.peers(b.start, payloads)
	calls := func(p *payload, conns int, rows ...row) comparison {
		if conns == 1 {
			return b.calls(p, conns, lone, rows)
		}
		return b.calls(p, conns, shared, rows)
	}
	return []comparison{
		calls(tiny, 1, speed(canned, atLeast(0.90)), speed(abyss, atLeast(1.5)), speed(python, atLeast(3)), cost(canned, atMost(1.15)), twice()),
		calls(tiny, 64, speed(canned, atLeast(0.85)), speed(abyss, atLeast(2.5)), speed(python, atLeast(5)), cost(canned, atMost(1.15)), tail(canned, atMost(1.4)), twice()),
		calls(med, 1, speed(canned, atLeast(0.68)), speed(abyss, atLeast(3.5)), speed(python, atLeast(7))),
		calls(med, 64, speed(canned, atLeast(0.48)), speed(abyss, atLeast(5)), tail(canned, atMost(2))),
		calls(large, 1, speed(canned, atLeast(0.10)), speed(abyss, atLeast(7)), speed(python, atLeast(15))),
	}, nil
}

// The names of the servers.
const (
	canned  = "canned"
	control = "canned again"
	abyss   = "xmlrpc-c"
	python  = "Python"
)

// peers are the servers, to be started when they are needed.
func (b *bench) peers(start launch, payloads []*payload) []*peer {
	co2 := b.co2(start)
	return []*peer{co2, b.canned(start, canned, co2, payloads), b.abyss(start), b.python(start), b.canned(start, control, co2, payloads)}
}

func speed(than string, g goal) row { return row{"calls", rate, "co2", than, g} }
func cost(than string, g goal) row  { return row{"server's CPU per call", cpu, "co2", than, g} }
func tail(than string, g goal) row  { return row{"99th percentile", p99, "co2", than, g} }

// twice is a row that shows what the instrument is worth: the same server,
// started a second time.
func twice() row {
	return row{"calls, canned", rate, canned, control, goal{0.95, 1.05}}
}

// calls compares servers with one payload over some connections.
func (b *bench) calls(p *payload, conns int, servers []*peer, rows []row) comparison {
	c := comparison{rows: rows}
	for i := range rows {
		over := fmt.Sprintf("%d connections", conns)
		if conns == 1 {
			over = "1 connection, 1 processor"
		}
		rows[i].what = fmt.Sprintf("server, %s, %s: %s", p.name, over, rows[i].what)
	}
	crowds := map[*peer]*crowd{}
	for _, s := range servers {
		c.sides = append(c.sides, side{s.name, func() (sample, error) {
			if crowds[s] == nil {
				t, err := p.at(b, s)
				if err != nil {
					return sample{}, err
				}
				all, err := t.crowd(conns)
				if err != nil {
					return sample{}, err
				}
				crowds[s] = all
			}
			return crowds[s].load(b.time)
		}})
	}
	c.done = func() {
		for _, all := range crowds {
			all.close()
		}
	}
	return c
}
