package discovery_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// host is a host at addr that hears unicast and replies with the first of
// replies to the first request, and so on; an empty one is silence.
func host(t *testing.T, n *network, addr string, replies ...string) {
	t.Helper()
	conn := n.open(addr, discovery.DefaultPort)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, discovery.MaxMessage)
		for {
			_, path, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if len(replies) > 0 && replies[0] != "" {
				conn.WriteTo([]byte(replies[0]), discovery.Path{Peer: path.Peer})
			}
			replies = replies[min(1, len(replies)):]
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
}

// names is a resolver.
func names(list map[string][]netip.Addr) func(context.Context, string) ([]netip.Addr, error) {
	return func(_ context.Context, name string) ([]netip.Addr, error) {
		if addrs, ok := list[name]; ok {
			return addrs, nil
		}
		return nil, errors.New("no such host")
	}
}

// D46, 3.1: request_for and services ask one node by unicast, given by its
// address or its name; the query ends with its answer.
func TestFindAsksOneNode(t *testing.T) {
	known := names(map[string][]netip.Addr{
		"seven":  groups("10.0.0.7"),
		"both":   groups("10.0.0.6", "ff02::1", "10.0.0.7"),
		"mapped": groups("::ffff:10.0.0.7"),
		"none":   nil,
		"group":  groups("224.0.0.1"),
	})
	for _, c := range []struct {
		node, want, sent string
	}{
		{"10.0.0.7", "[10.0.0.7]", "[10.0.0.7:1337]"},
		{"::ffff:10.0.0.7", "[10.0.0.7]", "[10.0.0.7:1337]"},
		{"seven", "[10.0.0.7]", "[10.0.0.7:1337]"},
		{"mapped", "[10.0.0.7]", "[10.0.0.7:1337]"},
		{"both", "[10.0.0.7]", "[10.0.0.6:1337 10.0.0.7:1337]"},
		{"10.0.0.6", "[]", "[10.0.0.6:1337 10.0.0.6:1337 224.0.0.112:1337]"},
		{"none", "error", "[]"},
		{"group", "error", "[]"},
		{"unknown", "error", "[]"},
	} {
		t.Run(c.node, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				host(t, &n, "10.0.0.7", okReply)
				start := time.Now()
				nodes, err := discovery.Find(t.Context(), discovery.Query{
					Service: "x", Node: c.node, Open: n.asker(askerAddr), LookUp: known, MaxNodes: 5,
					Interfaces: []net.Interface{mem0},
				})
				got := addrs(nodes)
				if err != nil {
					got = "error"
				}
				if got != c.want {
					t.Errorf("Find at %s = %s, %v, want %s", c.node, got, err, c.want)
				}
				if took := time.Since(start); len(nodes) > 0 && took != 0 {
					t.Errorf("it took %v, want no time after the answer", took)
				}
				sent := []netip.AddrPort{}
				for _, d := range n.sentBy(askerAddr) {
					sent = append(sent, d.to.Peer)
				}
				if fmt.Sprint(sent) != c.sent {
					t.Errorf("it asked %v, want %s", sent, c.sent)
				}
			})
		})
	}
}

// 1 and D46: a Polo of the original does not hear unicast, and is found by
// multicast once about half of the time is over; what others answer then is not
// heard.
func TestFindAsksNodeOfTheOriginal(t *testing.T) {
	for retries, at := range map[int]int64{0: 500, 1: 500, 2: 333, 3: 500} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			answerWith(t, &n, "10.0.0.6", okReply)
			answerWith(t, &n, "10.0.0.7", okReply)
			start := time.Now()
			nodes := find(t, &n, discovery.Query{Service: "x", Node: "10.0.0.7", Retries: retries})
			if got := addrs(nodes); got != "[10.0.0.7]" || time.Since(start).Milliseconds() != at {
				t.Errorf("Find with %d retries = %s after %v, want the node after %d ms", retries, got, time.Since(start), at)
			}
		})
	}
}

// Section 10: who answers for a node that was asked is nobody else.
func TestFindHearsOnlyTheNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		other := n.open("10.0.0.66", 1337)
		time.AfterFunc(time.Millisecond, func() {
			other.WriteTo([]byte(okReply), discovery.Path{Peer: netip.MustParseAddrPort(askerAddr + ":40001")})
		})
		if nodes := find(t, &n, discovery.Query{Service: "x", Node: "10.0.0.7"}); len(nodes) != 0 {
			t.Errorf("Find = %v, want nobody", nodes)
		}
	})
}

// D50 for a node: asked again until it answers.
func TestFindAsksNodeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		host(t, &n, "10.0.0.7", "", "junk", okReply)
		start := time.Now()
		nodes := find(t, &n, discovery.Query{Service: "x", Node: "10.0.0.7", Retries: 3})
		if len(nodes) != 1 || time.Since(start) != 500*time.Millisecond {
			t.Errorf("Find = %v after %v, want the node at the third request", nodes, time.Since(start))
		}
	})
}

// D40: looking up a name has the query's time, and no more.
func TestFindLookUpHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		host(t, &n, "10.0.0.7", okReply)
		hang := func(ctx context.Context, _ string) ([]netip.Addr, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		slow := func(context.Context, string) ([]netip.Addr, error) {
			time.Sleep(900 * time.Millisecond)
			return groups("10.0.0.6"), nil
		}
		for _, c := range []struct {
			lookUp func(context.Context, string) ([]netip.Addr, error)
			fails  bool
		}{{hang, true}, {slow, false}} {
			start := time.Now()
			q := discovery.Query{Service: "x", Node: "name", LookUp: c.lookUp, Open: n.asker(askerAddr)}
			nodes, err := discovery.Find(t.Context(), q)
			if (err != nil) != c.fails || len(nodes) > 0 || time.Since(start) != discovery.DefaultTimeout {
				t.Errorf("Find = %v, %v after %v, want it to end in time", nodes, err, time.Since(start))
			}
		}
	})
}

// D52: several groups, each asked, merged by address.
func TestFindInSeveralGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		cfg := discovery.PoloConfig{Networks: anyone, Groups: discovery.DefaultGroups()}
		startPolo(t, &n, cfg, nil) // answers in both groups
		nodes := find(t, &n, discovery.Query{Service: "printer", Groups: discovery.DefaultGroups()})
		if got := addrs(nodes); got != "["+poloAddr+"]" {
			t.Errorf("Find = %s, want the node once", got)
		}
		var asked []string
		for _, d := range n.sentBy(askerAddr) {
			asked = append(asked, d.to.Peer.String())
		}
		if got := strings.Join(asked, " "); got != "224.0.0.112:1337 224.0.0.113:1337" {
			t.Errorf("asked %s, want each group", got)
		}
		if replies := len(n.sentBy(poloAddr)); replies != 2 {
			t.Errorf("%d replies, want one for each group", replies)
		}
	})
}

// 2.2: Discover is the early form of Marco and has the same answer.
func TestFindDiscover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, nil)
		nodes := find(t, &n, discovery.Query{Command: discovery.CommandDiscover})
		if len(nodes) != 1 || nodes[0].Params["hostname"] != "polohost" {
			t.Errorf("Find = %v, want the Polo", nodes)
		}
		if sent := n.sentBy(askerAddr); sent[0].data != `{"Command": "Discover"}` {
			t.Errorf("sent %q", sent[0].data)
		}
	})
}
