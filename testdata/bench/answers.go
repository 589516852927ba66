package main

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// What is asked of a Polo, and its answer.
const (
	poloRequest = `{"Command": "Request-For", "Params": "printer"}`
	poloAnswer  = `{"Command": "OK", "Params": {"color": true, "port": 9100}}`
)

// echo is what a Polo is compared with: a socket of package net whose owner
// does not look at what he gets and sends as many octets as the Polo.
const echo = "bare echo"

// discovery compares a Polo, whose limits are lifted, with a bare echo.
func (b *bench) discovery() []comparison {
	polo, bare := &responder{b: b, role: "polo"}, &responder{b: b, role: "echo"}
	asking := func(window int, rows ...row) comparison {
		for i := range rows {
			rows[i].what = fmt.Sprintf("discovery, Request-For, %d at once, 1 processor: %s", window, rows[i].what)
		}
		return comparison{
			sides: []side{
				{"co2", func() (sample, error) { return polo.asked(window) }},
				{echo, func() (sample, error) { return bare.asked(window) }},
			},
			rows: rows,
		}
	}
	alone := comparison{
		sides: []side{{"co2", b.poloAllocs}},
		rows:  []row{{"allocations, discovery, Request-For", allocs, "co2", "", atMost(4)}},
	}
	return []comparison{
		asking(1, row{"answers", rate, "co2", echo, atLeast(0.6)}),
		asking(32, row{"answers", rate, "co2", echo, atLeast(0.6)}, row{"server's CPU per answer", cpu, "co2", echo, atMost(1.7)}),
		alone,
	}
}

// A responder is a process that answers datagrams, started once.
type responder struct {
	b       *bench
	role    string
	process *process
	addr    string
	err     error
}

func (r *responder) start() error {
	if r.process != nil || r.err != nil {
		return r.err
	}
	if r.process, r.err = self(r.b.startAlone, r.role); r.err == nil {
		r.addr, r.err = r.process.line()
	}
	return r.err
}

// asked asks for a while, so many requests at once, on the responder's
// processor.
func (r *responder) asked(window int) (s sample, err error) {
	if err := r.start(); err != nil {
		return s, err
	}
	free, err := keepToFirst()
	if err != nil {
		return s, err
	}
	defer free()
	a, err := newAsker(r.addr, window)
	if err != nil {
		return s, err
	}
	defer a.conn.Close()
	if _, _, err := a.until(time.Now().Add(warmUp)); err != nil {
		return s, err
	}
	before, err := r.process.cpuTime()
	if err != nil {
		return s, err
	}
	answers, spent, err := a.until(time.Now().Add(r.b.time))
	if err != nil {
		return s, err
	}
	after, err := r.process.cpuTime()
	return sample{Rate: float64(answers) / spent.Seconds(), CPU: micros(after-before) / float64(answers)}, err
}

// poloAllocs counts what a Polo in this process allocates: the asker does not.
func (b *bench) poloAllocs() (s sample, err error) {
	ctx, stop := context.WithCancel(context.Background())
	addr, done, err := startPolo(ctx)
	defer func() { stop(); <-done }()
	if err != nil {
		return s, err
	}
	a, err := newAsker(addr.String(), 1)
	if err != nil {
		return s, err
	}
	defer a.conn.Close()
	if _, _, err := a.until(time.Now().Add(warmUp)); err != nil {
		return s, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answers, spent, err := a.until(time.Now().Add(b.time))
	runtime.ReadMemStats(&after)
	return sample{Rate: float64(answers) / spent.Seconds(), Allocs: float64(after.Mallocs-before.Mallocs) / float64(answers)}, err
}
