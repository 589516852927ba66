package binding_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

const (
	poloReply = `{"Command":"Polo","Params":{"hostname":"polohost"}}`
	okReply   = `{"Command": "OK", "Params": {"port": 9100, "color": true, "name": "\u00f1", "none": null}}`
)

// onGroup are Polos that answer both kinds of requests, the one with the
// higher last byte later.
func onGroup(group string, addrs ...string) []polo {
	var polos []polo
	for _, addr := range addrs {
		delay := time.Duration(netip.MustParseAddr(addr).As4()[3]) * time.Millisecond
		polos = append(polos, polo{addr, group, delay, []string{poloReply, okReply}})
	}
	return polos
}

// 3.2: what is answered to which request, and when; D40, D42 to D44, D46, D51
// and D52 through the door.
func TestMarcoDoorRequests(t *testing.T) {
	polos := onGroup("224.0.0.112", "10.0.0.1", "10.0.0.2", "10.0.0.2")
	polos = append(polos, onGroup("224.0.0.113", "10.0.0.2", "10.0.0.3")...)
	polos = append(polos, polo{"10.0.0.4", "", 4 * time.Millisecond, []string{okReply}})
	const all = "[10.0.0.1 10.0.0.2]"
	for _, c := range []struct {
		request, want string
		took          time.Duration // 0: within 20 ms
	}{
		{`{"Command": "Marco"}`, all, time.Second},
		{`{"Command": "Request-for", "Params": "printer"}`, all, time.Second},
		{`{"Command": "Request-For", "Params": "printer"}`, all, time.Second},
		{` {"Command": "Marco", "unknown": [1]} `, all, time.Second},
		// timeout
		{`{"Command": "Marco", "timeout": 250}`, all, 250 * time.Millisecond},
		{`{"Command": "Marco", "timeout": 250.5}`, all, 250500 * time.Microsecond},
		{`{"Command": "Marco", "timeout": 2.5e2}`, all, 250 * time.Millisecond},
		{`{"Command": "Marco", "timeout": 0}`, all, time.Second},
		{`{"Command": "Marco", "timeout": null}`, all, time.Second},
		{`{"Command": "Marco", "timeout": 1e9}`, all, time.Minute}, // D40
		{`{"Command": "Marco", "timeout": 1e999}`, all, time.Minute},
		{`{"Command": "Marco", "timeout": 0.0001}`, "[]", 0},
		// max_nodes
		{`{"Command": "Marco", "max_nodes": 1}`, "[10.0.0.1]", 0},
		{`{"Command": "Marco", "max_nodes": 2}`, all, 0},
		{`{"Command": "Marco", "max-nodes": 1}`, "[10.0.0.1]", 0}, // D44
		{`{"Command": "Marco", "max_nodes": null, "max-nodes": 1}`, "[10.0.0.1]", 0},
		{`{"Command": "Marco", "max_nodes": 0}`, all, time.Second},
		{`{"Command": "Marco", "max_nodes": null}`, all, time.Second},
		{`{"Command": "Marco", "max_nodes": 4294967295}`, all, time.Second}, // -1 as the C++ binding spells it
		// exclude, D43
		{`{"Command": "Marco", "exclude": ["10.0.0.1"], "max_nodes": 1}`, "[10.0.0.2]", 0},
		{`{"Command": "Marco", "exclude": [["10.0.0.2", 1337]]}`, "[10.0.0.1]", time.Second},
		{`{"Command": "Marco", "exclude": ["host", "", "::1"]}`, all, time.Second},
		{`{"Command": "Marco", "exclude": null}`, all, time.Second},
		// params, D51
		{`{"Command": "Request-for", "Params": "x", "params": {"port": 9.1e3, "color": true, "absent": null}}`, all, time.Second},
		{`{"Command": "Request-for", "Params": "x", "params": {"color": 1}}`, "[]", time.Second},
		{`{"Command": "Marco", "params": {"hostname": "polohost"}}`, all, time.Second},
		{`{"Command": "Marco", "params": {"hostname": "other"}}`, "[]", time.Second},
		{`{"Command": "Marco", "params": null}`, all, time.Second},
		// group, D46, D52
		{`{"Command": "Marco", "group": "224.0.0.113"}`, "[10.0.0.2 10.0.0.3]", time.Second},
		{`{"Command": "Request-for", "Params": "x", "group": "224.0.0.113"}`, "[10.0.0.2 10.0.0.3]", time.Second},
		{`{"Command": "Marco", "group": ["224.0.0.112", "224.0.0.113", "224.0.0.113"]}`, "[10.0.0.1 10.0.0.2 10.0.0.3]", time.Second},
		{`{"Command": "Marco", "group": "224.0.0.1"}`, "[]", time.Second},
		{`{"Command": "Marco", "group": null}`, all, time.Second},
		{`{"Command": "Marco", "group": ""}`, all, time.Second},
		{`{"Command": "Marco", "group": []}`, all, time.Second},
		// node, D46
		{`{"Command": "Request-for", "Params": "x", "node": "10.0.0.4"}`, "[10.0.0.4]", 0},
		{`{"Command": "Request-for", "Params": "x", "node": "four"}`, "[10.0.0.4]", 0},
		{`{"Command": "Request-for", "Params": "x", "node": "10.0.0.5", "timeout": 300}`, "[]", 300 * time.Millisecond},
		{`{"Command": "Request-for", "Params": "x", "node": "10.0.0.1"}`, "[10.0.0.1]", 501 * time.Millisecond}, // hears multicast alone
		{`{"Command": "Request-for", "Params": "x", "node": null}`, all, time.Second},
		{`{"Command": "Request-for", "Params": "x", "node": ""}`, all, time.Second},
		{`{"Command": "Request-for", "Params": "x", "node": "nowhere"}`, "[]", 0}, // D48
	} {
		t.Run(c.request, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := startMarco(t, binding.MarcoConfig{Query: discovery.Query{LookUp: resolve}}, polos...)
				answer, took := m.ask(c.request)
				if got := fmt.Sprint(m.list(answer)); got != c.want {
					t.Errorf("answer = %s, want %s", got, c.want)
				}
				if c.took == 0 && took > 20*time.Millisecond || c.took > 0 && took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}

func resolve(_ context.Context, name string) ([]netip.Addr, error) {
	if name == "four" {
		return []netip.Addr{netip.MustParseAddr("10.0.0.4")}, nil
	}
	return nil, errors.New("no such host")
}

// 3.2: the form of the list, and numbers as they were sent.
func TestMarcoDoorAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMarco(t, binding.MarcoConfig{}, onGroup("224.0.0.112", "10.0.0.1")...)
		for request, want := range map[string]string{
			`{"Command": "Marco"}`: `[{"Address": "10.0.0.1", "Params": {"hostname": "polohost"}}]`,
			`{"Command": "Request-for", "Params": "x"}`: `[{"Address": "10.0.0.1", "Params": ` +
				`{"color": true, "name": "\u00f1", "none": null, "port": 9100}}]`,
		} {
			if got, _ := m.ask(request); got != want {
				t.Errorf("to %s the door answered %s, want %s", request, got, want)
			}
		}
		if got, _ := m.ask(`{"Command": "Marco", "group": "224.0.0.1"}`); got != "[]" {
			t.Errorf("the door answered %s for nobody, want []", got)
		}
	})
}

// 3.2, D48: what is refused with an error, and what is met with silence.
func TestMarcoDoorRefusals(t *testing.T) {
	const refused = `{"Error": true}`
	long := func(n int) string { return `{"Command": "Marco", "x": "` + strings.Repeat("x", n) + `"}` }
	for request, want := range map[string]string{
		`{}`:                         refused,
		`{"Command": null}`:          refused,
		`{"Command": "Polo"}`:        refused,
		`{"Command": "marco"}`:       refused,
		`{"Command": "Discover"}`:    refused,
		`{"Command": 1}`:             refused,
		`{"command": "Marco"}`:       refused, // D20
		`{"Command": "Request-for"}`: refused,
		`{"Command": "Request-for", "Params": null}`:                                refused,
		`{"Command": "Request-for", "Params": 1}`:                                   refused,
		`{"Command": "Request-for", "Params": ""}`:                                  refused,
		`{"Command": "Request-for", "Params": "` + strings.Repeat("x", 4090) + `"}`: refused,
		`{"Command": "Request-for", "Params": "x", "node": 1}`:                      refused,
		`{"Command": "Marco", "timeout": "1000"}`:                                   refused,
		`{"Command": "Marco", "timeout": -1}`:                                       refused,
		`{"Command": "Marco", "timeout": true}`:                                     refused,
		`{"Command": "Marco", "max_nodes": 1.5}`:                                    refused,
		`{"Command": "Marco", "max_nodes": -1}`:                                     refused,
		`{"Command": "Marco", "max_nodes": "1"}`:                                    refused,
		`{"Command": "Marco", "exclude": "10.0.0.1"}`:                               refused,
		`{"Command": "Marco", "exclude": [1]}`:                                      refused,
		`{"Command": "Marco", "exclude": [[]]}`:                                     refused,
		`{"Command": "Marco", "params": []}`:                                        refused,
		`{"Command": "Marco", "group": "10.0.0.1"}`:                                 refused,
		`{"Command": "Marco", "group": "group"}`:                                    refused,
		`{"Command": "Marco", "group": [1]}`:                                        refused,
		`{"Command": "Marco", "group": ["224.0.0.1", ""]}`:                          refused,
		`{"Command": "Marco", "group": {}}`:                                         refused,
		`{"Command": "Marco", "retries": -1}`:                                       refused,
		`{"Command": "Services"}`:                                                   refused,
		`{"Command": "Services", "node": ""}`:                                       refused,
		`{"Command": "Services", "node": null}`:                                     refused,
		long(8192 - len(long(0)) + 1):                                               "",
		"":                                                                          "",
		"\x00":                                                                      "",
		"null":                                                                      "",
		"[]":                                                                        "",
		`"Marco"`:                                                                   "",
		`{"Command": "Marco"`:                                                       "",
		`{"Command": "Marco"} x`:                                                    "",
		"\ufeff{\"Command\": \"Marco\"}":                                            "",
		"{\"Command\": \"Marco\xff\"}":                                              "",
		`{"Command": NaN}`:                                                          "",
		strings.Repeat("[", 8000):                                                   "",
		`{"Error": true}`:                                                           "", // lest doors talk to each other
		long(8192 - len(long(0))):                                                   "[]",
	} {
		t.Run(fmt.Sprintf("%.60s", request), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := startMarco(t, binding.MarcoConfig{})
				if got, took := m.ask(request); got != want || want == refused && took > 0 {
					t.Errorf("to %.100q the door answered %q after %v, want %q", request, got, took, want)
				}
				s := m.door.Stats()
				if s.Answered+s.Refused+s.Ignored != 1 || (s.Refused == 1) != (want == refused) || (s.Ignored == 1) != (want == "") {
					t.Errorf("Stats = %+v", s)
				}
			})
		})
	}
}

// D47: services of a node, from either key, and [] if it does not answer, as
// no Polo of the original does.
func TestMarcoDoorServices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const list = `[{"id":"a","params":{"n":1.50}},{"id":"b"}]`
		m := startMarco(t, binding.MarcoConfig{Query: discovery.Query{LookUp: resolve}},
			polo{"10.0.0.1", "", 0, []string{`{"Command":"OK","Params":` + list + `}`}},
			polo{"10.0.0.4", "", 0, []string{`junk`, `{"Command":"OK","Services":` + list + `,"Truncated":true}`}},
		)
		const want = `[{"id": "a", "params": {"n": 1.50}}, {"id": "b", "params": {}}]`
		for request, want := range map[string]string{
			`{"Command": "Services", "node": "10.0.0.1"}`:                                  want,
			`{"Command": "Services", "node": "four", "timeout": null}`:                     want,
			`{"Command": "Services", "node": "10.0.0.9", "timeout": 50}`:                   "[]",
			`{"Command": "Services", "node": "nowhere"}`:                                   "[]",
			`{"Command": "Services", "node": "224.0.0.112"}`:                               "[]",
			`{"Command": "Services", "node": "10.0.0.1", "params": {"a": 1}, "timeout":0}`: want,
		} {
			if got, _ := m.ask(request); got != want {
				t.Errorf("to %s the door answered %s, want %s", request, got, want)
			}
		}
		for _, r := range m.lan.requests() {
			if r.data != `{"Command": "Services"}` || r.to.Addr().IsMulticast() {
				t.Errorf("the door sent %+v, want unicast", r)
			}
		}
	})
}

// D49: the longest prefix below 4096 bytes, 2048 for the Java binding.
func TestMarcoDoorCutsAnswers(t *testing.T) {
	var polos []polo
	for i := range 120 {
		polos = append(polos, onGroup("224.0.0.112", fmt.Sprintf("10.0.0.%d", i+1))...)
	}
	for request, limit := range map[string]int{
		`{"Command": "Marco"}`:                    4095,
		`{"Command": "Marco", "max-nodes": null}`: 2047,
		`{"Command":"Marco","max_nodes":0,"exclude":[],"timeout":1000,"group":"224.0.0.112"}`: 2047,
	} {
		synctest.Test(t, func(t *testing.T) {
			m := startMarco(t, binding.MarcoConfig{}, polos...)
			answer, _ := m.ask(request)
			got := m.list(answer)
			for i, addr := range got {
				if addr != fmt.Sprintf("10.0.0.%d", i+1) {
					t.Fatalf("node %d is %s, want a prefix of all", i, addr)
				}
			}
			more := len(fmt.Sprintf(`, {"Address": "10.0.0.%d", "Params": {"hostname": "polohost"}}`, len(got)+1))
			if len(answer) > limit || len(answer)+more <= limit {
				t.Errorf("%s: %d bytes, and %d for one more, want at most %d", request, len(answer), more, limit)
			}
		})
	}
}

// D49: one node whose params alone are too long does not cost the others.
func TestMarcoDoorPassesOverWhatNeverFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		huge := `{"Command":"OK","Params":{"x":"` + strings.Repeat("x", 4050) + `"}}`
		m := startMarco(t, binding.MarcoConfig{}, append(
			[]polo{{"10.0.0.9", "224.0.0.112", 0, []string{huge}}}, onGroup("224.0.0.112", "10.0.0.1")...)...)
		answer, _ := m.ask(`{"Command": "Request-for", "Params": "x"}`)
		if got := fmt.Sprint(m.list(answer)); got != "[10.0.0.1]" {
			t.Errorf("answer = %s, want the node that fits", got)
		}
	})
}

// 3.2: the C++ binding breaks off at params that are not text.
func TestMarcoDoorGivesTheCPPBindingTexts(t *testing.T) {
	const mixed, texts = `{"color": true, "name": "\u00f1", "none": null, "port": 9100}`,
		`{"color": "true", "name": "\u00f1", "none": "null", "port": "9100"}`
	for request, want := range map[string]string{
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":[],"timeout":1000,"group":"224.0.0.112"}`:                   texts,
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":[],"params":{},"timeout":1000,"group":"224.0.0.112"}`:       mixed,
		`{"Command": "Request-for", "Params": "x", "max_nodes": 0, "exclude": [], "timeout": 1000, "group": "224.0.0.112"}`:        mixed,
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":["10.0.0.9"],"timeout":1000,"group":"224.0.0.112"}`:         mixed,
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":[]}`:                                                        mixed,
		`{"Command":"Request-for","Params":"x","max_nodes":4294967295,"exclude":[],"timeout":1000,"group":"224.0.0.112"}`:          texts,
		`{"Command":"Request-for","Params":"x","max_nodes":0,"exclude":[],"timeout":1000,"group":"224.0.0.112","node":"10.0.0.1"}`: mixed,
	} {
		synctest.Test(t, func(t *testing.T) {
			m := startMarco(t, binding.MarcoConfig{}, append(onGroup("224.0.0.112", "10.0.0.1"), onGroup("", "10.0.0.1")...)...)
			if got, _ := m.ask(request); got != `[{"Address": "10.0.0.1", "Params": `+want+`}]` {
				t.Errorf("to %s the door answered %s, want Params %s", request, got, want)
			}
		})
	}
}

// D50: retries, of the request or the door's own, are spread over the time.
func TestMarcoDoorAsksAgain(t *testing.T) {
	for request, want := range map[string]int{
		`{"Command": "Marco"}`:                  2,
		`{"Command": "Marco", "retries": 0}`:    1,
		`{"Command": "Marco", "retries": 4}`:    5,
		`{"Command": "Marco", "retries": 1000}`: 11,
		`{"Command": "Marco", "retries": null}`: 2,
	} {
		synctest.Test(t, func(t *testing.T) {
			m := startMarco(t, binding.MarcoConfig{Query: discovery.Query{Retries: 1}})
			start := time.Now()
			m.ask(request)
			sent := m.lan.requests()
			if len(sent) != want {
				t.Fatalf("to %s the door asked %d times, want %d", request, len(sent), want)
			}
			for i, r := range sent {
				if at := time.Second * time.Duration(i) / time.Duration(want); r.at.Sub(start) != at {
					t.Errorf("request %d after %v, want %v", i, r.at.Sub(start), at)
				}
			}
		})
	}
}

// D40: the timeout of one request does not stick, and what the door is told
// anew counts from then on.
func TestMarcoDoorDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMarco(t, binding.MarcoConfig{Query: discovery.Query{Timeout: 300 * time.Millisecond}},
			onGroup("224.0.0.113", "10.0.0.1")...)
		took := func(request string) time.Duration {
			_, took := m.ask(request)
			return took
		}
		const plain = `{"Command": "Marco"}`
		if a, b, c := took(plain), took(`{"Command": "Marco", "timeout": 50}`), took(plain); a != c || a != 300*time.Millisecond || b != 50*time.Millisecond {
			t.Errorf("took %v, %v, %v, want 300, 50 and 300 ms", a, b, c)
		}
		m.door.SetQuery(discovery.Query{
			Timeout: 70 * time.Millisecond, Groups: []netip.Addr{netip.MustParseAddr("224.0.0.113")}, Open: m.lan.asker,
		})
		answer, last := m.ask(plain)
		if got := fmt.Sprint(m.list(answer)); got != "[10.0.0.1]" || last != 70*time.Millisecond {
			t.Errorf("after SetQuery %s in %v, want the node in 70 ms", got, last)
		}
	})
}

// 3.2, D41: queries of several clients at once do not mix.
func TestMarcoDoorKeepsClientsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMarco(t, binding.MarcoConfig{},
			append(onGroup("224.0.0.112", "10.0.0.1"), onGroup("224.0.0.113", "10.0.0.2")...)...)
		for i := range 100 {
			from := netip.AddrPortFrom(client.Addr(), uint16(50000+i))
			m.send(fmt.Sprintf(`{"Command": "Marco", "group": "224.0.0.11%d"}`, 2+i%2), from)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		got := m.sock.answers()
		if len(got) != 100 {
			t.Fatalf("%d answers, want 100", len(got))
		}
		for _, a := range got {
			want := fmt.Sprintf("[10.0.0.%d]", 1+(a.to.Port()-50000)%2)
			if list := fmt.Sprint(m.list(a.data)); list != want {
				t.Errorf("client %v has %s, want %s", a.to, list, want)
			}
		}
	})
}

// The door takes part of a storm, the rest is as if lost on the way; one
// client leaves room for the others.
func TestMarcoDoorUnderAStormOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMarco(t, binding.MarcoConfig{Queries: 40}, onGroup("224.0.0.112", "10.0.0.1")...)
		for range 10_000 {
			m.sock.in <- heard{`{"Command": "Marco"}`, client}
		}
		synctest.Wait()
		if m.lan.most != 16 {
			t.Errorf("%d queries of one client at once, want 16", m.lan.most)
		}
		other := netip.MustParseAddrPort("127.0.0.1:50001")
		m.send(`{"Command": "Marco"}`, other)
		for i := range 10_000 {
			m.sock.in <- heard{`{"Command": "Marco"}`, netip.AddrPortFrom(client.Addr(), uint16(1000+i))}
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if m.lan.most != 40 {
			t.Errorf("%d queries at once, want 40", m.lan.most)
		}
		served := 0
		for _, a := range m.sock.answers() {
			if a.to == other {
				served++
			}
		}
		if s := m.door.Stats(); served != 1 || s.Answered != 40 || s.Dropped != 20_001-40 {
			t.Errorf("the other client has %d answers, stats %+v", served, s)
		}
		if answer, _ := m.ask(`{"Command": "Marco"}`); fmt.Sprint(m.list(answer)) != "[10.0.0.1]" {
			t.Errorf("after the storm the door answered %s", answer)
		}
	})
}

// Section 10: only programs of this host are answered, or of networks allowed.
func TestMarcoDoorAnswersItsHost(t *testing.T) {
	for from, want := range map[string]bool{
		"127.0.0.1:50000": true, "127.0.1.1:50000": true, "127.9.9.9:1": true,
		"127.0.0.1:0": false, "203.0.113.7:50000": false, "224.0.0.1:50000": false, "0.0.0.0:50000": false,
		"127.0.1.1:1338": false, "192.0.2.9:50000": true, "192.0.3.9:50000": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			m := startMarco(t, binding.MarcoConfig{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
			m.send(`{"Command": "none"}`, netip.MustParseAddrPort(from))
			if got := len(m.sock.answers()) == 1; got != want {
				t.Errorf("answered %s: %t, want %t", from, got, want)
			}
		})
	}
}

// A flood of replies to each of many queries costs bounded memory.
func TestMarcoDoorUnderAFloodOfReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := `{"Command":"Polo","Params":{` + strings.Repeat(`"":1,`, 600) + `"a":1}}`
		var polos []polo
		for i := range 1000 {
			polos = append(polos, polo{fmt.Sprintf("10.1.%d.%d", i/250, i%250), "224.0.0.112", 0, []string{large}})
		}
		m := startMarco(t, binding.MarcoConfig{}, polos...)
		answer, took := m.ask(`{"Command": "Marco", "timeout": 30000}`)
		if n := len(m.list(answer)); n == 0 || took > time.Second {
			t.Errorf("%d nodes after %v, want some as soon as the answer is full", n, took)
		}
	})
}

func TestMarcoDoorFails(t *testing.T) {
	broken := errors.New("address already in use")
	door := binding.NewMarcoDoor(binding.MarcoConfig{
		Listen: func(addr netip.AddrPort) (binding.MarcoSocket, error) {
			if addr != binding.DefaultMarcoAddr() {
				t.Errorf("listens on %v", addr)
			}
			return nil, broken
		},
	}, nil)
	if err := door.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Run = %v, want %v", err, broken)
	}
	synctest.Test(t, func(t *testing.T) {
		sock := &local{in: make(chan heard), closed: make(chan struct{})}
		door := binding.NewMarcoDoor(binding.MarcoConfig{
			Listen: func(netip.AddrPort) (binding.MarcoSocket, error) { return sock, nil },
		}, nil)
		done := make(chan error)
		go func() { done <- door.Run(t.Context()) }()
		synctest.Wait()
		sock.Close() // as if the network had failed
		if err := <-done; err == nil {
			t.Error("Run with a broken socket = nil, want an error")
		}
	})
}

// A door that stops leaves no query behind.
func TestMarcoDoorStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := startMarco(t, binding.MarcoConfig{}) // its cleanup waits for Run, and the bubble for all that Run left
		m.send(`{"Command": "Marco", "timeout": 60000}`, client)
		if got := m.lan.open; got != 1 {
			t.Errorf("%d queries, want 1", got)
		}
		t.Cleanup(func() {
			if n := len(m.sock.answers()); n != 0 {
				t.Errorf("%d answers, want none", n)
			}
		})
	})
}
