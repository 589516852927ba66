package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestHeapKeeper(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name    string
		use     heapUse
		collect bool
		ballast bool
	}{
		{"nothing has happened", heapUse{alive: 18 * mib, all: 19 * mib}, false, true},
		{"much garbage in a quiet relay", heapUse{alive: 18 * mib, all: 24 * mib}, true, true},
		{"much garbage in a busy relay", heapUse{alive: 18 * mib, all: 24 * mib, cycles: 1}, false, true},
		{"a quarter of what is alive is little", heapUse{alive: 30 * mib, all: 37 * mib}, false, true},
		{"more alive than the ballast weighs", heapUse{alive: 2 * ballastSize, all: 2 * ballastSize, cycles: 1}, true, false},
	} {
		k, percent := newHeapKeeper(memoryLimit()), 100
		k.setPercent = func(p int) int { percent = p; return 100 }
		if got := k.round(c.use); got != c.collect || (k.ballast != nil) != c.ballast {
			t.Errorf("%s: collect is %t, ballast is there: %t; want %t and %t", c.name, got, k.ballast != nil, c.collect, c.ballast)
		}
		if lean := percent == leanPercent; lean == c.ballast {
			t.Errorf("%s: the collector runs at %d %% of garbage", c.name, percent)
		}
	}
	t.Setenv("GOGC", "200")
	if newHeapKeeper(memoryLimit()).setPercent != nil {
		t.Error("the keeper would overrule GOGC")
	}
	if k := newHeapKeeper(ballastFrom - 1); k.ballast != nil {
		t.Error("there is ballast within a limit that is too small for it")
	}
}

// TestHeapKeeperCollects leaves garbage behind, and wants it gone.
func TestHeapKeeperCollects(t *testing.T) {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nobody else collects
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- new(heapKeeper).Run(ctx) }()
		garbage := make([][]byte, 64)
		for i := range garbage {
			garbage[i] = make([]byte, 1<<20)
		}
		before := readHeap()
		clear(garbage)
		time.Sleep(3 * keepEvery)
		synctest.Wait()
		if after := readHeap(); after.all > before.all-32<<20 {
			t.Errorf("the heap has %d octets, and had %d with 64 MiB that nobody needs", after.all, before.all)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
