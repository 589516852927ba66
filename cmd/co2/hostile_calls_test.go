package main_test

import (
	"fmt"
	"strings"
	"testing"
)

func methodNames() []hostile {
	var cases []hostile
	for _, name := range []string{
		"relay.Register", "PING", "Ping", "relay", "relay.", ".ping", "ping.", "relay..register", "relay/register", "String", "ServeHTTP", "__class__",
		"ping.__class__", "ping.__init__.__globals__", "constructor", "toString", "sys.exit", "os.system", "relay.roster.Remove", "Server.table",
		"relay.register\u200b", "\u00a0ping", "p\u0456ng", "\uff50ing", "ping\u0301", "ping(", "ping()", "ping;ls", "$(reboot)", "`id`", "../ping",
		"ping\nlevel=ERROR msg=forged", "ping&#10;time=2026-01-01T00:00:00Z level=ERROR msg=forged", "\u009b31mred", "\u202egnip", "\u2028ping", "%s%n%d", "\u0085",
		"ping\" level=ERROR msg=\"forged", "&lt;script&gt;", "co2.co2_get_method_name", "web.", "notify", "system.shutdown", "rpc.discover",
	} {
		cases = append(cases, hostile{"M1", fmt.Sprintf("method %.30q", name), calls(document(name)), "-32601 kept", ""})
	}
	for _, name := range []string{"String", "__proto__", "relay", "\u009b31mred", "ping\nmsg=forged"} {
		cases = append(cases,
			hostile{"M6", fmt.Sprintf("help for %.30q", name), calls(document("system.methodHelp", text(name))), "-32601 kept", ""},
			hostile{"M6", fmt.Sprintf("signature of %.30q", name), calls(document("system.methodSignature", text(name))), "-32601 kept", ""},
			hostile{"M1", fmt.Sprintf("call_method of %.30q", name), calls(document("call_method", members("method_name", text(name)))), "-32601 kept", ""})
	}
	return append(cases,
		hostile{"X16", "method in blanks", calls(document(" \n ping\t")), "OK kept", ""},
		hostile{"X8", "method in pieces", calls(document("p<!-- o -->i<?x?><![CDATA[n]]>&#103;")), "OK kept", ""},
		hostile{"M3", "call_method of itself", calls(document("call_method", members("method_name", text("web.method_call")))), "-32602 kept", ""},
	)
}

// entry is a call in a multicall.
func entry(name string, params ...string) string {
	return members("methodName", text(name), "params", list(params...))
}

// list is an array.
func list(items ...string) string {
	return "<value><array><data>" + strings.Join(items, "") + "</data></array></value>"
}

func multicalls() []hostile {
	multi := func(entries ...string) string { return document("system.multicall", list(entries...)) }
	pings := func(n int) string {
		return document("system.multicall", list(strings.Repeat(entry("ping"), n)))
	}
	recursive := func(how string) string {
		return "<int>-32600</int></value></member><member><name>faultString</name><value><string>" + how
	}
	const inside = "system.multicall cannot be called inside"
	return []hostile{
		{"L11", "1,000 entries", calls(pings(1000)), "result kept", ""},
		{"L11", "1,001 entries", calls(pings(1001)), "-32001 kept", "1000"},
		{"L11", "60,000 entries", makes(func() string { return document("system.multicall", list(strings.Repeat("<value/>", 60_000))) }), "-32001 kept", ""},
		{"M10", "no param", calls(document("system.multicall")), "-32602 kept", ""},
		{"M10", "two params", calls(document("system.multicall", list(), list())), "-32602 kept", ""},
		{"M10", "a struct", calls(document("system.multicall", members())), "-32602 kept", ""},
		{"M13", "entries of odd forms", calls(multi(number(1), list(), members(), members("methodName", number(1)), entry("ping"))), "result kept", text("OK")},
		{"M14", "in itself", calls(multi(entry("system.multicall", list(entry("ping"))))), "result kept", recursive(inside)},
		{"M14", "in itself through another name", calls(multi(entry("call_method", members("method_name", text("system.multicall"), "data", list(entry("ping")))))), "result kept", recursive(inside)},
		{"M14", "in itself through two names", calls(multi(entry("web.method_call", members("method_name", text("system.multicall"), "data", list(entry("call_method", members("method_name", text("system.multicall"), "data", list()))))))), "result kept", recursive(inside)},
		{"M14", "through another name", calls(document("call_method", members("method_name", text("system.multicall"), "data", list(entry("system.multicall", list()))))), "result kept", recursive(inside)},
		{"M16", "a thousand guesses", calls(document("system.multicall", list(strings.Repeat(entry("relay.deregister", hostID("10.9.8.7:6")), 1000)))), "result kept", "exceptions.KeyError"},
		{"L13", "a thousand faults that quote", makes(func() string {
			return document("system.multicall", list(strings.Repeat(entry(strings.Repeat("&lt;", 250)), 1000)))
		}), "result kept", "-32601"},
		{"L13", "answers that do not fit", calls(multi(strings.Repeat(entry("relay.get_satellite_props", hostID(fmt.Sprintf("127.0.0.1:%d", stuffedPort))), 1000))), "result kept", "<int>-32001</int>"},
		{"L13", "entries whose answers escaping makes too long", makes(func() string {
			return multi(entry("test", text(strings.Repeat(">", 7_900_000))), entry("ping"))
		}), "result kept", "<int>-32001</int>"},
		{"L5", "depth in an entry", makes(func() string {
			return strings.Replace(deep("<array><data><value>", 1), "test", "system.multicall", 1) + "<struct><member><name>params</name><value>" + strings.Repeat("<array><data><value>", 300_000)
		}), "-32001 kept", ""},
		{"M1", "entries with forged names", calls(multi(entry("ping</string></value></member>"))), "-32700 kept", ""},
	}
}

// stuffedPort is where a satellite says it is whose properties are as long as
// properties can be.
const stuffedPort = 4001

func stuffed(t *testing.T, relay *server) {
	t.Helper()
	plugins := list(strings.Repeat(text(strings.Repeat("&amp;", 256)), 256))
	value(t, post(t, relay, document("relay.register", members("port", number(stuffedPort), "nick", text("\u202e\" level=ERROR msg=\"x"), "plugins", plugins))))
}

// registrations lie about who they are. The address is the connection's (C1).
func registrations(relay *server) []hostile {
	var cases []hostile
	port := 4100
	for _, name := range []string{"host_id", "ip", "host", "url", "addr", "address", "path", "scheme", "called_address", "seen_address", "ctime", "state", "ping_count"} {
		port++
		lie := members("port", number(port), name, text(fmt.Sprintf("http://169.254.169.254:%d/RPC2", smugglersPort)))
		cases = append(cases, hostile{"C1", "member " + name, calls(document("relay.register", lie)), "result kept", text(fmt.Sprintf("127.0.0.1:%d", port))})
	}
	for _, field := range []string{"X-Forwarded-For: 10.1.2.3", "Forwarded: for=10.1.2.3", "X-Real-IP: 10.1.2.3", "Via: 1.1 a", "Client-IP: 10.1.2.3"} {
		port++
		cases = append(cases, hostile{"C1", field, raw(sized(field+"\r\n", document("relay.register", members("port", number(port))))), "result kept", text(fmt.Sprintf("127.0.0.1:%d", port))})
	}
	for _, bad := range []string{number(0), number(-1), number(65536), text("4666"), "<value><i8>4294971962</i8></value>", "<value><double>4666.0</double></value>", "<value><nil/></value>", list(number(smugglersPort)), "<value><boolean>1</boolean></value>"} {
		cases = append(cases, hostile{"C2", "port " + bad, calls(document("relay.register", members("port", bad))), "-32602 kept", ""})
	}
	for name, more := range map[string][]string{
		"nick on two lines":          {"nick", text("a\nlevel=ERROR msg=forged")},
		"nick with CSI":              {"nick", text("\u009b31mred")},
		"nick with a line separator": {"nick", text("a\u2028b")},
		"nick of 65 characters":      {"nick", text(strings.Repeat("a", 65))},
		"nick of 1 MiB":              {"nick", text(strings.Repeat("a", 1<<20))},
		"257 plugins":                {"plugins", list(strings.Repeat(text("a"), 257))},
		"plugin of 257 octets":       {"plugins", list(text(strings.Repeat("a", 257)))},
		"plugin on two lines":        {"plugins", list(text("a\nb"))},
		"notify_pass of 1 MiB":       {"notify_pass", text(strings.Repeat("a", 1<<20))},
		"notify_pass of a struct":    {"notify_pass", members()},
	} {
		cases = append(cases, hostile{"L21", name, calls(document("relay.register", members(append([]string{"port", number(smugglersPort)}, more...)...))), "-32602 kept", ""})
	}
	return append(cases,
		hostile{"S9", "port twice", calls(document("relay.register", members("port", number(4002), "port", number(smugglersPort)))), "-32600 kept", ""},
		hostile{"C2", "the relay's own port", calls(document("relay.register", members("port", "<value><int>"+strings.TrimPrefix(relay.addr(), "127.0.0.1:")+"</int></value>"))), "1 kept", "Co2RegistryError"},
		hostile{"S8", "port through a forged name", calls(document("relay.register", members("x</name><value/></member><member><name>port", number(smugglersPort), "y", ""))), "-32600 kept", ""},
		hostile{"M3", "two structs", calls(document("relay.register", members("port", number(smugglersPort)), members())), "-32602 kept", ""},
		hostile{"C1", "a message for somebody else", calls(document("relay.relay", members("host_id", text("10.9.8.7:6"), "data", number(1)))), "1 kept", "Co2RegistryError"},
	)
}
