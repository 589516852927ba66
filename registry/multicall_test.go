package registry_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"co2/methods"
	"co2/registry"
)

// entry is one call of a multicall.
func entry(name string, params ...any) members {
	return members{"methodName": name, "params": append(items{}, params...)}
}

func (s *server) multicall(t *testing.T, entries ...any) items {
	t.Helper()
	results, _ := s.must(t, "system.multicall", append(items{}, entries...)).(items)
	if len(results) != len(entries) {
		t.Fatalf("multicall of %d calls = %v, want as many results", len(entries), results)
	}
	return results
}

// wantEntryFault checks a fault inside a multicall (F6).
func wantEntryFault(t *testing.T, what string, got any, code int64, text string) {
	t.Helper()
	m, _ := got.(members)
	s, _ := m["faultString"].(string)
	if len(m) != 2 || m["faultCode"] != code || !strings.Contains(s, text) {
		t.Errorf("%s = %v, want a struct of fault %d with %q", what, got, code, text)
	}
}

func TestMulticallResults(t *testing.T) {
	s := serve(t, registry.Config{})
	got := s.multicall(t,
		entry("ping"), entry("test", items{int64(1), items{}}), entry("test", nil), entry("test"),
		members{"methodName": "ping"}, members{"methodName": "ping", "params": items{}, "other": 7},
	)
	want := items{items{"OK"}, items{items{int64(1), items{}}}, items{nil}, items{members{}}, items{"OK"}, items{"OK"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("multicall = %v, want %v", got, want)
	}
	if got := s.multicall(t); !reflect.DeepEqual(got, items{}) {
		t.Errorf("multicall of nothing = %v, want an empty array", got)
	}
}

func TestMulticallUntypedName(t *testing.T) {
	s := serve(t, registry.Config{})
	call := document("system.multicall", "<array><data><value><struct><member><name>methodName</name><value>ping</value></member></struct></value></data></array>")
	if got := s.exchange(t, post(call)).body; !strings.Contains(got, "<string>OK</string>") {
		t.Errorf("multicall with an untyped methodName = %s, want OK in it", got)
	}
}

func TestMulticallEntriesFail(t *testing.T) {
	s := serve(t, registry.Config{}, failing()...)
	tests := []struct {
		entry any
		code  int64
		text  string
	}{
		{entry("no.such"), -32601, "no.such"},
		{entry("ping", 1, 2), -32602, "got 2 params"},
		{entry("sys.methodHelp", 7), -32602, "got int, want string"},
		{"ping", -32602, "got string, want struct"},
		{items{"ping"}, -32602, "got array, want struct"},
		{nil, -32602, "got nil, want struct"},
		{members{}, -32602, "methodName"},
		{members{"params": items{}}, -32602, "methodName"},
		{members{"methodName": 7, "params": items{}}, -32602, "methodName"},
		{members{"methodName": nil}, -32602, "methodName"},
		{members{"methodName": "ping", "params": members{}}, -32602, "params"},
		{members{"methodName": "ping", "params": nil}, -32602, "params"},
		{members{"methodName": "ping", "params": "x"}, -32602, "params"},
		{entry("system.multicall", items{entry("ping")}), -32600, "inside system.multicall"},
		{entry("call_method", members{"method_name": "system.multicall", "data": items{}}), -32600, "inside system.multicall"},
		{entry("web.method_call", members{"method_name": "system.multicall", "data": items{}}), -32600, "inside system.multicall"},
		{entry("fail.error"), -32603, "internal error"},
		{entry("fail.panic"), -32603, "internal error"},
		{entry("fail.nan"), -32603, "internal error"},
		{entry("fail.wrapped"), 1, "registry.Co2RegistryError:no such host id"},
	}
	entries := items{}
	for _, tt := range tests {
		entries = append(entries, tt.entry, entry("ping"))
	}
	got := s.multicall(t, entries...)
	for i, tt := range tests {
		wantEntryFault(t, "multicall of "+strings.TrimSpace(tt.text), got[2*i], tt.code, tt.text)
		if !reflect.DeepEqual(got[2*i+1], any(items{"OK"})) {
			t.Errorf("the entry after %v = %v, want OK", tt.entry, got[2*i+1])
		}
	}
	for _, line := range []string{"method=fail.panic", "method=fail.error", "method=no.such"} {
		if !strings.Contains(s.log.String(), line) {
			t.Errorf("the log lacks %q of an entry", line)
		}
	}
}

func TestMulticallFailsAsAWhole(t *testing.T) {
	s := serve(t, registry.Config{MaxMulticall: 3})
	tests := []struct {
		name string
		args items
		code int
		text string
	}{
		{"no param", items{}, -32602, "got 0 params"},
		{"two params", items{items{}, items{}}, -32602, "got 2 params"},
		{"a struct", items{members{}}, -32602, "got struct, want array"},
		{"a string", items{"ping"}, -32602, "got string, want array"},
		{"nil", items{nil}, -32602, "got nil, want array"},
		{"one entry too many", items{items{entry("ping"), entry("ping"), entry("ping"), entry("ping")}}, -32001, "4 calls in one multicall, this server takes at most 3"},
	}
	for _, tt := range tests {
		_, err := s.call(t, "system.multicall", tt.args...)
		wantFault(t, tt.name, err, tt.code, tt.text)
	}
	s.multicall(t, entry("ping"), entry("ping"), entry("ping"))
}

// Entries run one after another, in order; each is heard of and checked for
// access as if it came alone.
func TestMulticallEntriesAreCalls(t *testing.T) {
	var ran, heard []string
	note := func(name string) methods.Method {
		return public(name, func(context.Context) (string, error) { ran = append(ran, name); return name, nil })
	}
	admin := note("admin.only")
	admin.Access = methods.Admin
	s := serve(t, registry.Config{
		Access: everybody(methods.Satellite),
		Called: func(_ methods.Caller, name string) { heard = append(heard, name) },
	}, note("a"), note("b"), admin)
	got := s.multicall(t, entry("b"), entry("admin.only"), entry("no.such"), entry("a"), entry("b"))
	if want := []string{"b", "a", "b"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
	if want := []string{"system.multicall", "b", "admin.only", "no.such", "a", "b"}; !slices.Equal(heard, want) {
		t.Errorf("Called heard %q, want %q", heard, want)
	}
	wantEntryFault(t, "admin.only in a multicall", got[1], -32004, "admin.only is for admin access only")
}

func TestMulticallSharesTheDeadline(t *testing.T) {
	ran := 0
	s := serve(t, registry.Config{CallTimeout: 20 * time.Millisecond}, append(failing(), public("count", func(context.Context) (int, error) { ran++; return ran, nil }))...)
	got := s.multicall(t, entry("count"), entry("fail.late"), entry("count"), entry("count"))
	if !reflect.DeepEqual(got[0], any(items{int64(1)})) || ran != 1 {
		t.Errorf("multicall = %v after %d calls, want only the first to run", got, ran)
	}
	for _, fault := range got[1:] {
		wantEntryFault(t, "an entry after the deadline", fault, -32003, "20ms")
	}
}

func TestMulticallSharesTheAnswersRoom(t *testing.T) {
	ran := 0
	big := public("big", func(context.Context) (string, error) { ran++; return strings.Repeat("x", 6000), nil })
	s := serve(t, registry.Config{MaxAnswer: 16384}, big)
	got := s.multicall(t, entry("big"), entry("ping"), entry("big"), entry("big"), entry("big"), entry("ping"))
	for i, want := range []string{"result", "result", "result", "fault", "fault", "fault"} {
		if _, ok := got[i].(items); ok != (want == "result") {
			t.Errorf("entry %d = %.60v, want a %s", i, got[i], want)
		}
	}
	wantEntryFault(t, "an entry that does not fit", got[3], -32001, "too long")
	wantEntryFault(t, "an entry without room", got[5], -32001, "too long")
	if ran != 3 {
		t.Errorf("big ran %d times, want 3: not when there is no room left", ran)
	}
	_, err := s.call(t, "test", strings.Repeat("x", 17000))
	wantFault(t, "a call with a long answer", err, -32001, "too long")
}
