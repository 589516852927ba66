package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
)

// scripted is a connection on which an answer comes.
type scripted struct {
	net.Conn
	io.Reader
}

func (s scripted) Read(b []byte) (int, error)  { return s.Reader.Read(b) }
func (s scripted) Write(b []byte) (int, error) { return len(b), nil }

func TestCallerReadsAnswers(t *testing.T) {
	for answer, good := range map[string]bool{
		"HTTP/1.1 200 OK\r\nServer: x\r\nContent-length:  4\r\n\r\nbody":             true,
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody":                           true,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody":                           false, // cut off
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntest":                           false, // another body
		"HTTP/1.1 200 OK\r\n\r\nbody":                                                false,
		"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nbody":        false,
		"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nbody":                        false,
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nbody": false,
	} {
		for _, r := range []io.Reader{strings.NewReader(answer), iotest.OneByteReader(strings.NewReader(answer))} {
			c := caller{conn: scripted{Reader: r}, want: []byte("body"), buf: make([]byte, 8)}
			if err := c.call(); (err == nil) != good {
				t.Errorf("%q: %v, want it to be good: %t", answer, err, good)
			}
		}
	}
}
