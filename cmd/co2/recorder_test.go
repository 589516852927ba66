package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A recorder is a way to a server on which every request is kept, octet by
// octet.
type recorder struct {
	ln    net.Listener
	to    string        // the server's address
	label func() string // names the request that has come

	mu       sync.Mutex
	requests []recorded // guarded by mu
}

type recorded struct {
	label  string
	octets []byte
}

func startRecorder(t *testing.T, to string, label func() string) *recorder {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{ln: ln, to: to, label: label}
	var ways sync.WaitGroup
	ways.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			ways.Go(func() { r.carry(client) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		ways.Wait()
	})
	return r
}

func (r *recorder) url() string { return "http://" + r.ln.Addr().String() + "/RPC2" }

// carry takes requests over and answers back until either side has enough.
func (r *recorder) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer server.Close()
	calls, answers := tap(client), tap(server)
	for {
		call, err := http.ReadRequest(calls.in)
		if err != nil {
			return
		}
		octets, err := calls.through(call.Body)
		if err != nil {
			return
		}
		r.keep(octets)
		if _, err := server.Write(octets); err != nil {
			return
		}
		answer, err := http.ReadResponse(answers.in, call)
		if err != nil {
			return
		}
		if octets, err = answers.through(answer.Body); err != nil {
			return
		}
		if _, err := client.Write(octets); err != nil || call.Close || answer.Close {
			return
		}
	}
}

func (r *recorder) keep(octets []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, recorded{r.label(), octets})
}

// A tapped connection remembers what was read from it.
type tapped struct {
	in   *bufio.Reader
	seen *bytes.Buffer
}

func tap(conn net.Conn) tapped {
	var seen bytes.Buffer
	return tapped{bufio.NewReader(io.TeeReader(conn, &seen)), &seen}
}

// through reads the body to its end and returns all octets of the message.
func (c tapped) through(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	if _, err := io.Copy(io.Discard, body); err != nil {
		return nil, err
	}
	return bytes.Clone(c.seen.Next(c.seen.Len() - c.in.Buffered())), nil
}

// save writes the requests to dir as LABEL.http, LABEL-2.http and so on, in
// place of those there.
func (r *recorder) save(t *testing.T, dir string) {
	t.Helper()
	old, err := filepath.Glob(filepath.Join(dir, "*.http"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	times := map[string]int{}
	for _, req := range r.requests {
		name := req.label
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, times[name])
		}
		// The port is another one each time.
		octets := bytes.Replace(req.octets, []byte(r.ln.Addr().String()), []byte("127.0.0.1:2003"), 1)
		if err := os.WriteFile(filepath.Join(dir, name+".http"), octets, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
