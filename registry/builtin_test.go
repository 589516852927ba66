package registry_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"co2/methods"
	"co2/registry"
)

type (
	members = map[string]any
	items   = []any
)

// aliases are the names of co2.md 2.4, the ones we add included, by operation.
var aliases = map[string][]string{
	"ping":         {"ping", "web.ping"},
	"list methods": {"co2.get_method_names", "sys.listMethods", "system.listMethods", "web.get_method_names"},
	"method help":  {"co2.get_method_help", "sys.methodHelp", "system.methodHelp", "web.get_method_help"},
	"signature":    {"co2.get_method_signature", "sys.methodSignature", "web.get_method_signature"},
	"properties":   {"co2.get_properties", "sys.get_properties", "system.get_properties", "web.get_properties"},
	"test":         {"test", "web.test"},
	"call_method":  {"call_method", "method_call", "web.call_method", "web.method_call"},
	"general":      {"system.methodSignature"},
	"multicall":    {"system.multicall"},
	"capabilities": {"system.getCapabilities"},
}

// frozen is a configuration under which answers do not vary.
func frozen() registry.Config {
	at := time.Date(2003, 10, 16, 12, 0, 0, 0, time.UTC)
	return registry.Config{Now: func() time.Time { return at }, Plugins: func() []string { return []string{"pd.bridge"} }}
}

func TestAliasesGiveEqualResults(t *testing.T) {
	s := serve(t, frozen())
	params := map[string][]items{
		"method help": {{"ping"}, {"system.multicall"}},
		"signature":   {{"ping"}, {"call_method"}},
		"test":        {{}, {members{"a": 1}}},
		"call_method": {{members{"method_name": "ping"}}, {members{"method_name": "test", "data": items{1, "x"}}}},
		"general":     {{"ping"}},
		"multicall":   {{items{}}},
	}
	for operation, names := range aliases {
		for _, args := range append(params[operation], items{}) {
			want, wantErr := s.call(t, names[0], args...)
			for _, name := range names[1:] {
				if got, err := s.call(t, name, args...); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(err, wantErr) {
					t.Errorf("Call(%q, %v) = %v, %v, want what %s answers: %v, %v", name, args, got, err, names[0], want, wantErr)
				}
			}
		}
	}
}

func TestListMethods(t *testing.T) {
	s := serve(t, registry.Config{}, public("plugin.module.method", giveNothing))
	want := items{"plugin.module.method"}
	for _, names := range aliases {
		for _, name := range names {
			want = append(want, name)
		}
	}
	slices.SortFunc(want, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	for _, args := range []items{{}, {members{}}, {"homematic"}, {nil, 1, items{}}} {
		if got := s.must(t, "sys.listMethods", args...); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("Call(sys.listMethods, %v) = %v, want %v", args, got, want)
		}
	}
	if got := s.must(t, "co2.co2_get_method_names"); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("Call(co2.co2_get_method_names) = %v, want %v", got, want)
	}
}

func TestPing(t *testing.T) {
	s := serve(t, registry.Config{})
	for _, args := range []items{{}, {members{}}, {7}, {items{members{"a": 1}}}, {nil}} {
		if got := s.must(t, "ping", args...); got != "OK" {
			t.Errorf("Call(ping, %v) = %v, want OK", args, got)
		}
	}
	_, err := s.call(t, "ping", 1, 2)
	wantFault(t, "Call(ping, 1, 2)", err, methods.CodeInvalidParams, "got 2 params")
}

func TestTestEchoes(t *testing.T) {
	s := serve(t, registry.Config{})
	for _, v := range []any{
		"", "  a b  ", "grüß 😀 <&>\r\n", int64(-1), int64(1 << 40), true, false, 0.1, -1e300, nil, []byte{0, 255}, []byte{},
		time.Date(1998, 7, 17, 14, 8, 55, 0, time.UTC), items{}, items{int64(1), "x", items{nil}}, members{}, members{"": "", "data": members{"a <b>": items{}}},
	} {
		if got := s.must(t, "test", v); !reflect.DeepEqual(got, v) {
			t.Errorf("Call(test, %#v) = %#v, want it unchanged", v, got)
		}
	}
	if got := s.must(t, "test"); !reflect.DeepEqual(got, any(members{})) {
		t.Errorf("Call(test) = %#v, want an empty struct", got)
	}
	_, err := s.call(t, "test", members{}, members{})
	wantFault(t, "Call(test, {}, {})", err, methods.CodeInvalidParams, "got 2 params, want no param or 1")
}

func TestCapabilities(t *testing.T) {
	s := serve(t, registry.Config{})
	got, _ := s.must(t, "system.getCapabilities").(members)
	for name, version := range map[string]int64{"xmlrpc": 1, "faults_interop": 20010516, "introspection": 1, "system.multicall": 1, "nil": 1} {
		c, _ := got[name].(members)
		url, _ := c["specUrl"].(string)
		if c["specVersion"] != version || !strings.HasPrefix(url, "http://") || len(c) != 2 {
			t.Errorf("capability %q = %v, want version %d and a URL", name, c, version)
		}
	}
}

func TestCallMethod(t *testing.T) {
	s := serve(t, frozen())
	tests := []struct {
		name string
		arg  members
		want any
	}{
		{"no data", members{"method_name": "ping"}, "OK"},
		{"no data, echoed", members{"method_name": "test"}, members{}},
		{"data", members{"method_name": "test", "data": int64(7)}, int64(7)},
		{"data that is a struct", members{"method_name": "test", "data": members{"method_name": "x"}}, members{"method_name": "x"}},
		{"data nil", members{"method_name": "test", "data": nil}, nil},
		{"flat", members{"method_name": "test", "a": int64(1), "b": "2"}, members{"a": int64(1), "b": "2"}},
		{"flat, data among others", members{"method_name": "test", "data": int64(1), "b": "2"}, members{"data": int64(1), "b": "2"}},
		{"help", members{"method_name": "sys.methodHelp", "data": "ping"}, "Returns 'OK': this server is alive."},
		{"help with a struct", members{"method_name": "sys.methodHelp", "data": members{"method_name": "ping"}}, "Returns 'OK': this server is alive."},
		{"general signature", members{"method_name": "system.methodSignature", "data": "ping"}, items{items{"string"}, items{"string", "undef"}}},
		{"list", members{"method_name": "co2.get_method_names"}, s.must(t, "sys.listMethods")},
		{"misprint", members{"method_name": "co2.co2_get_method_names"}, s.must(t, "sys.listMethods")},
		{"properties", members{"method_name": "web.get_properties"}, s.must(t, "system.get_properties")},
		{"multicall", members{"method_name": "system.multicall", "data": items{members{"methodName": "ping"}}}, items{items{"OK"}}},
	}
	for _, tt := range tests {
		for _, name := range aliases["call_method"] {
			if got, err := s.call(t, name, tt.arg); err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: Call(%q, %v) = %v, %v, want %v", tt.name, name, tt.arg, got, err, tt.want)
			}
		}
	}
}

func TestCallMethodFaults(t *testing.T) {
	s := serve(t, registry.Config{})
	tests := []struct {
		name string
		args items
		code int
		text string
	}{
		{"no argument", items{}, -32602, "got 0 params"},
		{"two arguments", items{members{"method_name": "ping"}, 1}, -32602, "got 2 params"},
		{"not a struct", items{"ping"}, -32602, "got string, want struct"},
		{"an array", items{items{"ping"}}, -32602, "got array, want struct"},
		{"nil", items{nil}, -32602, "got nil, want struct"},
		{"no method_name", items{members{"data": 1}}, -32602, `key "method_name": got nothing, want string`},
		{"method_name int", items{members{"method_name": 7}}, -32602, `key "method_name": got int, want string`},
		{"unknown method", items{members{"method_name": "no.such", "data": 1}}, -32601, `no method "no.such"`},
		{"empty name", items{members{"method_name": ""}}, -32601, `no method ""`},
		{"fault of the method", items{members{"method_name": "sys.methodHelp"}}, -32602, `key "method_name": got nothing, want string`},
		{"help of an unknown method", items{members{"method_name": "sys.methodHelp", "data": "no.such"}}, -32601, `no method "no.such"`},
		{"data of the wrong type", items{members{"method_name": "system.get_properties", "data": "x"}}, -32602, "got string, want struct"},
	}
	for _, tt := range tests {
		_, err := s.call(t, "call_method", tt.args...)
		wantFault(t, tt.name, err, tt.code, tt.text)
	}
	for _, outer := range aliases["call_method"] {
		for _, inner := range aliases["call_method"] {
			_, err := s.call(t, outer, members{"method_name": inner, "data": members{"method_name": "ping"}})
			wantFault(t, outer+" of "+inner, err, -32602, "want another method")
		}
	}
}

// call_method has the rights and the peer of a direct call, and is heard of.
func TestCallMethodIsADirectCall(t *testing.T) {
	var heard []string
	cfg := registry.Config{Called: func(c methods.Caller, name string) {
		if c.Addr.Addr().IsLoopback() {
			heard = append(heard, name)
		}
	}, Access: everybody(methods.Satellite)}
	admin := public("admin.only", giveNothing)
	admin.Access = methods.Admin
	s := serve(t, cfg, admin, public("peer", peerOf))
	if got := s.must(t, "call_method", members{"method_name": "peer"}); got != "127.0.0.1 satellite" {
		t.Errorf("the peer of a call_method = %v, want 127.0.0.1 satellite", got)
	}
	_, err := s.call(t, "call_method", members{"method_name": "admin.only"})
	wantFault(t, "call_method of admin.only", err, methods.CodeNotPermitted, "admin.only is for admin access only")
	if want := []string{"call_method", "peer", "call_method", "admin.only"}; !slices.Equal(heard, want) {
		t.Errorf("Called heard %q, want %q", heard, want)
	}
}

func TestUnknownMethods(t *testing.T) {
	s := serve(t, registry.Config{})
	for _, name := range []string{"relay.Register", "PING", "relay", "relay.", ".ping", "sys..listMethods", "String", "ServeHTTP", "__class__"} {
		_, err := s.call(t, name)
		wantFault(t, "Call("+name+")", err, methods.CodeMethodNotFound, name)
	}
}
