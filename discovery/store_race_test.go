package discovery_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"co2/discovery"
)

// Section 11: readers see a reload as a whole or not at all.
func TestReloadIsSeenWhole(t *testing.T) {
	dir := t.TempDir()
	generation := func(n int) {
		for i := range 20 {
			write(t, fmt.Sprintf("%s/f%02d", dir, i), fmt.Sprintf(`{"id": "s%02d", "params": {"generation": %d}}`, i, n))
		}
	}
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, nil)
	generation(0)
	reload(t, s)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				list := string(s.ServicesReply(groupA))
				_, first, _ := strings.Cut(list, `"generation": `)
				first, _, _ = strings.Cut(first, "}")
				if got := strings.Count(list, `"generation": `+first+"}"); got != 40 {
					t.Errorf("%d entries of one generation, want 40: %s", got, list)
					return
				}
				if _, ok := s.Reply(groupB, "s07"); !ok {
					t.Error("a service is silent during a reload")
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for n := range 10 {
		generation(n)
		reload(t, s)
	}
	close(stop)
	readers.Wait()
}

// All methods at once, for the race detector, and then all that was published
// is gone again.
func TestStoreConcurrently(t *testing.T) {
	s, dir, p := newStore(t)
	alice, bob := p.byName["alice"], p.byName["bob"]
	write(t, dir+"/static", `{"id": "static"}`)
	reload(t, s)
	var all sync.WaitGroup
	for i, who := range []discovery.Account{root, alice, bob, root, alice, bob} {
		all.Go(func() {
			id := fmt.Sprintf("s%d", i)
			for n := range 30 {
				full, err := s.Publish(who, discovery.Publication{Service: id, Root: who.Name == "root", Permanent: n%2 == 0})
				if err != nil {
					t.Errorf("Publish = %v", err)
					return
				}
				if _, ok := s.Info(full); !ok {
					t.Errorf("%s is not known after it was published", full)
				}
				if err := s.SetPermanent(who, full, n%3 == 0); err != nil {
					t.Errorf("SetPermanent = %v", err)
				}
				if err := s.Unpublish(who, discovery.Withdrawal{Service: full, DeleteFile: true}); err != nil {
					t.Errorf("Unpublish = %v", err)
				}
			}
		})
	}
	all.Go(func() {
		for range 30 {
			if err := s.Reload(); err != nil {
				t.Errorf("Reload = %v", err)
			}
			s.List()
			s.ServicesReply(unicast)
			s.UserReply(groupA, "alice:s1")
			s.Reply(groupA, "static")
		}
	})
	all.Wait()
	reload(t, s)
	wantIdentifiers(t, s, "static")
	wantFiles(t, dir, "static")
	wantFiles(t, alice.Home+"/.polo")
	wantFiles(t, bob.Home+"/.polo")
}

// What a Polo asks for each datagram costs no memory.
func TestRepliesAllocateNothing(t *testing.T) {
	s, dir, _ := newStore(t)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/x", `{"id": "x", "params": {"n": 1}}`)
	reload(t, s)
	for what, ask := range map[string]func(){
		"Reply":                      func() { s.Reply(groupA, "x") },
		"Reply to what is not there": func() { s.Reply(unicast, "y") },
		"ServicesReply":              func() { s.ServicesReply(groupB) },
		"IsUserID":                   func() { s.IsUserID("x") },
	} {
		if got := testing.AllocsPerRun(100, ask); got != 0 {
			t.Errorf("%s: %v allocations, want 0", what, got)
		}
	}
}

func BenchmarkReply(b *testing.B) {
	s := discovery.NewStore(discovery.StoreConfig{}, nil)
	for i := range 100 {
		if _, err := s.Publish(root, discovery.Publication{Service: fmt.Sprintf("s%d", i), Root: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Reply(groupA, "s42")
	}
}
