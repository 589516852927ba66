package main

import (
	"strconv"
	"time"
)

// A fan sends one message to all of its receivers, each over a connection of
// its own that is kept.
type fan struct {
	*process              // whose CPU counts
	to       tally        // that the receivers keep
	kind     string       // notify or ping
	send     func() error // returns when the sender has done what it does
}

// once sends a message and returns how long it took the last of whom to have
// it.
func (f *fan) once(whom string) (time.Duration, error) {
	if err := f.to.expect(f.kind, 1, whom); err != nil {
		return 0, err
	}
	began := monotonicNow()
	if err := f.send(); err != nil {
		return 0, err
	}
	at, err := f.to.reached(1)
	return at.since(began), err
}

// measure sends messages one after another, each when all have the one before.
func (f *fan) measure(messages int) (sample, error) {
	before, err := f.cpuTime()
	if err != nil {
		return sample{}, err
	}
	var took time.Duration
	for range messages {
		last, err := f.once(all)
		if err != nil {
			return sample{}, err
		}
		took += last
	}
	after, err := f.settled()
	deliveries := float64(messages * f.to.n)
	return sample{Rate: deliveries / took.Seconds(), CPU: micros(after-before) / deliveries}, err
}

func (f *fan) stop() {
	f.process.stop()
	f.to.stop()
}

// settled is the processor time of a process once it has come to rest: it may
// not have heard yet of the last to have a message. It waits for 2 s at most.
func (p *process) settled() (time.Duration, error) {
	const step, rest = 20 * time.Millisecond, 500 * time.Microsecond
	spent, err := p.cpuTime()
	for range 100 {
		if err != nil {
			return 0, err
		}
		time.Sleep(step)
		before := spent
		if spent, err = p.cpuTime(); spent-before < rest {
			break
		}
	}
	return spent, err
}

// limitSide is what connections can do at all: peers/limit.c, which sends the
// same kind of request to as many satellites.
func (b *bench) limitSide(n int, kind string, request []byte) (*fan, error) {
	s, err := b.sink(n)
	if err != nil {
		return nil, err
	}
	program, err := b.build("limit")
	if err != nil {
		return nil, err
	}
	p, err := b.start(program, strconv.Itoa(int(s.port)), strconv.Itoa(n))
	if err != nil {
		return nil, err
	}
	if err := p.want("limit"); err != nil {
		return nil, err
	}
	if err := p.ask("ready", "request %d\n%s", len(request), request); err != nil {
		return nil, err
	}
	return &fan{p, s.tally, kind, func() error { return p.ask("done", "round 1") }}, nil
}

// spread has the limit send one message in so many steps, evenly over a time.
func (f *fan) spread(steps int, over time.Duration) (sample, error) {
	before, err := f.cpuTime()
	if err != nil {
		return sample{}, err
	}
	if err := f.to.expect(f.kind, 1, all); err != nil {
		return sample{}, err
	}
	if err := f.ask("done", "spread %d %d", steps, (over / time.Duration(steps)).Milliseconds()); err != nil {
		return sample{}, err
	}
	if _, err := f.to.reached(1); err != nil {
		return sample{}, err
	}
	after, err := f.cpuTime()
	return sample{CPU: micros(after-before) / float64(f.to.n)}, err
}
