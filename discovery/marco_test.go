package discovery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// find asks on mem0 from askerAddr unless q says otherwise.
func find(t *testing.T, n *network, q discovery.Query) []discovery.Node {
	t.Helper()
	if q.Open == nil {
		q.Open = n.asker(askerAddr)
	}
	if q.Interfaces == nil {
		q.Interfaces = []net.Interface{mem0}
	}
	nodes, err := discovery.Find(t.Context(), q)
	if err != nil {
		t.Fatalf("Find = %v", err)
	}
	return nodes
}

// answerWith runs a host that sends these replies to every request it hears.
func answerWith(t *testing.T, n *network, addr string, replies ...string) {
	t.Helper()
	conn := n.open(addr, discovery.DefaultPort)
	conn.group = netip.AddrPortFrom(discovery.DefaultGroup(), discovery.DefaultPort)
	conn.Join(mem0)
	answerOn(t, conn, replies...)
}

// answerOn sends these replies to every request that conn hears.
func answerOn(t *testing.T, conn *memConn, replies ...string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, discovery.MaxMessage)
		for {
			_, path, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, reply := range replies {
				conn.WriteTo([]byte(reply), discovery.Path{Peer: path.Peer})
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
}

func addrs(nodes []discovery.Node) string {
	list := []string{}
	for _, n := range nodes {
		list = append(list, n.Addr.String())
	}
	return fmt.Sprint(list)
}

const okReply = `{"Command": "OK", "Params": {"port": 9100, "color": true, "ratio": 1.50, "none": null, "tags": ["a", 1]}}`

// 3.1: marco and request_for, with the default wait.
func TestFindAndPolo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, nil)
		start := time.Now()
		nodes := find(t, &n, discovery.Query{})
		if len(nodes) != 1 || nodes[0].Addr.String() != poloAddr || nodes[0].Params["hostname"] != "polohost" {
			t.Errorf("Find = %v, want the Polo", nodes)
		}
		if took := time.Since(start); took != discovery.DefaultTimeout {
			t.Errorf("Find took %v, want %v", took, discovery.DefaultTimeout)
		}
		nodes = find(t, &n, discovery.Query{Service: "printer"})
		if len(nodes) != 1 || nodes[0].Params["port"] != json.Number("9100") || nodes[0].Params["color"] != true {
			t.Errorf("Find printer = %v, want the Polo with the service's params", nodes)
		}
		if nodes := find(t, &n, discovery.Query{Service: "scanner"}); len(nodes) != 0 {
			t.Errorf("Find scanner = %v, want nobody", nodes)
		}
		if nodes := find(t, &n, discovery.Query{Groups: groups("224.0.0.113")}); len(nodes) != 0 {
			t.Errorf("Find in another group = %v, want nobody", nodes)
		}
	})
}

// D50: retries send again, spread over the deadline.
func TestFindAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		start := time.Now()
		find(t, &n, discovery.Query{Timeout: 4 * time.Second, Retries: 3})
		sent := n.sentBy(askerAddr)
		if len(sent) != 4 || time.Since(start) != 4*time.Second {
			t.Fatalf("%d requests in %v, want 4 in 4 s", len(sent), time.Since(start))
		}
		for i, d := range sent {
			if d.at.Sub(start) != time.Duration(i)*time.Second || d.from != sent[0].from {
				t.Errorf("request %d after %v from %v", i, d.at.Sub(start), d.from)
			}
		}
	})
}

// D41: each query has a socket of its own, so late replies to another do not
// reach it; section 10: on a random port.
func TestFindUsesEveryInterfaceAndAFreshPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		q := discovery.Query{Service: "printer", Interfaces: []net.Interface{mem0, {Index: 1002, Name: "mem1"}}}
		find(t, &n, q)
		find(t, &n, q)
		sent := n.sentBy(askerAddr)
		if len(sent) != 4 || sent[0].to.Interface != 1001 || sent[1].to.Interface != 1002 {
			t.Fatalf("sent %+v, want each request on both interfaces", sent)
		}
		if sent[0].from == sent[2].from {
			t.Errorf("both queries came from %v, want a port for each", sent[0].from)
		}
		if sent[0].data != `{"Command": "Request-For", "Params": "printer"}` || sent[0].to.Peer.String() != "224.0.0.112:1337" {
			t.Errorf("sent %+v", sent[0])
		}
	})
}

// D40: one deadline from the moment of sending, at most 60 s, whatever drips in.
func TestFindOneDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		conn := n.open("10.0.0.7", discovery.DefaultPort)
		ctx, stop := context.WithCancel(t.Context())
		go func() { // a peer that drips replies at the first port of the network
			for ctx.Err() == nil {
				time.Sleep(300 * time.Millisecond)
				conn.WriteTo([]byte("junk"), discovery.Path{Peer: netip.MustParseAddrPort(askerAddr + ":40001")})
			}
		}()
		start := time.Now()
		find(t, &n, discovery.Query{})
		if took := time.Since(start); took != discovery.DefaultTimeout {
			t.Errorf("Find took %v, want %v", took, discovery.DefaultTimeout)
		}
		start = time.Now()
		find(t, &n, discovery.Query{Timeout: time.Hour})
		if took := time.Since(start); took != discovery.MaxTimeout {
			t.Errorf("Find for an hour took %v, want %v", took, discovery.MaxTimeout)
		}
		stop()
		time.Sleep(time.Second)
	})
}

// D42, D43, D44, D45: duplicates, exclude, max nodes, and replies that are none.
func TestFindChooses(t *testing.T) {
	for _, c := range []struct {
		name  string
		query discovery.Query
		want  string
	}{
		{"all, once each", discovery.Query{}, "[10.0.0.1 10.0.0.2 10.0.0.3]"},
		{"max nodes", discovery.Query{MaxNodes: 2}, "[10.0.0.1 10.0.0.2]"},
		{"exclude", discovery.Query{Exclude: []netip.Addr{netip.MustParseAddr("10.0.0.2")}}, "[10.0.0.1 10.0.0.3]"},
		{"exclude, mapped", discovery.Query{Exclude: []netip.Addr{netip.MustParseAddr("::ffff:10.0.0.1")}}, "[10.0.0.2 10.0.0.3]"},
		{"excluded ones do not count", discovery.Query{MaxNodes: 1, Exclude: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}, "[10.0.0.2]"},
		{"filter", discovery.Query{Params: map[string]any{"port": 9100}}, "[10.0.0.1 10.0.0.2]"},
		{"filtered ones do not count", discovery.Query{MaxNodes: 1, Params: map[string]any{"port": 1}}, "[10.0.0.3]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				answerInTurn(t, &n, "10.0.0.1", okReply, okReply)
				answerInTurn(t, &n, "10.0.0.2", "junk", okReply)
				answerInTurn(t, &n, "10.0.0.3", `{"Command":"Polo","Params":{}}`, `{"Command": "OK", "Params": {"port": 1}}`)
				c.query.Service = "printer"
				if got := addrs(find(t, &n, c.query)); got != c.want {
					t.Errorf("Find = %s, want %s", got, c.want)
				}
			})
		})
	}
}

// What several programs of a host offer under one id is all found, each once; a
// host is one node all the same, and hides no other with what it makes up.
func TestFindSeveralOffersOfAHost(t *testing.T) {
	offers := []string{`{"Command": "OK", "Params": {"port": 1}}`, `{"Command":"OK","Params":{"port":2}}`}
	many := []string{`{"Command":"OK","Params":{"port":1}}`}
	for i := range 100 {
		many = append(many, fmt.Sprintf(`{"Command":"OK","Params":{"port":%d}}`, i))
	}
	for _, c := range []struct {
		name    string
		query   discovery.Query
		replies []string
		want    string
	}{
		{"two", discovery.Query{Service: "x"}, offers, "[10.0.0.7 10.0.0.7]"},
		{"two, asked again", discovery.Query{Service: "x", Retries: 10}, offers, "[10.0.0.7 10.0.0.7]"},
		{"one of two", discovery.Query{Service: "x", MaxNodes: 1}, offers, "[10.0.0.7]"},
		{"filtered", discovery.Query{Service: "x", Params: map[string]any{"port": 2}}, offers, "[10.0.0.7]"},
		{"too many", discovery.Query{Service: "x"}, many, fmt.Sprint(slices.Repeat([]string{"10.0.0.7"}, 16))},
		{"nodes", discovery.Query{}, []string{poloReply, `{"Command":"Polo","Params":{}}`}, "[10.0.0.7]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				answerWith(t, &n, "10.0.0.7", c.replies...)
				if got := addrs(find(t, &n, c.query)); got != c.want {
					t.Errorf("Find = %s, want %s", got, c.want)
				}
			})
		})
	}
}

// answerInTurn is answerWith for several hosts, whose last byte is the delay
// of their replies in milliseconds.
func answerInTurn(t *testing.T, n *network, addr string, replies ...string) {
	t.Helper()
	from := netip.MustParseAddr(addr)
	delay := time.Duration(from.As4()[3]) * time.Millisecond
	conn := n.open(addr, discovery.DefaultPort)
	timer := time.AfterFunc(delay, func() {
		for _, reply := range replies {
			conn.WriteTo([]byte(reply), discovery.Path{Peer: netip.MustParseAddrPort(askerAddr + ":40001")})
		}
	})
	t.Cleanup(func() { timer.Stop() })
}

// 3.1: max_nodes ends the query.
func TestFindEndsEarlyWithEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		answerWith(t, &n, "10.0.0.1", okReply)
		start := time.Now()
		if nodes := find(t, &n, discovery.Query{Service: "x", MaxNodes: 1}); len(nodes) != 1 || time.Since(start) != 0 {
			t.Errorf("Find = %v after %v, want one node at once", nodes, time.Since(start))
		}
	})
}

// D51: equality of filters.
func TestFindFilter(t *testing.T) {
	type params = map[string]any
	for _, c := range []struct {
		name string
		want any // as name of the param, or several
		ok   bool
	}{
		{"port", 9100, true},
		{"port", 9100.0, true},
		{"port", json.Number("9.1e3"), true},
		{"port", json.Number("91000E-1"), true},
		{"port", json.Number("0.0091e+6"), true},
		{"port", 91000, false},
		{"port", -9100, false},
		{"port", "9100", false},
		{"port", json.Number("1e999999999"), false},
		{"port", json.Number("1e99999999999999999999"), false},
		{"port", nil, false},
		{"ratio", 1.5, true},
		{"ratio", 15, false},
		{"color", true, true},
		{"color", 1, false},
		{"color", "true", false},
		{"none", nil, true},
		{"none", 0, false},
		{"none", "", false},
		{"absent", nil, true},
		{"absent", false, false},
		{"tags", []any{"a", 1.0}, true},
		{"tags", []string{"a"}, false},
		{"tags", "a", false},
		{"port", []int{9100}, false},
		{"port", params{}, false},
		{"nested", params{"a": 1}, false},
	} {
		t.Run(fmt.Sprintf("%s=%v", c.name, c.want), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				answerWith(t, &n, "10.0.0.1", okReply)
				nodes := find(t, &n, discovery.Query{Service: "x", Params: params{c.name: c.want}})
				if got := len(nodes) == 1; got != c.ok {
					t.Errorf("Find with %s = %v (%T) matched: %t, want %t", c.name, c.want, c.want, got, c.ok)
				}
			})
		})
	}
}

func TestFindZeroEqualsMinusZero(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		answerWith(t, &n, "10.0.0.1", `{"Command": "OK", "Params": {"z": -0.00e7}}`)
		if nodes := find(t, &n, discovery.Query{Service: "x", Params: map[string]any{"z": 0}}); len(nodes) != 1 {
			t.Error("-0.00e7 did not match 0")
		}
	})
}

// 3.1: what a query cannot be.
func TestFindFails(t *testing.T) {
	broken := errors.New("network is down")
	var n network
	mute := func() (discovery.PacketConn, error) {
		c := n.open(askerAddr, 0)
		c.mute = broken
		return c, nil
	}
	for name, q := range map[string]discovery.Query{
		"no socket":            {Open: func() (discovery.PacketConn, error) { return nil, broken }},
		"nothing sent":         {Open: mute},
		"no group":             {Groups: groups("10.0.0.1")},
		"negative timeout":     {Timeout: -1},
		"negative retries":     {Retries: -1},
		"too many retries":     {Retries: discovery.MaxRetries + 1},
		"negative nodes":       {MaxNodes: -1},
		"service not UTF-8":    {Service: "\xff"},
		"too many groups":      {Groups: make([]netip.Addr, discovery.MaxGroups+1)},
		"one group wrong":      {Groups: groups("224.0.0.112", "10.0.0.1")},
		"strange command":      {Command: discovery.CommandPolo},
		"nodes of a service":   {Command: discovery.CommandMarco, Service: "x"},
		"services with params": {Command: discovery.CommandServices, Params: map[string]any{"a": 1}},
		"node is a group":      {Node: "224.0.0.112"},
		"node is everybody":    {Node: "255.255.255.255"},
		"node is nobody":       {Node: "0.0.0.0"},
		"node of IPv6":         {Node: "::1"},
		"node is no name":      {Node: "a b"},
		"params not JSON":      {Params: map[string]any{"f": func() {}}},
	} {
		q.Interfaces = []net.Interface{mem0}
		if nodes, err := discovery.Find(t.Context(), q); err == nil || len(nodes) != 0 {
			t.Errorf("%s: Find = %v, %v, want an error", name, nodes, err)
		}
	}
}

func TestFindEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		answerWith(t, &n, "10.0.0.1", okReply)
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer stop()
		start := time.Now()
		nodes, err := discovery.Find(ctx, discovery.Query{
			Service: "x", Open: n.asker(askerAddr), Interfaces: []net.Interface{mem0},
		})
		if !errors.Is(err, context.DeadlineExceeded) || len(nodes) != 1 || time.Since(start) != 100*time.Millisecond {
			t.Errorf("Find = %v, %v after %v, want one node and the context's error", nodes, err, time.Since(start))
		}
	})
}
