package registry_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"co2/methods"
	"co2/registry"
	"co2/registry/door"
)

// TestEndedHearsOfEachCall also looks at what is told of the requests that
// brought them.
func TestEndedHearsOfEachCall(t *testing.T) {
	var mu sync.Mutex
	var calls []registry.Ended
	var requests []door.Ended
	cfg := registry.Config{
		Ended: func(e registry.Ended) { mu.Lock(); defer mu.Unlock(); calls = append(calls, e) },
		Door:  door.Config{Ended: func(e door.Ended) { mu.Lock(); defer mu.Unlock(); requests = append(requests, e) }},
	}
	s := serve(t, cfg, public("fine", func(context.Context) (string, error) { return "x", nil }), methods.Method{
		Names: []string{"panics"}, Doc: "Panics.", Access: methods.Public, Func: func(context.Context) (int, error) { panic("at the disco") },
	})
	s.must(t, "fine")
	s.call(t, "no.such")
	s.call(t, "panics")
	s.exchange(t, post("hello"))
	s.multicall(t, entry("fine"), entry("no.such"))
	s.exchange(t, head("GET /RPC2 HTTP/1.1", "Host: localhost"))
	s.exchange(t, head("GET /methods?secret=1 HTTP/1.1", "Host: localhost"))
	s.exchange(t, head("hello"))
	s.stop() // so that all was told

	for i, e := range calls {
		if e.Took <= 0 {
			t.Errorf("%+v: want a time", e)
		}
		calls[i].Took = 0
	}
	if want := []registry.Ended{
		{Method: "fine"},
		{Method: "no.such", Failed: true, Fault: -32601},
		{Method: "panics", Failed: true, Fault: -32603},
		{Failed: true, Fault: -32700},
		{Method: "fine", Inside: true},
		{Method: "no.such", Inside: true, Failed: true, Fault: -32601},
		{Method: "system.multicall"},
	}; !slices.Equal(calls, want) {
		t.Errorf("told of calls\n%+v\nwant\n%+v", calls, want)
	}
	wants := []door.Ended{
		{Verb: "POST", Path: "/RPC2", Status: 200, Call: "fine"},
		{Verb: "POST", Path: "/RPC2", Status: 200, Call: "no.such", Failed: true, Fault: -32601},
		{Verb: "POST", Path: "/RPC2", Status: 200, Call: "panics", Failed: true, Fault: -32603},
		{Verb: "POST", Path: "/RPC2", Status: 200, Failed: true, Fault: -32700},
		{Verb: "POST", Path: "/RPC2", Status: 200, Call: "system.multicall"},
		{Verb: "GET", Path: "/RPC2", Status: 405},
		{Verb: "GET", Path: "/methods", Status: 200},
		{Status: 400},
	}
	if len(requests) != len(wants) { // of several connections, so in any order
		t.Errorf("told of %d requests, want %d: %+v", len(requests), len(wants), requests)
	}
	for _, got := range requests {
		if !got.Remote.IsValid() || got.Sent <= 0 || got.Took <= 0 && got.Verb != "" {
			t.Errorf("%+v: want who, how much and how long", got)
		}
		plain := got
		plain.Remote, plain.Sent, plain.Took = netip.AddrPort{}, 0, 0
		if !slices.Contains(wants, plain) {
			t.Errorf("told of %+v, want one of %+v", plain, wants)
		}
		if strings.Contains(got.Path, "secret") {
			t.Errorf("the path %q holds the query", got.Path)
		}
	}
}
