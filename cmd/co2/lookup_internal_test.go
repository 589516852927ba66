package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"co2/discovery"
)

// What a relay's answer says becomes its URL; anything else from the network
// does not.
func TestRelayURL(t *testing.T) {
	t.Parallel()
	type params = map[string]any
	for _, tt := range []struct {
		params params
		want   string // a URL, or a part of the error
	}{
		{nil, "http://10.0.0.7:2003/RPC2"},
		{params{"port": nil, "path": nil, "scheme": nil}, "http://10.0.0.7:2003/RPC2"},
		{params{"port": json.Number("8080"), "path": "/a/b_c.d~e-f/", "scheme": "https", "version": "9"}, "https://10.0.0.7:8080/a/b_c.d~e-f/"},
		{params{"port": "2103", "path": "/"}, "http://10.0.0.7:2103/"},
		{params{"port": json.Number("65535")}, "http://10.0.0.7:65535/RPC2"},
		{params{"port": json.Number("65536")}, "port"},
		{params{"port": json.Number("0")}, "port"},
		{params{"port": json.Number("-1")}, "port"},
		{params{"port": json.Number("2003.0")}, "port"},
		{params{"port": json.Number("2e3")}, "port"},
		{params{"port": "02003"}, "port"},
		{params{"port": "+2003"}, "port"},
		{params{"port": ""}, "port"},
		{params{"port": "2003@evil.example"}, "port"},
		{params{"port": true}, "port"},
		{params{"path": ""}, "path"},
		{params{"path": "RPC2"}, "path"},
		{params{"path": "@evil.example/"}, "path"},
		{params{"path": "//evil.example"}, "path"},
		{params{"path": "/RPC2?x=1"}, "path"},
		{params{"path": "/RPC2#x"}, "path"},
		{params{"path": "/%2e"}, "path"},
		{params{"path": "/RPC2\n"}, "path"},
		{params{"path": "/a b"}, "path"},
		{params{"path": "/" + strings.Repeat("x", maxPath)}, "path"},
		{params{"path": json.Number("1")}, "path"},
		{params{"scheme": "HTTP"}, "scheme"},
		{params{"scheme": "file"}, "scheme"},
		{params{"scheme": ""}, "scheme"},
		{params{"scheme": false}, "scheme"},
	} {
		got, err := relayURL(discovery.Node{Addr: netip.MustParseAddr("10.0.0.7"), Params: tt.params})
		if err != nil {
			got = err.Error()
		}
		if isURL := strings.Contains(tt.want, "://"); isURL != (err == nil) || !strings.HasPrefix(got, tt.want) {
			t.Errorf("relayURL(%v) = %q, want %q", tt.params, got, tt.want)
		}
	}
}

func TestServerURL(t *testing.T) {
	t.Parallel()
	for named, want := range map[string]string{
		"http://127.0.0.1:2003":   "http://127.0.0.1:2003",
		"https://relay.example/x": "https://relay.example/x",
		"127.0.0.1:2103":          "http://127.0.0.1:2103/",
		"10.0.0.7":                "http://10.0.0.7:2003/",
		"relay.example":           "http://relay.example:2003/",
		"localhost:8080/RPC2":     "http://localhost:8080/RPC2",
		"[::1]:2103":              "http://[::1]:2103/",
		"::1":                     "http://[::1]:2003/",
		"[::1]":                   "http://[::1]:2003/",
		"ftp://x":                 "ftp://x", // refused where the calls are made
		"host:":                   "http://host:/",
		"http://h:0":              "",
		"h:65536":                 "",
		"h:port":                  "",
		"a b":                     "",
	} {
		if got, err := serverURL(named); got != want || (err == nil) != (want != "") {
			t.Errorf("serverURL(%q) = %q, %v, want %q", named, got, err, want)
		}
	}
}

// The relay on this host goes before all others; without it the only one that
// answers is taken, and a person chooses among several.
func TestLookup(t *testing.T) {
	t.Parallel()
	node := func(addr string, port int) discovery.Node {
		return discovery.Node{Addr: netip.MustParseAddr(addr), Params: map[string]any{"port": json.Number(fmt.Sprint(port))}}
	}
	refused := errors.New("connection refused")
	for _, tt := range []struct {
		name   string
		local  error
		door   string // where a relay answers though the local one does not
		nodes  []discovery.Node
		failed error // of the search
		want   string
		found  bool
		says   []string // of the error
	}{
		{name: "local", nodes: []discovery.Node{node("10.0.0.7", 2003)}, want: localRelay},
		{name: "one", local: refused, nodes: []discovery.Node{node("10.0.0.7", 2103)}, want: "http://10.0.0.7:2103/RPC2", found: true},
		{name: "one with two addresses of this host", local: refused, found: true, want: "http://127.0.0.1:2103/RPC2",
			nodes: []discovery.Node{node("192.0.2.1", 2103), node("127.0.0.1", 2103)}},
		{name: "one with two addresses of this host, listening on one", local: refused, found: true, want: "http://192.0.2.1:2103/RPC2",
			nodes: []discovery.Node{node("192.0.2.1", 2103), node("127.0.0.1", 2103)}, door: "http://192.0.2.1:2103/RPC2"},
		{name: "one of this host, listening on another address", local: refused, found: true, want: "http://192.0.2.1:2103/RPC2",
			nodes: []discovery.Node{node("127.0.0.1", 2103)}, door: "http://192.0.2.1:2103/RPC2"},
		{name: "one and nonsense", local: refused, found: true, want: "http://10.0.0.7:2103/RPC2",
			nodes: []discovery.Node{node("10.0.0.8", 0), node("10.0.0.7", 2103)}},
		{name: "two on this host", local: refused, nodes: []discovery.Node{node("127.0.0.1", 2103), node("192.0.2.1", 2104)},
			says: []string{"2 relays answer", "\n  --relay http://127.0.0.1:2103/RPC2\n  --relay http://192.0.2.1:2104/RPC2"}},
		{name: "two", local: refused, nodes: []discovery.Node{node("10.0.0.12", 2003), node("10.0.0.7", 2003)},
			says: []string{"2 relays answer", "\n  --relay http://10.0.0.7:2003/RPC2\n  --relay http://10.0.0.12:2003/RPC2"}},
		{name: "none", local: refused, says: []string{localRelay + " does not answer (connection refused)", "none answered by multicast", "co2 serve", "--relay URL"}},
		{name: "no multicast", local: refused, failed: errors.New("no route"), says: []string{"no route", "co2 serve"}},
		{name: "nonsense", local: refused, nodes: []discovery.Node{node("10.0.0.8", 70000)}, says: []string{`10.0.0.8: port "70000" is not from 1 to 65535`, "co2 serve"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := lookup{
				ask: func(_ context.Context, url string) error {
					if url == tt.door {
						return nil
					}
					return tt.local
				},
				find: func(context.Context) ([]discovery.Node, error) { return tt.nodes, tt.failed },
				own: func() []netip.Addr {
					return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.1")}
				},
			}
			got, found, err := l.relay(t.Context())
			if got != tt.want || found != tt.found || (err == nil) != (tt.want != "") {
				t.Errorf("relay() = %q, %v, %v, want %q, %v", got, found, err, tt.want, tt.found)
			}
			for _, part := range tt.says {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want %q in it", err, part)
				}
			}
		})
	}
}
