package main_test

import (
	"net"
	"testing"
)

// A canary listens where documents point to. Whoever fetches what they name
// comes by (X10).
type canary struct {
	ln    net.Listener
	heard chan string // the addresses of who came, in order
}

func perch(t *testing.T) *canary {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &canary{ln: ln, heard: make(chan string, 1000)}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			c.heard <- conn.RemoteAddr().String()
			conn.Close()
		}
	}()
	t.Cleanup(func() { ln.Close() })
	return c
}

func (c *canary) addr() string { return c.ln.Addr().String() }

// untouched wants that nobody came: the first to come is the test itself.
func (c *canary) untouched(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", c.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if first := <-c.heard; first != conn.LocalAddr().String() {
		t.Errorf("%s came to where documents pointed, want nobody", first)
	}
}
