package main

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// warmUp is how long callers call before their calls count.
const warmUp = 100 * time.Millisecond

// A target is a server and what to ask it.
type target struct {
	process *process
	addr    string
	request []byte
	want    []byte
}

// load calls over some kept connections for a while, one call at a time on
// each.
func (t target) load(conns int, d time.Duration) (sample, error) {
	callers := make([]*caller, conns)
	for i := range callers {
		c, err := dial(t.addr, t.request, t.want)
		if err != nil {
			return sample{}, err
		}
		defer c.conn.Close()
		callers[i] = c
	}
	if err := each(callers, func(c *caller) error { return c.until(time.Now().Add(warmUp)) }); err != nil {
		return sample{}, err
	}
	for _, c := range callers {
		c.took = c.took[:0]
	}
	cpuBefore, err := t.process.cpuTime()
	if err != nil {
		return sample{}, err
	}
	began := time.Now()
	if err := each(callers, func(c *caller) error { return c.until(began.Add(d)) }); err != nil {
		return sample{}, err
	}
	took := time.Since(began)
	cpuAfter, err := t.process.cpuTime()
	return newSample(callers, took, cpuAfter-cpuBefore), err
}

// until calls until then, at least once.
func (c *caller) until(then time.Time) error {
	for now := time.Now(); ; {
		if err := c.call(); err != nil {
			return err
		}
		after := time.Now()
		c.took = append(c.took, after.Sub(now))
		if now = after; !now.Before(then) {
			return nil
		}
	}
}

func each(callers []*caller, do func(*caller) error) error {
	errs := make([]error, len(callers))
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() { errs[i] = do(c) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func newSample(callers []*caller, took, cpu time.Duration) sample {
	var all []time.Duration
	for _, c := range callers {
		all = append(all, c.took...)
	}
	slices.Sort(all)
	calls := float64(len(all))
	return sample{
		Rate: calls / took.Seconds(),
		CPU:  float64(cpu) / float64(time.Microsecond) / calls,
		P99:  float64(all[len(all)*99/100]) / float64(time.Microsecond),
	}
}
