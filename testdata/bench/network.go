package main

import (
	"fmt"
	"sync"
)

// The sizes of networks.
const (
	many = 10_000
	some = 1_000
)

// A fleet is the relays that several comparisons use, by their number of
// satellites, each started when the first needs it.
type fleet map[int]func() (*hub, error)

func (b *bench) fleet() fleet {
	f := fleet{}
	for _, n := range []int{some, many} {
		f[n] = sync.OnceValues(func() (*hub, error) { return b.hub(n, "--ping-interval", "0") })
	}
	return f
}

// networks compare relays with many satellites.
func (b *bench) networks() []comparison {
	f := b.fleet()
	list := append(b.idles(f), b.fanOuts(f)...)
	return append(list, b.hangs(f), b.pings())
}

// A network is a comparison with many satellites, and what it has started.
type network struct {
	comparison
	started []stoppable
}

type stoppable interface{ stop() }

// share adds a side that may have a part in other comparisons.
func share[S any](n *network, name string, start func() (S, error), measure func(S) (sample, error)) {
	n.sides = append(n.sides, side{name, func() (sample, error) {
		s, err := start()
		if err != nil {
			return sample{}, err
		}
		return measure(s)
	}})
}

// own adds a side of this comparison alone, which ends with it. It is
// measured once before it counts: then all connections are there.
func own[S stoppable](n *network, name string, start func() (S, error), measure func(S) (sample, error)) {
	share(n, name, sync.OnceValues(func() (S, error) {
		s, err := start()
		if err != nil {
			return s, err
		}
		n.started = append(n.started, s)
		_, err = measure(s)
		return s, err
	}), measure)
}

// compared is the comparison, in so many rounds at most.
func (n *network) compared(rounds int, rows ...row) comparison {
	n.rows, n.most = rows, rounds
	n.done = func() {
		for _, s := range n.started {
			s.stop()
		}
	}
	return n.comparison
}

// fanOut names a row about one message to n satellites.
func fanOut(n int, what string) string {
	return fmt.Sprintf("fan-out, 1 KB to %d: %s", n, what)
}
