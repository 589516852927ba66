package main_test

import (
	"slices"
	"strings"
	"testing"
)

// The fault codes of xmlrpc.md section 6 that wrong input gets.
const (
	co2Error       = 1
	methodNotFound = -32601
	invalidParams  = -32602
	invalidRequest = -32600
)

// TestWrongInput gives every method what it cannot take. Each answers with
// its documented fault, whose text names the cause, and then goes on.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	relay := startRelayWithPolo(t)
	satellite := startSatellite(t, relay)
	e := listen(t, nil).register(t, relay)
	mine := hostID(e.hostID)
	unknown := hostID("10.9.8.7:6")
	queries := []string{"relay.get_satellite_props", "co2.get_satellite_props", "web.get_satellite_props", "co2.get_satellite",
		"relay.get_satellite_ctime", "co2.get_satellite_ctime", "web.get_satellite_ctime", "relay.get_satellite_props_raw"}
	explained := []string{"sys.methodHelp", "system.methodHelp", "co2.get_method_help", "web.get_method_help",
		"sys.methodSignature", "system.methodSignature", "co2.get_method_signature", "web.get_method_signature"}
	plain := []string{"relay.get_satellites", "co2.get_satellites", "web.get_satellites", "relay.get_num_satellites",
		"co2.get_num_satellites", "web.get_num_satellites", "relay.get_max_satellites", "co2.get_max_satellites", "web.get_max_satellites",
		"relay.get_limits", "co2.get_limits", "web.get_limits",
		"co2.get_properties", "sys.get_properties", "system.get_properties", "web.get_properties", "system.getCapabilities",
		"polo.list", "polo.reload", "polo.stats"}
	orders := []string{"relay.pause", "relay.resume", "relay.pin", "relay.unpin", "relay.remove"}
	ping := []string{"relay.send_ping"}
	named := []string{"polo.info", "polo.publish", "polo.unpublish"}
	callers := []string{"call_method", "method_call", "web.call_method", "web.method_call"}
	cases := []wrongInput{
		{to: relay, methods: []string{"relay.register"}, params: []string{members()}, code: invalidParams, says: `key "port": got nothing`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", text("2004"))}, code: invalidParams, says: `key "port": got string, want int`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(0))}, code: invalidParams, says: `key "port": got 0, want 1 to 65535`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(65536))}, code: invalidParams, says: `key "port": got 65536`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(9), "nick", number(1))}, code: invalidParams, says: `key "nick": got int, want string`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(9), "nick", text(strings.Repeat("ä", 65)))}, code: invalidParams, says: `key "nick": got 65 characters`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(9), "plugins", text("a.b"))}, code: invalidParams, says: `key "plugins": got string, want array`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(9), "plugins", list(number(1)))}, code: invalidParams, says: `key "plugins[0]": got int, want string`},
		{to: relay, methods: []string{"relay.register"}, params: []string{members("port", number(9), "notify_pass", members())}, code: invalidParams, says: `key "notify_pass": got struct`},
		{to: relay, methods: []string{"relay.relay"}, params: []string{members("data", number(1))}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: relay, methods: []string{"relay.relay"}, params: []string{mine}, code: invalidParams, says: `key "data": got nothing`},
		{to: relay, methods: []string{"relay.relay"}, params: []string{members("host_id", number(1), "data", number(1))}, code: invalidParams, says: `key "host_id": got int, want string`},
		{to: relay, methods: []string{"relay.relay"}, params: []string{members("host_id", text("10.9.8.7:6"), "data", number(1))}, code: co2Error, says: "registry.Co2RegistryError:10.9.8.7:6 is not registered"},
		{to: relay, methods: []string{"relay.relay"}, params: []string{members("host_id", text(e.hostID), "data", number(1))}, from: "127.0.0.2", code: co2Error, says: "registry.Co2RegistryError:127.0.0.2 may not send as " + e.hostID},
		{to: relay, methods: []string{"relay.relay"}, params: []string{members("host_id", text(e.hostID), "data", number(1), "hops", number(99))}, code: invalidParams, says: `key "hops": got 99`},
		{to: relay, methods: []string{"relay.deregister"}, params: []string{members()}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: relay, methods: []string{"relay.deregister"}, params: []string{unknown}, code: co2Error, says: "exceptions.KeyError:10.9.8.7:6 is not registered"},
		{to: relay, methods: []string{"relay.deregister"}, params: []string{mine}, from: "127.0.0.2", code: co2Error, says: "registry.Co2RegistryError:127.0.0.2 may not deregister " + e.hostID},
		{to: relay, methods: queries, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: queries, params: []string{members()}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: relay, methods: queries, params: []string{members("host_id", number(5))}, code: invalidParams, says: `key "host_id": got int, want string`},
		{to: relay, methods: queries, params: []string{text(e.hostID)}, code: invalidParams, says: "got string, want struct"},
		{to: relay, methods: queries, params: []string{unknown}, code: co2Error, says: "registry.Co2RegistryError:10.9.8.7:6 is not registered"},
		{to: relay, methods: orders, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: orders, params: []string{members("reason", text("why"))}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: relay, methods: orders, params: []string{members("host_id", text(e.hostID), "reason", text("a\tb"))}, code: invalidParams, says: `key "reason": got control characters`},
		{to: relay, methods: orders, params: []string{unknown}, code: co2Error, says: "10.9.8.7:6 is not registered"},
		{to: relay, methods: ping, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: ping, params: []string{members()}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: relay, methods: ping, params: []string{unknown}, code: co2Error, says: "exceptions.KeyError:10.9.8.7:6 is not registered"},
		{to: relay, methods: named, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: named, params: []string{members()}, code: invalidParams, says: `key "service": got nothing`},
		{to: relay, methods: named, params: []string{members("service", number(5))}, code: invalidParams, says: `key "service": got int, want string`},
		{to: relay, methods: []string{"polo.info"}, params: []string{service("nothing")}, code: co2Error, says: `no service "nothing" is known; polo.list lists them`},
		{to: relay, methods: []string{"polo.publish"}, params: []string{service("co2-relay")}, code: co2Error, says: "Service co2-relay already exists"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{service("")}, code: co2Error, says: "The name of the service  is invalid: Must be larger than 1"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{service("alice:printer")}, code: co2Error, says: "has the form of a user's service"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{service(strings.Repeat("ä", 31))}, code: co2Error, says: "31 characters, at most 30"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "params", text("b=c"))}, code: invalidParams, says: `key "params": got string, want struct`},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "params", members("b", members()))}, code: co2Error, says: `param "b"`},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "params", members("b", text(strings.Repeat("x", 5000))))}, code: co2Error, says: "4095"},
		{to: relay, methods: []string{"polo.publish", "polo.unpublish"}, params: []string{members("service", text("a"), "groups", text("224.0.0.112"))}, code: invalidParams, says: `key "groups": got string, want array`},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "groups", list(text("10.0.0.1")))}, code: co2Error, says: "Invalid multicast group address '10.0.0.1': IP is not of class D"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "groups", list(text("239.0.0.1")))}, code: co2Error, says: "The instance is not a member of this group"},
		{to: relay, methods: []string{"polo.publish"}, params: []string{members("service", text("a"), "permanent", number(1))}, code: invalidParams, says: `key "permanent": got int, want boolean`},
		{to: relay, methods: []string{"polo.unpublish"}, params: []string{service("nothing")}, code: co2Error, says: "Could not find service"},
		{to: relay, methods: []string{"polo.unpublish"}, params: []string{members("service", text("co2-relay"), "groups", list(text("239.0.0.1")))}, code: co2Error, says: "The group 239.0.0.1 is not available"},
		{to: relay, methods: plain, params: []string{number(1)}, code: invalidParams, says: "got int, want struct"},
		{to: relay, methods: explained, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: explained, params: []string{number(1)}, code: invalidParams, says: "got int, want string"},
		{to: relay, methods: explained, params: []string{members("name", text("ping"))}, code: invalidParams, says: `key "method_name": got nothing`},
		{to: relay, methods: explained, params: []string{text("relay.regster")}, code: methodNotFound, says: `"relay.regster"`},
		{to: relay, methods: callers, params: []string{members("data", number(1))}, code: invalidParams, says: `key "method_name": got nothing`},
		{to: relay, methods: callers, params: []string{members("method_name", number(1))}, code: invalidParams, says: `key "method_name": got int`},
		{to: relay, methods: callers, params: []string{members("method_name", text("nothing"))}, code: methodNotFound, says: `"nothing"`},
		{to: relay, methods: callers, params: []string{members("method_name", text("web.call_method"))}, code: invalidParams, says: "want another method"},
		{to: relay, methods: callers, params: []string{number(1)}, code: invalidParams, says: "got int, want struct"},
		{to: relay, methods: []string{"system.multicall"}, params: nil, code: invalidParams, says: "want 1 param"},
		{to: relay, methods: []string{"system.multicall"}, params: []string{members()}, code: invalidParams, says: "got struct, want array"},
		{to: relay, methods: []string{"ping", "web.ping"}, params: []string{members(), members()}, code: invalidParams, says: "got 2 params"},
		{to: relay, methods: []string{"relay", "relay.", "Ping", "relay.Register", "sys.exit", "notify"}, params: nil, code: methodNotFound, says: "no method"},
		{to: satellite, methods: []string{"notify"}, params: nil, code: invalidParams, says: "want 1 param"},
		{to: satellite, methods: []string{"notify"}, params: []string{members("data", number(1))}, code: invalidParams, says: `key "host_id": got nothing`},
		{to: satellite, methods: []string{"notify"}, params: []string{members("host_id", text("a"))}, code: invalidParams, says: `key "data": got nothing`},
		{to: satellite, methods: []string{"notify"}, params: []string{members("host_id", text("a"), "data", number(1))}, code: co2Error, says: "registry.Co2RegistryError:notify_pass is missing or wrong"},
		{to: satellite, methods: []string{"notify"}, params: []string{members("host_id", text("a"), "data", number(1), "notify_pass", members())}, code: invalidParams, says: `key "notify_pass": got struct`},
		{to: satellite, methods: []string{"relay.relay", "relay.register"}, params: []string{members()}, code: methodNotFound, says: "no method"},
	}
	for _, c := range append(cases, twoParams(t, relay)...) {
		c.check(t)
	}
	wantAllWronged(t, relay, cases, "sys.listMethods", "system.listMethods", "co2.get_method_names", "web.get_method_names", "test", "web.test")
	wantAllWronged(t, satellite, cases, "sys.listMethods", "system.listMethods", "co2.get_method_names", "web.get_method_names", "test", "web.test")
	if got := len(must[[]string](t, relay, "relay.get_satellites")); got != 2 {
		t.Errorf("%d satellites after all that, want 2", got)
	}
}

// A wrongInput is a call that has to fail.
type wrongInput struct {
	to      *server
	methods []string
	params  []string
	from    string
	code    int
	says    string
}

func (c wrongInput) check(t *testing.T) {
	t.Helper()
	for _, method := range c.methods {
		from := c.from
		if from == "" {
			from = "127.0.0.1"
		}
		code, text := fault(t, postFrom(t, from, c.to, document(method, c.params...)))
		if code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%s(%s) from %s = fault %d %q, want %d with %q", method, strings.Join(c.params, ", "), from, code, text, c.code, c.says)
		}
		if strings.ContainsAny(text, "\n\r") || len(text) > 512 || strings.Contains(text, ".go") {
			t.Errorf("%s: fault text %q, want one line of plain English", method, text)
		}
		if got := value(t, post(t, c.to, document("ping"))); got != "<value><string>OK</string></value>" {
			t.Errorf("ping after a wrong %s = %s", method, got)
		}
	}
}

func service(id string) string { return members("service", text(id)) }

// twoParams calls every listed method with two params. Only the lists of
// names ignore them.
func twoParams(t *testing.T, s *server) []wrongInput {
	var cases []wrongInput
	for _, name := range must[[]string](t, s, "sys.listMethods") {
		if strings.HasSuffix(name, "listMethods") || strings.HasSuffix(name, "get_method_names") {
			value(t, post(t, s, document(name, members(), members())))
			continue
		}
		cases = append(cases, wrongInput{to: s, methods: []string{name}, params: []string{members(), members()}, code: invalidParams, says: "got 2 params"})
	}
	return cases
}

// wantAllWronged fails for a listed method that no case is about, but for
// those that take anything.
func wantAllWronged(t *testing.T, s *server, cases []wrongInput, takeAnything ...string) {
	t.Helper()
	for _, name := range must[[]string](t, s, "sys.listMethods") {
		wronged := slices.ContainsFunc(cases, func(c wrongInput) bool { return slices.Contains(c.methods, name) })
		if !wronged && !slices.Contains(takeAnything, name) {
			t.Errorf("no case gives %s wrong input", name)
		}
	}
}

// TestMalformed sends what is no call at all.
func TestMalformed(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	for _, c := range []struct {
		doc  string
		code int
	}{
		{"", -32700},
		{"<methodCall>", -32700},
		{"<methodCall><methodName>ping</methodName></methodCall><x/>", -32700},
		{"<methodResponse><params></params></methodResponse>", invalidRequest},
		{"<methodCall><methodName></methodName></methodCall>", invalidRequest},
		{"<!DOCTYPE x [<!ENTITY e 'x'>]><methodCall><methodName>ping</methodName></methodCall>", invalidRequest},
		{document("test", "<value><int>1.5</int></value>"), invalidRequest},
		{document("test", "<value><int>1</int><int>2</int></value>"), invalidRequest},
		{document("test", strings.Repeat("<value><array><data>", 200)+strings.Repeat("</data></array></value>", 200)), -32001},
	} {
		if code, text := fault(t, post(t, relay, c.doc)); code != c.code {
			t.Errorf("%.80q = fault %d %q, want %d", c.doc, code, text, c.code)
		}
		if got := value(t, post(t, relay, document("ping"))); got != text("OK") {
			t.Errorf("ping after %.80q = %s", c.doc, got)
		}
	}
}
