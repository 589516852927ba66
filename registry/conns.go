package registry

import (
	"net"
	"net/http"
	"sync"
)

// conns are the connections of one Serve. net/http waits five seconds at its
// end for connections on which nothing came yet; nobody is cut off by closing
// those at once.
type conns struct {
	all sync.WaitGroup // goroutines of connections

	mu     sync.Mutex
	fresh  map[net.Conn]bool // guarded by mu: nothing came yet
	ending bool              // guarded by mu
}

// note is an [http.Server.ConnState] function.
func (cs *conns) note(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		cs.all.Add(1)
		cs.add(c)
		return
	case http.StateClosed, http.StateHijacked:
		cs.all.Done()
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.fresh, c)
}

func (cs *conns) add(c net.Conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.ending {
		c.Close()
		return
	}
	if cs.fresh == nil {
		cs.fresh = map[net.Conn]bool{}
	}
	cs.fresh[c] = true
}

// closeFresh closes the connections on which nothing came, and those to come.
func (cs *conns) closeFresh() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.ending = true
	for c := range cs.fresh {
		c.Close()
	}
	clear(cs.fresh)
}
