package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// ballastSize is memory that is never touched, so that it costs none, in
// octets. The collector counts it: with little else alive it runs after every
// 16 MiB of garbage instead of every 4, which a busy relay makes many times a
// second. With more alive than that, it is more than enough by itself.
const ballastSize = 16 << 20

// ballastFrom is the least GOMEMLIMIT, in octets, beside which there is
// ballast: the collector counts it against the limit too.
const ballastFrom = 16 * ballastSize

// leanPercent is how much garbage there may be, in percent of what is alive,
// in a heap that is larger than the ballast. A relay leaves little garbage
// behind, so that to collect twice as often as Go's 100 asks costs little
// beside what it saves.
const leanPercent = 50

// A heapKeeper keeps the heap no larger than its use. The collector runs when
// there is as much garbage as there is alive: in a relay that has little to
// do, what loading and the first pings left would stay for minutes.
type heapKeeper struct {
	ballast    []byte
	cycles     uint64        // of the collector, at the latest look
	large      bool          // more is alive than the ballast weighs
	setPercent func(int) int // how much garbage there may be; nil: somebody else says
}

// newHeapKeeper returns a keeper for a limit, in octets. What is asked for by
// GOGC stays as it is.
func newHeapKeeper(limit int64) *heapKeeper {
	k := new(heapKeeper)
	if os.Getenv("GOGC") == "" {
		k.setPercent = debug.SetGCPercent
	}
	if limit >= ballastFrom {
		k.ballast = make([]byte, ballastSize)
	}
	return k
}

// keepEvery is how often the heap is looked at.
const keepEvery = 5 * time.Second

// Run keeps the heap small until ctx ends.
func (k *heapKeeper) Run(ctx context.Context) error {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if k.round(readHeap()) {
				debug.FreeOSMemory()
			}
		}
	}
}

// heapUse is what the heap holds, in octets.
type heapUse struct {
	alive  uint64 // at the latest collection, with the ballast
	all    uint64 // with the garbage since
	cycles uint64 // collections
}

func readHeap() heapUse {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(s)
	return heapUse{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64()}
}

// littleGarbage is not worth a collection, in octets.
const littleGarbage = 4 << 20

// round gives the ballast up where enough else is alive, has the collector run
// more often then, and reports whether garbage is to be collected: it is much,
// and the collector has not run since the round before. A busy relay needs
// nobody for that.
func (k *heapKeeper) round(h heapUse) (collect bool) {
	quiet := h.cycles == k.cycles
	k.cycles = h.cycles
	if !k.large && h.alive >= uint64(len(k.ballast))+ballastSize {
		k.ballast, k.large = nil, true
		if k.setPercent != nil {
			k.setPercent(leanPercent)
		}
		return true
	}
	return quiet && h.all > h.alive+max(h.alive/4, littleGarbage)
}
