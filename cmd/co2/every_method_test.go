package main_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	kolo "github.com/kolo/xmlrpc"
)

// TestEveryNameIsExplained asks help and both signatures for every name that
// a server lists, over HTTP.
func TestEveryNameIsExplained(t *testing.T) {
	t.Parallel()
	relay := startRelayWithPolo(t)
	for kind, s := range map[string]*server{"relay": relay, "satellite": startSatellite(t, relay)} {
		names := must[[]string](t, s, "sys.listMethods")
		if !slices.IsSorted(names) || len(names) < 20 {
			t.Errorf("%s: sys.listMethods = %q, want many names, sorted", kind, names)
		}
		for _, name := range names {
			explained(t, s, name)
		}
	}
}

// A co2Signature is co2's struct with what we add.
type co2Signature struct {
	Args   []string  `xmlrpc:"args"`
	ArgsD  structure `xmlrpc:"args_d"`
	ArgsV  []any     `xmlrpc:"args_v"`
	ArgsKW []any     `xmlrpc:"args_kw"`
	Params []any     `xmlrpc:"params"`
	Result structure `xmlrpc:"result"`
}

func explained(t *testing.T, s *server, name string) {
	t.Helper()
	if help := must[string](t, s, "sys.methodHelp", name); len(help) < 10 {
		t.Errorf("help of %s is %q", name, help)
	}
	for _, ask := range []string{"sys.methodSignature", "co2.get_method_signature", "web.get_method_signature"} {
		sig := must[co2Signature](t, s, ask, name)
		if oneArg := len(sig.Args) == 1 || strings.HasPrefix(name, "validator1."); !oneArg || len(sig.ArgsV)+len(sig.ArgsKW) != 0 || sig.Result["type"] == "" {
			t.Errorf("%s(%s) = %+v, want one argument and a result", ask, name, sig)
		}
	}
	general := must[[][]string](t, s, "system.methodSignature", name)
	if len(general) == 0 {
		t.Errorf("system.methodSignature(%s) is empty", name)
	}
	types := []string{"int", "i8", "boolean", "string", "double", "dateTime.iso8601", "base64", "array", "struct", "nil", "undef"}
	for _, way := range general {
		for _, name := range way {
			if !slices.Contains(types, name) {
				t.Errorf("system.methodSignature(%s) = %q, with a type that is none", name, general)
			}
		}
	}
}

// TestKoloCallsEveryMethod drives every listed method of relay and satellite
// with kolo's own client.
func TestKoloCallsEveryMethod(t *testing.T) {
	t.Parallel()
	relay := startRelayWithPolo(t)
	t.Run("relay", func(t *testing.T) { koloDrives(t, relay, listen(t, nil).port) })
	t.Run("satellite", func(t *testing.T) { koloDrives(t, startSatellite(t, relay), 0) })
}

func koloDrives(t *testing.T, s *server, port int) {
	client := koloClient(t, s)
	id := ""
	if port != 0 {
		if err := client.Call("relay.register", structure{"port": port, "nick": "kolo"}, &id); err != nil {
			t.Fatal(err)
		}
		var other string
		if err := client.Call("relay.register", structure{"port": 1}, &other); err != nil || other != "127.0.0.1:1" {
			t.Fatalf("relay.register = %q, %v", other, err)
		}
	}
	calls := koloCalls(id, port)
	for _, name := range deregisterLast(must[[]string](t, s, "sys.listMethods")) {
		operation := name[strings.LastIndex(name, ".")+1:]
		c, known := calls[operation]
		if !known {
			t.Errorf("%s is listed, and this test has no call for it", name)
			continue
		}
		var answer any
		err := client.Call(name, c.params, &answer)
		if operation == "notify" && err != nil { // only the relay has the password
			if !strings.Contains(err.Error(), "Fault(1): registry.Co2RegistryError:notify_pass") {
				t.Errorf("notify: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !c.right(answer) {
			t.Errorf("%s = %#v", name, answer)
		}
	}
}

func koloClient(t *testing.T, s *server) *kolo.Client {
	t.Helper()
	client, err := kolo.NewClient(s.url+"/RPC2", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func deregisterLast(names []string) []string {
	at := slices.Index(names, "relay.deregister")
	if at < 0 {
		return names
	}
	return append(slices.Delete(names, at, at+1), "relay.deregister")
}

// A koloCall is how kolo calls an operation. Params are spread when they are
// a []any.
type koloCall struct {
	params any
	right  func(answer any) bool
}

func koloCalls(id string, port int) map[string]koloCall {
	is := func(want any) func(any) bool {
		return func(got any) bool { return reflect.DeepEqual(got, want) }
	}
	isOK := is("OK")
	has := func(keys ...string) func(any) bool {
		return func(got any) bool {
			m, ok := got.(structure)
			return ok && !slices.ContainsFunc(keys, func(k string) bool { _, there := m[k]; return !there })
		}
	}
	lists := func(item string) func(any) bool {
		return func(got any) bool {
			items, ok := got.([]any)
			return ok && slices.Contains(items, any(item))
		}
	}
	holds := func(part string) func(any) bool {
		return func(got any) bool { return strings.Contains(fmt.Sprint(got), part) }
	}
	counts := func(got any) bool { n, ok := got.(int64); return ok && n > 0 }
	props := func(got any) bool {
		return has("addr", "ping_avg", "recv_count")(got) && got.(structure)["host_id"] == id
	}
	me := structure{"host_id": id}
	return map[string]koloCall{
		"ping":                    {nil, isOK},
		"test":                    {structure{"n": 1}, is(structure{"n": int64(1)})},
		"call_method":             {structure{"method_name": "test", "data": 1.5}, is(1.5)},
		"method_call":             {structure{"method_name": "ping"}, isOK},
		"listMethods":             {nil, lists("ping")},
		"get_method_names":        {nil, lists("ping")},
		"methodHelp":              {"ping", holds("alive")},
		"get_method_help":         {"ping", holds("alive")},
		"methodSignature":         {"ping", func(got any) bool { return has("args")(got) || holds("string")(got) }},
		"get_method_signature":    {"ping", has("args", "args_d", "args_v", "args_kw")},
		"get_properties":          {nil, has("co2_version", "uptime", "server_time")},
		"multicall":               {[]any{[]any{structure{"methodName": "ping"}}}, is([]any{[]any{"OK"}})},
		"getCapabilities":         {nil, has("xmlrpc", "nil")},
		"register":                {structure{"port": port, "nick": "kolo", "plugins": []string{"a.b"}, "notify_pass": 5}, is(id)},
		"relay":                   {structure{"host_id": id, "data": structure{"tempo": 120}}, isOK},
		"deregister":              {me, isOK},
		"pause":                   {structure{"host_id": id, "reason": "to see"}, isOK},
		"resume":                  {me, isOK},
		"pin":                     {me, isOK},
		"unpin":                   {me, isOK},
		"send_ping":               {me, isOK},
		"remove":                  {structure{"host_id": "127.0.0.1:1"}, isOK},
		"get_max_satellites":      {nil, counts},
		"get_limits":              {nil, has("satellites", "queue", "outbox", "data", "memory")},
		"get_num_satellites":      {nil, counts},
		"get_satellites":          {nil, lists(id)},
		"get_satellite_props":     {me, props},
		"get_satellite":           {me, props},
		"get_satellite_props_raw": {me, props},
		"get_satellite_ctime":     {me, func(got any) bool { s, ok := got.(float64); return ok && s > 1e9 }},
		"info":                    {structure{"service": "co2-relay"}, has("id", "params", "groups", "static")},
		"list":                    {nil, holds("co2-relay")},
		"publish":                 {structure{"service": "printer", "params": structure{"port": 9100}}, is("printer")},
		"reload":                  {nil, isOK},
		"stats":                   {nil, has("requests", "answered", "groups", "trouble")},
		"unpublish":               {structure{"service": "printer"}, isOK},
		"notify":                  {structure{"host_id": id, "data": 1}, func(any) bool { return false }},
	}
}

// TestPythonCallsEveryMethod does the same with Python's own client.
func TestPythonCallsEveryMethod(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	relay := startRelayWithPolo(t)
	for kind, c := range map[string]struct {
		s    *server
		port int
	}{"relay": {relay, listen(t, nil).port}, "satellite": {startSatellite(t, relay), 0}} {
		args := []string{clients + "every_method.py", c.s.url}
		if c.port != 0 {
			args = append(args, strconv.Itoa(c.port))
		}
		called := strings.Fields(runProgram(t, cleanEnv(t), "", python, args...).ok(t).out)
		slices.Sort(called)
		if want := must[[]string](t, c.s, "sys.listMethods"); !slices.Equal(called, want) {
			t.Errorf("%s: python called %q, want %q", kind, called, want)
		}
	}
}
