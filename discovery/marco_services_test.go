package discovery_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

func ids(services []discovery.Service) string {
	list := []string{}
	for _, s := range services {
		list = append(list, s.ID)
	}
	return fmt.Sprint(list)
}

// D1, D47: the list of a node's services is taken from Params or Services, and
// that it was cut is passed on.
func TestFindServices(t *testing.T) {
	for name, c := range map[string]struct {
		reply, want string
		truncated   bool
	}{
		"both":          {`{"Command":"OK","Params":[{"id":"a","params":{"n":1}},{"id":"b"}],"Services":[{"id":"a","params":{"n":1}},{"id":"b"}]}`, "[a b]", false},
		"Params":        {`{"Command":"OK","Params":[{"id":"a","params":{}}]}`, "[a]", false},
		"Services":      {`{"Command":"OK","Services":[{"id":"b","params":{}}]}`, "[b]", false},
		"truncated":     {`{"Command":"OK","Params":[{"id":"a","params":{}}],"Truncated":true}`, "[a]", true},
		"empty":         {`{"Command":"OK","Params":[]}`, "[]", false},
		"odd entries":   {`{"Command":"OK","Params":[1,null,{"id":2},{"id":"a","params":[]}]}`, "[a]", false},
		"no list":       {`{"Command":"OK","Params":{}}`, "none", false},
		"other command": {`{"Command":"Polo","Params":[{"id":"a"}]}`, "none", false},
		"error":         {`{"Error":true}`, "none", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				host(t, &n, "10.0.0.7", c.reply)
				nodes := find(t, &n, discovery.Query{Command: discovery.CommandServices, Node: "10.0.0.7"})
				got, truncated := "none", false
				if len(nodes) == 1 {
					got, truncated = ids(nodes[0].Services), nodes[0].Truncated
				}
				if got != c.want || truncated != c.truncated {
					t.Errorf("services = %s, truncated %t, want %s, %t", got, truncated, c.want, c.truncated)
				}
				if sent := n.sentBy(askerAddr); sent[0].data != `{"Command": "Services"}` || sent[0].to.Peer.String() != "10.0.0.7:1337" {
					t.Errorf("sent %+v", sent[0])
				}
			})
		})
	}
}

// D52 with D1: a node tells the services of each group in an answer of its own.
func TestFindServicesOfSeveralGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		for group, reply := range map[string]string{
			"224.0.0.112": `{"Command":"OK","Params":[{"id":"a"},{"id":"b"}]}`,
			"224.0.0.113": `{"Command":"OK","Params":[{"id":"b"},{"id":"c"}],"Truncated":true}`,
		} {
			conn := n.open("10.0.0.7", discovery.DefaultPort)
			conn.group = netip.AddrPortFrom(netip.MustParseAddr(group), discovery.DefaultPort)
			conn.Join(mem0)
			answerOn(t, conn, reply)
		}
		nodes := find(t, &n, discovery.Query{Command: discovery.CommandServices, Groups: discovery.DefaultGroups()})
		if len(nodes) != 1 || len(nodes[0].Services) != 3 || !nodes[0].Truncated {
			t.Errorf("Find = %v, want one node with a, b and c, truncated", nodes)
		}
	})
}

// The lists of several programs of one host are one; the same id comes again
// where its params differ, a few times.
func TestFindServicesOfSeveralPrograms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		replies := []string{`{"Command":"OK","Params":[{"id":"r","params":{"port":1}},{"id":"a"}]}`, `{"Command":"OK","Params":[{"id":"r","params":{"port":2}},{"id":"a"}]}`}
		for i := range 40 {
			replies = append(replies, fmt.Sprintf(`{"Command":"OK","Params":[{"id":"many","params":{"port":%d}}]}`, i))
		}
		answerWith(t, &n, "10.0.0.7", replies...)
		nodes := find(t, &n, discovery.Query{Command: discovery.CommandServices, Retries: 2})
		want := "[r a r" + strings.Repeat(" many", 16) + "]"
		if len(nodes) != 1 || ids(nodes[0].Services) != want {
			t.Errorf("Find = %v, want one node with %s", nodes, want)
		}
	})
}
