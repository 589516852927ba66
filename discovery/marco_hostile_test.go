package discovery_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// A flood of replies, all different hosts as far as one can tell: the query
// ends with as many nodes or bytes as it may keep, and memory stays bounded.
func TestFindUnderAFloodOfReplies(t *testing.T) {
	large := `{"Command": "OK", "Params": {"x": "` + strings.Repeat("x", 3900) + `"}}`
	for _, c := range []struct {
		name  string
		reply string
		query discovery.Query
		want  int
	}{
		{"small ones", `{"Command": "OK", "Params": {}}`, discovery.Query{}, 4096},
		{"large ones", large, discovery.Query{}, (1<<20)/len(large) + 1},
		{"few bytes wanted", large, discovery.Query{MaxBytes: 10_000}, 3},
		{"fewer bytes than an answer", large, discovery.Query{MaxBytes: 1}, 1},
		{"more bytes than there may be", large, discovery.Query{MaxBytes: 1 << 40}, (1<<20)/len(large) + 1},
		{"too long", large + strings.Repeat(" ", 200), discovery.Query{}, 0},
		{"junk", "\xff{", discovery.Query{}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				flood(t, &n, c.reply, 20_000)
				before := heap()
				c.query.Service = "x"
				nodes := find(t, &n, c.query)
				if len(nodes) != c.want {
					t.Errorf("%d nodes, want %d", len(nodes), c.want)
				}
				if after := heap(); after > before+8<<20 {
					t.Errorf("heap grew from %d to %d bytes, want at most 8 MiB more", before, after)
				}
			})
		})
	}
}

// flood sends replies of many hosts to the first port of the network, when it
// is asked.
func flood(t *testing.T, n *network, reply string, times int) {
	conn := n.open("10.0.0.66", discovery.DefaultPort)
	conn.group = netip.AddrPortFrom(discovery.DefaultGroup(), discovery.DefaultPort)
	conn.Join(mem0)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, path, err := conn.ReadFrom(make([]byte, 100))
		for i := range times {
			if err != nil {
				return
			}
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 1337)
			n.send(datagram{data: reply, from: from, to: discovery.Path{Peer: path.Peer}})
			if i%500 == 0 {
				time.Sleep(time.Millisecond) // the socket of the asker holds 1000
			}
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
}

// D41: a late or forged reply finds no query that it could mix into: a socket
// that is closed, or a port that nobody knows.
func TestFindIgnoresLateReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		answerInTurn(t, &n, "10.0.0.200", okReply) // to the first query, after 200 ms
		find(t, &n, discovery.Query{Service: "x", Timeout: 100 * time.Millisecond})
		if nodes := find(t, &n, discovery.Query{Service: "x"}); len(nodes) != 0 {
			t.Errorf("Find = %v, want nobody", nodes)
		}
	})
}

// Replies that no Polo sends, D45 and 2.4.
func TestFindIgnoresWhatIsNoReply(t *testing.T) {
	for i, reply := range []string{
		"", "null", "[]", "1", `"OK"`, "{", `{"Command": "OK"} x`, "\ufeff" + okReply, "{\"Command\": \"OK\", \"Params\": {\"a\": \"\xff\"}}",
		`{"command": "OK"}`, `{"Command": "ok"}`, `{"Command": null}`, `{"Command": ["OK"]}`, `{"Params": {}}`,
		`{"Command": "Request-For", "Params": "x"}`, `{"Command": "Polo", "Params": {}}`, `{"Command": "OK", "Params": NaN}`,
		strings.Repeat("[", 4000), `{"Command": "OK", "Params": ` + strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 500),
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				answerWith(t, &n, "10.0.0.1", reply)
				answerWith(t, &n, "10.0.0.2", okReply)
				if got := addrs(find(t, &n, discovery.Query{Service: "x"})); got != "[10.0.0.2]" {
					t.Errorf("after %q Find = %s, want the other node alone", reply, got)
				}
			})
		})
	}
}

// D45: Params that are no object count as none.
func TestFindTakesOddParamsAsNone(t *testing.T) {
	for _, params := range []string{"null", "1", `"text"`, "[1]", "true"} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			answerWith(t, &n, "10.0.0.1", `{"Command": "OK", "Params": `+params+`}`)
			nodes := find(t, &n, discovery.Query{Service: "x", Params: map[string]any{"a": nil}})
			if len(nodes) != 1 || nodes[0].Params == nil || len(nodes[0].Params) != 0 {
				t.Errorf("Find with Params %s = %v, want a node without any", params, nodes)
			}
		})
	}
}
