package main_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A manner is how a bad satellite takes calls.
type manner = *badManner

type badManner struct {
	name  string
	talk  func(net.Conn) // with one who has called; nil: it does not even accept
	words []string       // one of them is in what the relay tells of it
}

// noAnswer are the words for those that take too long.
var noAnswer = []string{"no answer within", "time"}

// badManners are all there are. Those that stream and drip do so until the
// relay has had enough; redirects point to the address given.
func badManners(elsewhere string) []manner {
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
	return []manner{
		{"does not accept", nil, noAnswer},
		{"is silent", func(c net.Conn) { io.Copy(io.Discard, c) }, noAnswer},
		{"drips a head", func(c net.Conn) { drip(c, ok, "X: y\r\n") }, noAnswer},
		{"drips a body", func(c net.Conn) { drip(c, ok+"Content-Length: 100000\r\n\r\n<?xml version=\"1.0\"?>", " ") }, noAnswer},
		{"sends an endless body", func(c net.Conn) { pour(c, ok+"\r\n") }, []string{"octets", "MiB", "large", "long"}},
		{"resets in the middle", breakOff, []string{"reset", "EOF", "closed"}},
		{"redirects", func(c net.Conn) {
			say(c, "HTTP/1.1 302 Found\r\nLocation: http://"+elsewhere+"/RPC2\r\nContent-Length: 0\r\n\r\n")
		}, []string{"302"}},
		{"announces 10 GB", func(c net.Conn) { pour(c, ok+"Content-Length: 10000000000\r\n\r\n") }, []string{"octets", "MiB", "large", "long"}},
		{"talks TLS", func(c net.Conn) { say(c, "\x15\x03\x01\x00\x02\x02\x46"+strings.Repeat("\x16\x03\x03\xff\xfe", 100)) }, []string{"HTTP"}},
	}
}

// badOnes are n manners, all in turn.
func badOnes(n int, elsewhere string) []manner {
	all, list := badManners(elsewhere), make([]manner, n)
	for i := range list {
		list[i] = all[i%len(all)]
	}
	return list
}

func say(c net.Conn, text string) {
	io.WriteString(c, text)
}

func drip(c net.Conn, head, piece string) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	_, err := io.WriteString(c, head)
	for ; err == nil; <-tick.C {
		_, err = io.WriteString(c, piece)
	}
}

func pour(c net.Conn, head string) {
	piece := strings.Repeat(" ", 64<<10)
	_, err := io.WriteString(c, head)
	for err == nil {
		_, err = io.WriteString(c, piece)
	}
}

func breakOff(c net.Conn) {
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<?xml")
	c.(*net.TCPConn).SetLinger(0)
}

func unavailable(c net.Conn) {
	say(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
}

// deafPort returns a port of ip on which connections are neither accepted nor
// refused: the queue of those that wait is full.
func deafPort(t *testing.T, ip string) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	t.Cleanup(func() { syscall.Close(fd) })
	addr := &syscall.SockaddrInet4{Addr: [4]byte(net.ParseIP(ip).To4())}
	if err := syscall.Bind(fd, addr); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := bound.(*syscall.SockaddrInet4).Port
	for range 10 {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", ip, port), 50*time.Millisecond)
		if err != nil {
			return port // the queue is full
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatalf("%s:%d takes every connection", ip, port)
	return 0
}
