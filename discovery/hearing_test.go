package discovery_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// troubled listens only from the third attempt on.
func troubled(n *network, attempts *[]time.Time) func(netip.AddrPort) (discovery.GroupConn, error) {
	return func(group netip.AddrPort) (discovery.GroupConn, error) {
		*attempts = append(*attempts, time.Now())
		if len(*attempts) < 3 {
			return nil, fmt.Errorf("listen to group: %w", discovery.ErrGroupTaken)
		}
		return n.listen(poloAddr)(group)
	}
}

func TestListeningIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n        network
			attempts []time.Time
			lines    bytes.Buffer
		)
		log := slog.New(slog.NewTextHandler(&lines, nil))
		polo := startPolo(t, &n, discovery.PoloConfig{Networks: anyone, Listen: troubled(&n, &attempts)}, log)
		if err := polo.Stats().Trouble; !errors.Is(err, discovery.ErrGroupTaken) {
			t.Errorf("Trouble = %v, want ErrGroupTaken", err)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if len(attempts) != 3 || attempts[1].Sub(attempts[0]) != 3*time.Second || attempts[2].Sub(attempts[1]) != 6*time.Second {
			t.Errorf("attempts at %v, want two more after 3 and 6 s", attempts)
		}
		if err := polo.Stats().Trouble; err != nil {
			t.Errorf("Trouble = %v, want nil", err)
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want one of trouble and one of recovery:\n%s", got, lines.String())
		}
		multicast(&n, askerAddr, 40000, mem0.Index, `{"Command": "Marco"}`)
		if got := len(n.sentBy(poloAddr)); got != 1 {
			t.Errorf("Polo sent %d replies, want 1", got)
		}
	})
}

func TestJoiningIsRetriedWhileAnswering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			lines bytes.Buffer
			joins atomic.Int32
			late  = net.Interface{Index: 1002, Name: "mem1"}
		)
		refuse := func(i net.Interface) error {
			if i.Index == late.Index && joins.Add(1) < 8 {
				return errors.New("no such device")
			}
			return nil
		}
		conn := n.open(poloAddr, discovery.DefaultPort)
		conn.group, conn.refuse = netip.AddrPortFrom(discovery.DefaultGroup(), discovery.DefaultPort), refuse
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone, Interfaces: only(mem0, late),
			Listen: func(netip.AddrPort) (discovery.GroupConn, error) { return conn, nil },
		}, slog.New(slog.NewTextHandler(&lines, nil)))
		ask := func(on net.Interface) int {
			before := len(n.sentBy(poloAddr))
			multicast(&n, askerAddr, 40000, on.Index, `{"Command": "Marco"}`)
			return len(n.sentBy(poloAddr)) - before
		}
		if a, b := ask(mem0), ask(late); a != 1 || b != 0 {
			t.Errorf("with one interface missing: %d and %d replies, want 1 and 0", a, b)
		}
		time.Sleep((3 + 6 + 12 + 24 + 48 + 60 + 1) * time.Second)
		synctest.Wait()
		if joins.Load() != 7 || polo.Stats().Trouble == nil {
			t.Errorf("%d joins, trouble %v, want 7 with trouble", joins.Load(), polo.Stats().Trouble)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if a, b := ask(mem0), ask(late); a != 1 || b != 1 || polo.Stats().Trouble != nil {
			t.Errorf("after recovery: %d and %d replies, trouble %v, want 1, 1, nil", a, b, polo.Stats().Trouble)
		}
		if got := strings.Count(lines.String(), "\n"); got != 2 {
			t.Errorf("log has %d lines, want 2:\n%s", got, lines.String())
		}
	})
}

func TestSocketIsReopened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			conns []*memConn
		)
		startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone,
			Listen: func(group netip.AddrPort) (discovery.GroupConn, error) {
				c, err := n.listen(poloAddr)(group)
				conns = append(conns, c.(*memConn))
				return c, err
			},
		}, nil)
		conns[0].Close() // as if the network had failed
		time.Sleep(4 * time.Second)
		multicast(&n, askerAddr, 40000, mem0.Index, `{"Command": "Marco"}`)
		if got := len(n.sentBy(poloAddr)); got != 1 || len(conns) != 2 {
			t.Errorf("%d replies, %d sockets, want 1 reply from a second socket", got, len(conns))
		}
	})
}

// D18: each group is tried by itself, and is the one that is joined in the end.
func TestGroupsAreRetriedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			taken atomic.Bool
			tries = make(map[netip.Addr]int)
		)
		taken.Store(true)
		polo := startPolo(t, &n, discovery.PoloConfig{
			Networks: anyone, Groups: discovery.DefaultGroups(),
			Listen: func(group netip.AddrPort) (discovery.GroupConn, error) {
				if tries[group.Addr()]++; group.Addr() == group113 && taken.Load() {
					return nil, discovery.ErrGroupTaken
				}
				return n.listen(poloAddr)(group)
			},
		}, nil)
		s := polo.Stats()
		if len(s.Groups) != 2 || s.Groups[0].Trouble != nil || !errors.Is(s.Groups[1].Trouble, discovery.ErrGroupTaken) {
			t.Errorf("Groups = %+v, want trouble with the second alone", s.Groups)
		}
		if got := ask(&n, group112, mem0.Index, marcoRequest); len(got) != 1 {
			t.Errorf("%d replies in the free group, want 1", len(got))
		}
		taken.Store(false)
		later()
		if got := ask(&n, group113, mem0.Index, marcoRequest); len(got) != 1 {
			t.Errorf("%d replies in the freed group, want 1", len(got))
		}
		if tries[group112] != 1 || tries[group113] != 2 || polo.Stats().Trouble != nil {
			t.Errorf("tries = %v, trouble %v, want one and two, and none", tries, polo.Stats().Trouble)
		}
	})
}

// Section 6: retries end the attempts if they are told to.
func TestAttemptsEnd(t *testing.T) {
	for attempts, want := range map[int]int{-10: 6, 0: 6, 1: 1, 3: 3} { // in 1.5 minutes
		t.Run(fmt.Sprint(attempts), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				got := 0
				polo := startPolo(t, &n, discovery.PoloConfig{
					Attempts: attempts,
					Listen: func(netip.AddrPort) (discovery.GroupConn, error) {
						got++
						return nil, discovery.ErrGroupTaken
					},
				}, nil)
				time.Sleep(100 * time.Second)
				synctest.Wait()
				if got != want {
					t.Errorf("%d attempts, want %d", got, want)
				}
				s := polo.Stats()
				if !errors.Is(s.Trouble, discovery.ErrGroupTaken) || strings.Contains(s.LastError, "given up") != (attempts > 0) {
					t.Errorf("Trouble = %v, LastError = %q", s.Trouble, s.LastError)
				}
			})
		})
	}
}
