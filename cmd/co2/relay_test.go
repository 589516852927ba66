package main_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"co2/methods/wire"
)

// A server is a co2 server under test.
type server struct {
	*process
	url    string // without path
	hostID string // of a satellite
	state  string // of a relay: its folder
	listen string // of a relay: where it was told to listen
	extra  []string
	limit  string // of a relay: descriptors it may open; empty: as the test
	polo   string // of a relay: UDP port of its Polo; empty: it has none
}

// startRelay starts a relay of its own on a free port.
func startRelay(t *testing.T, extra ...string) *server {
	t.Helper()
	r := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: extra}
	r.serve(t)
	return r
}

// startRelayWithPolo starts one that tells this host of itself, on a UDP port of
// its own.
func startRelayWithPolo(t *testing.T, extra ...string) *server {
	t.Helper()
	r := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: extra, polo: freeUDPPort(t)}
	r.serve(t)
	return r
}

func (r *server) serve(t *testing.T) {
	t.Helper()
	polo := []string{"--no-polo"}
	if r.polo != "" {
		polo = []string{"--polo-port", r.polo}
	}
	args := slices.Concat([]string{"serve", "--listen", r.listen, "--state", r.state}, polo, r.extra)
	if r.limit != "" {
		cmd := fewFiles(r.limit, binary, args...)
		cmd.Env = cleanEnv(t)
		r.process = startCommand(t, cmd)
	} else {
		r.process = start(t, args...)
	}
	line := r.printed("listening")
	r.url = strings.TrimSuffix(strings.Fields(line)[1], "/")
	r.printed("Next, in another terminal")
}

// restart starts the relay again on the same port and state.
func (r *server) restart(t *testing.T) {
	t.Helper()
	r.listen = r.addr()
	r.serve(t)
}

func (r *server) addr() string {
	u, err := url.Parse(r.url)
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Host
}

// startSatellite starts co2 satellite and waits until the relay reaches it.
func startSatellite(t *testing.T, r *server, extra ...string) *server {
	t.Helper()
	s := &server{process: start(t, append([]string{"satellite", "--relay", r.url, "--listen", "127.0.0.1:0"}, extra...)...)}
	line := s.said("registered with")
	s.hostID = strings.TrimSuffix(strings.Fields(line)[4], ",")
	s.url = "http://" + s.hostID
	s.said("the relay reaches it: ping")
	return s
}

// call calls a method of s.
func (s *server) call(t *testing.T, into any, method string, params ...any) error {
	t.Helper()
	client := wire.Client{URL: s.url + "/RPC2"}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return client.Call(ctx, method, into, params...)
}

// must is call for what has to succeed.
func must[T any](t *testing.T, s *server, method string, params ...any) T {
	t.Helper()
	var v T
	if err := s.call(t, &v, method, params...); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return v
}

type structure = map[string]any
