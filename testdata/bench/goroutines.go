package main

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"time"
)

// goroutineStep is how often goroutines are counted.
const goroutineStep = time.Millisecond

// tellGoroutines writes, for each line of in, the most goroutines there were
// since the line before. It returns at the end of in.
func tellGoroutines(in io.Reader, out io.Writer) {
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			asked <- struct{}{}
		}
	}()
	tick := time.NewTicker(goroutineStep)
	defer tick.Stop()
	for most := 0; ; {
		select {
		case _, more := <-asked:
			if !more {
				return
			}
			fmt.Fprintln(out, max(most, runtime.NumGoroutine()))
			most = 0
		case <-tick.C:
			most = max(most, runtime.NumGoroutine())
		}
	}
}

// goroutines is the most there were since it was asked last.
func (p *process) goroutines() (n float64, err error) {
	if _, err := fmt.Fprintln(p.in, "goroutines"); err != nil {
		return 0, err
	}
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(line, &n)
	return n, err
}
