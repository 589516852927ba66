package main

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// warmUp is how long callers call before their calls count.
const warmUp = 20 * time.Millisecond

// A target is a server and what to ask it.
type target struct {
	process *process
	addr    string
	request []byte
	want    []byte
}

// A crowd is some kept connections to one server.
type crowd struct {
	target
	callers []*caller
}

func (t target) crowd(conns int) (*crowd, error) {
	c := &crowd{target: t}
	for range conns {
		one, err := dial(t.addr, conns == 1, t.request, t.want)
		if err != nil {
			c.close()
			return nil, err
		}
		c.callers = append(c.callers, one)
	}
	return c, nil
}

func (c *crowd) close() {
	for _, one := range c.callers {
		one.conn.Close()
	}
}

// load calls for a while, one call at a time on each connection.
func (c *crowd) load(d time.Duration) (sample, error) {
	if err := c.until(time.Now().Add(warmUp)); err != nil {
		return sample{}, err
	}
	before, err := c.process.cpuTime()
	if err != nil {
		return sample{}, err
	}
	if err := c.until(time.Now().Add(d)); err != nil {
		return sample{}, err
	}
	after, err := c.process.cpuTime()
	return c.sample(after - before), err
}

// until has all callers call until then.
func (c *crowd) until(then time.Time) error {
	errs := make([]error, len(c.callers))
	var all sync.WaitGroup
	for i, one := range c.callers {
		all.Go(func() {
			if len(c.callers) == 1 {
				free, err := keepToFirst()
				if err != nil {
					errs[i] = err
					return
				}
				defer free()
			}
			errs[i] = one.until(then)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// sample tells of the latest until. Each caller's rate is that of the time it
// called, so that it costs nothing to wait for the slowest.
func (c *crowd) sample(cpu time.Duration) sample {
	var all []time.Duration
	var s sample
	for _, one := range c.callers {
		all = append(all, one.took...)
		s.Rate += float64(len(one.took)) / one.spent.Seconds()
	}
	slices.Sort(all)
	s.CPU = micros(cpu) / float64(len(all))
	s.P99 = micros(all[len(all)*99/100])
	return s
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
