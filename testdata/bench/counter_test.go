package main

import (
	"bufio"
	"io"
	"strings"
	"sync"
	"testing"
)

func TestCounter(t *testing.T) {
	var out strings.Builder
	c := newCounter(3, &out)
	check(t, c.serve(strings.NewReader("expect notify 2 3 all\n")))
	var receivers sync.WaitGroup
	for i := range 3 {
		receivers.Go(func() {
			c.count(i)
			c.count(i)
		})
	}
	receivers.Wait()
	check(t, c.serve(strings.NewReader("enough\nexpect notify 1 3 all\n")))
	c.count(0)
	c.count(0)
	c.count(2)
	check(t, c.serve(strings.NewReader("enough\n")))
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 5 || lines[0] != "ready" || !strings.HasPrefix(lines[1], "reached ") || !strings.HasSuffix(lines[1], " 2") || lines[2] != "ready" || lines[3] != "short 1" {
		t.Errorf("it says %q", lines)
	}
	if err := c.serve(strings.NewReader("expect ping 1 3 all\n")); err == nil {
		t.Error("it takes a command it does not know")
	}
}

func TestGoroutinesAreCounted(t *testing.T) {
	questions, ask := io.Pipe()
	answers, tell := io.Pipe()
	var told sync.WaitGroup
	told.Go(func() { tellGoroutines(questions, tell) })
	p := &process{in: ask, out: bufio.NewReader(answers)}
	_, err := p.goroutines()
	check(t, err)
	end := make(chan struct{})
	var more sync.WaitGroup
	for range 50 {
		more.Go(func() { <-end })
	}
	with, err := p.goroutines()
	close(end)
	more.Wait()
	if err != nil || with <= 50 {
		t.Errorf("%g goroutines, %v, want more than 50", with, err)
	}
	if _, err = p.goroutines(); err != nil {
		t.Error(err)
	}
	if without, err := p.goroutines(); err != nil || without >= with {
		t.Errorf("%g goroutines once 50 have ended, %v, and %g before", without, err, with)
	}
	ask.Close()
	told.Wait()
}
