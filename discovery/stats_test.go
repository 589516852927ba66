package discovery_test

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

// What Changed is told, and how often.
func TestChangesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			told  []discovery.PoloStats
			these = linked(lan)
		)
		startPolo(t, &n, discovery.PoloConfig{
			Interfaces: these.list, Changed: func(s discovery.PoloStats) { told = append(told, s) },
		}, nil)
		ask(&n, group112, lan.Index, marcoRequest)
		later()
		if len(told) != 1 || !told[0].Groups[0].Interfaces[0].Joined {
			t.Errorf("told %+v, want once, with the group joined", told)
		}
		these.set()
		later()
		later()
		if len(told) != 2 || told[1].Trouble == nil {
			t.Errorf("told %+v, want once more, with trouble", told)
		}
	})
}

// What Stats tell of groups, interfaces and datagrams.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		these := linked(lan, wlan)
		conn := n.open(poloAddr, discovery.DefaultPort)
		conn.group = netip.AddrPortFrom(group112, discovery.DefaultPort)
		conn.refuse = func(i net.Interface) error {
			if i.Index == wlan.Index {
				return errors.New("no such device")
			}
			return nil
		}
		polo := startPolo(t, &n, discovery.PoloConfig{
			Interfaces: these.list, Listen: func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, nil)
		for _, request := range []string{
			marcoRequest, `{"Command": "Discover"}`, requestFor("bare"), requestFor("nothing"), servicesRequest, "junk",
		} {
			ask(&n, group112, lan.Index, request)
		}
		ask(&n, netip.MustParseAddr(poloAddr), lan.Index, marcoRequest)
		multicast(&n, "203.0.113.9", 40000, lan.Index, marcoRequest)
		multicast(&n, askerAddr, 40000, lan.Index, requestFor("alice:web"))
		s := polo.Stats()
		group := discovery.Counts{
			Marco: 2, Discover: 1, RequestFor: 3, Services: 1, Answered: 4, Malformed: 1, Strangers: 1, Unknown: 2,
		}
		if s.Groups[0].Counts != group || s.Groups[0].Group != group112 {
			t.Errorf("group: %+v, want %+v", s.Groups[0].Counts, group)
		}
		if want := (discovery.Counts{Marco: 1, Answered: 1}); s.Unicast.Counts != want {
			t.Errorf("unicast: %+v, want %+v", s.Unicast.Counts, want)
		}
		group.Marco++
		group.Answered++
		if s.Counts != group || s.Sources != 1 {
			t.Errorf("in all: %+v and %d sources, want %+v and 1", s.Counts, s.Sources, group)
		}
		in := s.Groups[0].Interfaces
		if len(in) != 2 || in[0].Name != "mem0" || !in[0].Joined || in[1].Name != "mem1" || in[1].Joined || in[1].Trouble == nil {
			t.Errorf("interfaces: %+v, want mem0 joined and mem1 in trouble", in)
		}
		if s.Trouble == nil || s.LastError != "no such device" || s.LastErrorAt.IsZero() {
			t.Errorf("Trouble = %v, LastError = %q at %v", s.Trouble, s.LastError, s.LastErrorAt)
		}
	})
}

func TestUnsendableReplyIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		conn := n.open(poloAddr, discovery.DefaultPort)
		conn.mute = errors.New("network is unreachable")
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen:   func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, nil)
		conn.in <- datagram{
			data: `{"Command": "Marco"}`, from: netip.MustParseAddrPort("10.9.9.9:40000"),
			to: discovery.Path{Interface: mem0.Index},
		}
		synctest.Wait()
		if s := polo.Stats(); s.Failed != 1 || s.Trouble != nil || s.LastError != "answer: network is unreachable" {
			t.Errorf("Stats = %+v, want one failed and no trouble", s)
		}
	})
}
