package discovery_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"co2/discovery"
)

func TestRequest(t *testing.T) {
	files := golden(t, "answered", ".request")
	for name, want := range map[string]discovery.Request{
		"marco":           {Command: discovery.CommandMarco},
		"discover":        {Command: discovery.CommandDiscover},
		"request-for":     {Command: discovery.CommandRequestFor, Service: "printer"},
		"request-for-low": {Command: discovery.CommandRequestForLow, Service: "printer"},
		"services":        {Command: discovery.CommandServices},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := discovery.ParseRequest([]byte(files[name]))
			if err != nil || got != want {
				t.Errorf("ParseRequest(%s) = %+v, %v, want %+v", files[name], got, err, want)
			}
			datagram, err := want.Encode()
			if err != nil || string(datagram) != files[name] {
				t.Errorf("Encode(%+v) = %s, %v, want %s", want, datagram, err, files[name])
			}
		})
	}
}

func TestRequestTooBig(t *testing.T) {
	for name, id := range map[string]string{
		"too long":  strings.Repeat("x", discovery.MaxMessage),
		"not UTF-8": "\xff",
	} {
		r := discovery.Request{Command: discovery.CommandRequestFor, Service: id}
		if datagram, err := r.Encode(); err == nil {
			t.Errorf("Encode of an id that is %s = %.60q, want an error", name, datagram)
		}
	}
}

func TestParseReply(t *testing.T) {
	number := map[string]any{"n": json.Number("1.50")}
	for name, c := range map[string]struct {
		datagram string
		want     discovery.Reply
	}{
		"polo": {`{"Command":"Polo","Params":{"n":1.50}}`, discovery.Reply{Command: "Polo", Params: number}},
		"ok":   {`{"Command": "OK", "Params": {"n": 1.50}}`, discovery.Reply{Command: "OK", Params: number}},
		"list under Services": {
			`{"Command": "OK", "Services": [{"id": "a", "params": {"n": 1.50}}, {"ID": "b"}, 7]}`,
			discovery.Reply{Command: "OK", Params: map[string]any{}, Services: []discovery.Service{{ID: "a", Params: number}}},
		},
		"list under Params": {
			`{"Command": "OK", "Params": [{"id": "a"}], "Truncated": true}`,
			discovery.Reply{Command: "OK", Params: map[string]any{}, Services: []discovery.Service{{ID: "a"}}, Truncated: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := discovery.ParseReply([]byte(c.datagram))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("ParseReply(%s) = %+v, %v, want %+v", c.datagram, got, err, c.want)
			}
		})
	}
}

func TestServicesReplyFits(t *testing.T) {
	for _, c := range []struct {
		services  int
		both      bool
		truncated bool
	}{{0, true, false}, {10, true, false}, {70, false, false}, {2000, false, true}} {
		t.Run(fmt.Sprint(c.services), func(t *testing.T) {
			checkServicesReply(t, c.services, c.both, c.truncated)
		})
	}
}

func checkServicesReply(t *testing.T, services int, both, truncated bool) {
	list := make([]discovery.Service, services)
	for i := range list {
		list[i] = discovery.Service{ID: fmt.Sprintf("service-%04d", i), Params: map[string]any{"n": i}}
	}
	datagram, err := discovery.Reply{Command: discovery.CommandOK, Services: list}.Encode()
	if err != nil || len(datagram) > discovery.MaxReply {
		t.Fatalf("Encode = %d bytes, %v, want at most %d", len(datagram), err, discovery.MaxReply)
	}
	var keys struct {
		Params, Services []discovery.Service
		Truncated        bool
	}
	if err := json.Unmarshal(datagram, &keys); err != nil {
		t.Fatal(err)
	}
	if keys.Params == nil || (keys.Services != nil) != both || keys.Truncated != truncated {
		t.Errorf("reply %.200s: both keys %t, truncated %t, want %t, %t",
			datagram, keys.Services != nil, keys.Truncated, both, truncated)
	}
	if truncated && discovery.MaxReply-len(datagram) > 60 {
		t.Errorf("reply has room for %d more bytes, want the longest that fits", discovery.MaxReply-len(datagram))
	}
	if !truncated && len(keys.Params) != services {
		t.Errorf("reply lists %d services, want %d", len(keys.Params), services)
	}
	if len(keys.Params) > 0 && keys.Params[0].ID != "service-0000" {
		t.Errorf("first service is %q, want service-0000", keys.Params[0].ID)
	}
}
