package discovery_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

// slowUsers has services of users on a disk that stands still until it is let
// go.
type slowUsers struct {
	discovery.Offers
	gate  chan struct{}
	asked []string
}

func (s *slowUsers) UserReply(group netip.Addr, id string) ([]byte, bool) {
	<-s.gate
	s.asked = append(s.asked, fmt.Sprintf("%v %s", group, id))
	if strings.HasPrefix(id, "nobody:") {
		return nil, false
	}
	return []byte(`{"Command": "OK", "Params": {"of": "` + id + `"}}`), true
}

// Sections 2.6 and 10: a service of a user is answered apart from all others,
// in the group it was asked for in.
func TestUserServicesHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		these := linked(lan)
		users := &slowUsers{Offers: offered(t), gate: make(chan struct{})}
		polo := startOffering(t, &n, discovery.PoloConfig{Interfaces: these.list}, users, nil)
		for _, id := range []string{"alice:web", "nobody:web"} {
			if got := ask(&n, group112, lan.Index, requestFor(id)); got != nil {
				t.Errorf("reply %q while the disk stands still", got)
			}
		}
		sendTo(&n, askerAddr, poloAddr, lan.Index, requestFor("bob:web"))
		if got := ask(&n, group112, lan.Index, requestFor("bare")); len(got) != 1 {
			t.Errorf("replies to a root service = %q meanwhile, want 1", got)
		}
		before := len(n.sentBy(poloAddr))
		close(users.gate)
		synctest.Wait()
		var got []string
		for _, d := range n.sentBy(poloAddr)[before:] {
			got = append(got, d.data)
		}
		if want := []string{`{"Command": "OK", "Params": {"of": "alice:web"}}`, `{"Command": "OK", "Params": {"of": "bob:web"}}`}; !slices.Equal(got, want) {
			t.Errorf("replies = %q, want %q", got, want)
		}
		if want := []string{"224.0.0.112 alice:web", "224.0.0.112 nobody:web", "invalid IP bob:web"}; !slices.Equal(users.asked, want) {
			t.Errorf("asked of the store: %q, want %q", users.asked, want)
		}
		if s := polo.Stats(); s.Answered != 3 || s.Unknown != 1 || s.RequestFor != 4 || s.Unicast.Answered != 1 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

// Section 2.6, D10: which ids are looked for among the services of users, whole
// and with their case, and never among those of the host.
func TestWhichIDsAreOfUsers(t *testing.T) {
	for id, want := range map[string]bool{
		"alice:web": true, "alice:my-svc": true, "al.ice_2:a.b-c": true, "Ñandú:señal": true,
		"alice": false, "alice:": false, ":web": false, "alice:web:x": false, "alice:web\n": false, " alice:web": false,
		"alice:a b": false, "alice:../x": false, "alice/x:web": false, "alice:web\u0000": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			var n network
			users := &slowUsers{Offers: offered(t), gate: make(chan struct{})}
			close(users.gate)
			startOffering(t, &n, discovery.PoloConfig{Networks: anyone}, users, nil)
			request, err := discovery.Request{Command: discovery.CommandRequestFor, Service: id}.Encode()
			if err != nil {
				t.Fatal(err)
			}
			got := ask(&n, group112, mem0.Index, string(request))
			if len(users.asked) == 1 != want || len(got) == 1 != want {
				t.Errorf("%q: asked for %q, replies %q, want it to be of a user: %t", id, users.asked, got, want)
			}
		})
	}
}

// Section 10: of a storm of requests for services of users, a bounded number
// waits; the rest is met with silence, and all else is answered.
func TestUserStormIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const storm = 10_000
		var n network
		users := &slowUsers{Offers: offered(t), gate: make(chan struct{})}
		cfg := discovery.PoloConfig{Networks: anyone, Limits: discovery.Limits{SourceRate: -1, Rate: -1}}
		polo := startOffering(t, &n, cfg, users, nil)
		before := heap()
		for i := range storm {
			multicast(&n, askerAddr, 40000, mem0.Index, requestFor(fmt.Sprintf("u%d:web", i)))
		}
		if grown := int64(heap()) - int64(before); grown > 8<<20 { // the network in memory keeps every datagram
			t.Errorf("heap grew by %d bytes, want at most 8 MiB", grown)
		}
		if got := ask(&n, group112, mem0.Index, marcoRequest); len(got) != 1 {
			t.Errorf("Marco in the storm: %d replies, want 1", len(got))
		}
		close(users.gate)
		synctest.Wait()
		s := polo.Stats()
		if len(users.asked) != 65 || s.Busy != storm-65 || s.Answered != 66 {
			t.Errorf("the store was asked %d times, Stats = %+v, want 65 answered and the rest busy", len(users.asked), s)
		}
		if got := ask(&n, group112, mem0.Index, requestFor("alice:web")); len(got) != 1 {
			t.Errorf("after the storm: %d replies, want 1", len(got))
		}
	})
}

// A Polo that is stopped leaves no request for later.
func TestStoppingForgetsWaitingUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		users := &slowUsers{Offers: offered(t), gate: make(chan struct{})}
		polo := discovery.NewPolo(discovery.PoloConfig{
			Networks: anyone, Interfaces: only(mem0), Listen: n.listen(poloAddr),
		}, users, nil)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- polo.Run(ctx) }()
		synctest.Wait()
		for range 10 {
			multicast(&n, askerAddr, 40000, mem0.Index, requestFor("alice:web"))
		}
		stop()
		synctest.Wait() // it waits for the disk
		close(users.gate)
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
		if len(users.asked) != 1 || len(n.sentBy(poloAddr)) > 0 {
			t.Errorf("the store was asked %d times and %d replies sent, want only the request under way, and none",
				len(users.asked), len(n.sentBy(poloAddr)))
		}
	})
}
