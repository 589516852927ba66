package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// busy is the processor time everything on this machine has taken so far, and
// what a hypervisor kept from it.
func busy() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	var user, nice, system, idle, iowait, irq, softirq, steal int
	if _, err := fmt.Fscan(strings.NewReader(strings.TrimPrefix(string(stat), "cpu")), &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal); err != nil {
		return 0, fmt.Errorf("/proc/stat: %w", err)
	}
	return time.Duration(user+nice+system+steal) * tick, nil
}

// tick is what Linux counts processor time in.
const tick = 10 * time.Millisecond

// own is the processor time the bench and what it started have taken so far.
func (b *bench) own() (time.Duration, error) {
	var self unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &self)
	sum := time.Duration(self.Nano())
	for _, p := range b.started {
		if spent, err := p.cpuTime(); err == nil { // it may have ended, which is told elsewhere
			sum += spent
		}
	}
	return sum, err
}

// others is busy without own.
func (b *bench) others() (time.Duration, error) {
	all, err := busy()
	if err != nil {
		return 0, err
	}
	own, err := b.own()
	return all - own, err
}

// watched measures a side and tells which share of the processors others took
// meanwhile.
func (b *bench) watched(measure func() (sample, error)) (s sample, share float64, err error) {
	before, err := b.others()
	if err != nil {
		return s, 0, err
	}
	began := time.Now()
	if s, err = measure(); err != nil {
		return s, 0, err
	}
	took := time.Since(began) * time.Duration(runtime.NumCPU())
	after, err := b.others()
	return s, max(0, float64(after-before)/float64(took)), err
}
