package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// A tally is a process that counts what comes to n receivers, such as
// peers/sink.c and peers/subscribers.c; peers/tally.h says how it is asked.
type tally struct {
	*process
	n int
}

// A sink is a process that is n satellites.
type sink struct {
	tally
	port uint16
}

// Whom to expect something of: all, or those that hang, or the others.
const (
	all  = "all"
	live = "live"
	hung = "hung"
)

// hangEvery is how many satellites there are for each that can hang: 1 %.
const hangEvery = 100

// patience is how long anything may take before it counts as stuck.
const patience = time.Minute

// sink starts one. Its descriptors are those of the connections.
func (b *bench) sink(n int) (*sink, error) {
	if err := descriptors(n); err != nil {
		return nil, err
	}
	program, err := b.build("sink")
	if err != nil {
		return nil, err
	}
	p, err := b.start(program)
	if err != nil {
		return nil, err
	}
	s := &sink{tally: tally{p, n}}
	line, err := p.line()
	if err == nil {
		_, err = fmt.Sscanf(line, "sink %d", &s.port)
	}
	return s, err
}

// ask writes a command and wants an answer of one line.
func (p *process) ask(want, format string, args ...any) error {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return fmt.Errorf("it takes no commands: %w", err)
	}
	return p.want(want)
}

// want reads one line.
func (p *process) want(want string) error {
	line, err := p.line()
	if err == nil && line != want {
		err = fmt.Errorf("it says %q, want %q", line, want)
	}
	return err
}

// expect says what is to come from now on: each of whom gets each of a kind,
// notify or ping.
func (t tally) expect(kind string, each int, whom string) error {
	return t.ask("ready", "expect %s %d %d %s", kind, each, t.n, whom)
}

// reached waits until everyone has got what is expected of each, and no more,
// and returns when that was.
func (t tally) reached(each int) (monotonic, error) {
	at, most, err := t.wait()
	if err == nil && most != each {
		err = fmt.Errorf("someone got %d deliveries instead of %d", most, each)
	}
	return at, err
}

// wait waits until everyone has got what is expected, and returns when that
// was and how much came to the one that got most.
func (t tally) wait() (at monotonic, most int, err error) {
	enough := time.AfterFunc(patience, func() { fmt.Fprintln(t.in, "enough") })
	defer enough.Stop()
	line, err := t.line()
	if err != nil {
		return 0, 0, err
	}
	var missing int
	if _, err := fmt.Sscanf(line, "short %d", &missing); err == nil {
		return 0, 0, fmt.Errorf("after %v, %d deliveries are still missing", patience, missing)
	}
	if _, err := fmt.Sscanf(line, "reached %d %d", &at, &most); err != nil {
		return 0, 0, fmt.Errorf("it says %q: %w", line, err)
	}
	return at, most, nil
}

// within waits for some time and returns how many of a kind came meanwhile.
func (t tally) within(d time.Duration, kind string) (came int, err error) {
	const endless = 1 << 16 // for each: more than will come
	if err := t.expect(kind, endless, all); err != nil {
		return 0, err
	}
	time.Sleep(d)
	missing, err := t.enough()
	return endless*t.n - missing, err
}

// enough stops waiting and returns how many deliveries are missing.
func (t tally) enough() (missing int, err error) {
	if _, err := fmt.Fprintln(t.in, "enough"); err != nil {
		return 0, err
	}
	line, err := t.line()
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscanf(line, "short %d", &missing)
	return missing, err
}

// hang makes 1 % of the satellites hang: they take calls and say nothing.
func (s *sink) hang() error { return s.ask("ready", "hang %d", hangEvery) }

// release makes them answer again.
func (s *sink) release() error { return s.ask("ready", "release") }

// last is the latest request of a kind, notify or ping, as it came to one of
// the satellites.
func (s *sink) last(kind string) ([]byte, error) {
	if _, err := fmt.Fprintln(s.in, "last", kind); err != nil {
		return nil, err
	}
	line, err := s.line()
	if err != nil {
		return nil, err
	}
	var length int
	if _, err := fmt.Sscan(line, &length); err != nil || length == 0 {
		return nil, errors.Join(fmt.Errorf("no %s came: %q", kind, line), err)
	}
	request := make([]byte, length)
	_, err = io.ReadFull(s.out, request)
	return request, err
}

// A monotonic is a time of the clock that all processes share, in nanoseconds.
type monotonic int64

func monotonicNow() monotonic {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic(err) // never, on Linux
	}
	return monotonic(t.Nano())
}

func (t monotonic) since(before monotonic) time.Duration { return time.Duration(t - before) }
