package main

import (
	"math"
	"os"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"

	"co2/registry"
	"co2/relay"
)

// hostUse are the limits of this process, for relay.get_limits.
type hostUse struct {
	server *registry.Server // set before the first call

	mu      sync.Mutex
	counted time.Time // guarded by mu: when files was, monotonic
	files   int       // guarded by mu
}

func (h *hostUse) use() relay.HostUse {
	d := h.server.Door()
	return relay.HostUse{
		Connections: relay.Use[int]{Limit: d.MaxConns, Used: d.Conns, Unit: "connections"},
		Streams:     relay.Use[int]{Limit: d.MaxStreams, Used: d.Streams, Unit: "streams"},
		Bodies:      relay.Use[int]{Limit: kib(d.BodyMemory), Used: kib(d.Bodies), Unit: "KiB"},
		Memory:      relay.Use[int]{Limit: kib(memoryLimit()), Used: kib(memoryInUse()), Unit: "KiB"},
		Descriptors: relay.Use[int]{Limit: openFilesLimit(), Used: h.openFiles(), Unit: "descriptors"},
	}
}

// kib tells octets as an int of XML-RPC; what does not fit is no limit.
func kib(octets int64) int { return int(min(octets>>10, math.MaxInt32)) }

// memoryInUse is what GOMEMLIMIT bounds, in octets.
func memoryInUse() int64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64() - s[1].Value.Uint64())
}

// openFiles counts the descriptors that are open, at most once a second; -1 is
// a system that does not tell.
func (h *hostUse) openFiles() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now := time.Now(); now.Sub(h.counted) >= time.Second {
		h.files, h.counted = countFiles(), now
	}
	return h.files
}

func countFiles() int {
	dir, err := os.Open("/dev/fd")
	if err != nil {
		return -1
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return -1
	}
	return len(names) - 1 // without dir
}

// openFilesLimit is how many descriptors this process may have. The Go runtime
// has raised it to the hard limit by now.
func openFilesLimit() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return math.MaxInt32
	}
	return int(min(l.Cur, math.MaxInt32))
}
