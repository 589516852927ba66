package discovery_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// asked returns the reply to a request for a user's service, "" for silence.
func asked(s *discovery.Store, id string) string {
	datagram, _ := s.UserReply(unicast, id)
	return string(datagram)
}

// 2.6, 5.1, 5.2, D4, D10: what a request for a user's service finds.
func TestUserServices(t *testing.T) {
	s, dir, p := newStore(t)
	alice := p.byName["alice"]
	writeFor(t, alice, ".polo/any", `{"id": "my-svc.1", "params": {"from": "alice"}, "groups": ["224.0.0.113"]}`)
	writeFor(t, alice, ".polo/off", `{"id": "off", "disabled": true}`)
	write(t, dir+"/x", `{"id": "my-svc.1", "params": {"from": "host"}}`)
	reload(t, s)
	for _, c := range []struct {
		id     string
		a, b   bool
		isUser bool
	}{
		{"alice:my-svc.1", false, true, true},
		{"alice:off", false, false, true},
		{"alice:My-svc.1", false, false, true},
		{"Alice:my-svc.1", false, false, true},
		{"bob:my-svc.1", false, false, true},
		{"carol:my-svc.1", false, false, true},
		{"alice:my-svc.1\n", false, false, false},
		{" alice:my-svc.1", false, false, false},
		{"alice:my-svc.1:", false, false, false},
		{"alice:", false, false, false},
		{":my-svc.1", false, false, false},
		{"..:my-svc.1", false, false, true},
		{"my-svc.1", false, false, false},
	} {
		_, a := s.UserReply(groupA, c.id)
		_, b := s.UserReply(groupB, c.id)
		_, any := s.UserReply(unicast, c.id)
		if a != c.a || b != c.b || any != (a || b) || s.IsUserID(c.id) != c.isUser {
			t.Errorf("%q: in A %t, in B %t, by unicast %t, form of a user's %t, want %+v", c.id, a, b, any, s.IsUserID(c.id), c)
		}
	}
	if strings.Contains(string(s.ServicesReply(unicast)), "alice") {
		t.Error("the list for Services has a user's service") // D1
	}
	wantIdentifiers(t, s, "alice:my-svc.1", "!alice:off", "my-svc.1")
	if i, _ := s.Info("alice:my-svc.1"); i.Owner != "alice" || !i.Static || i.Permanent {
		t.Errorf("Info = %+v, want alice's, static", i)
	}
}

// D10: another pattern counts, and always for the whole id.
func TestUserIDPattern(t *testing.T) {
	p := newPeople(t, "al")
	for pattern, want := range map[string]map[string]bool{
		`^(\w+)@(\w+)$`: {"al@x": true, "al:x": false, "al@x\n": false},
		`(a|al)@(x|xy)`: {"al@xy": true, "al@xyz": false, "": false},
		`(?i)(AL)@(.+)`: {"al@x": true},
		`no groups`:     {"al:x": true, "no groups": false},
	} {
		s := discovery.NewStore(discovery.StoreConfig{UserID: regexp.MustCompile(pattern), Accounts: p}, nil)
		for id, want := range want {
			if got := s.IsUserID(id); got != want {
				t.Errorf("pattern %s: IsUserID(%q) = %t, want %t", pattern, id, got, want)
			}
		}
	}
	writeFor(t, p.byName["al"], ".polo/x", `{"id": "xy"}`)
	s := discovery.NewStore(discovery.StoreConfig{UserID: regexp.MustCompile(`(a|al)@(x|xy)`), Accounts: p}, nil)
	if asked(s, "al@xy") == "" {
		t.Error("silence about a service of the configured form")
	}
	_, err := s.Publish(root, discovery.Publication{Service: "al@x", Root: true})
	refused(t, "Publish", err, "The name of the service al@x is invalid: has the form of a user's service")
}

// 5.3, D8, D9, D14, D15, D16: which files of a user count.
func TestUserFiles(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	for path, text := range map[string]string{
		".polo/b":               `{"id": "twice", "params": {"from": "b"}}`,
		".polo/c":               `{"id": "twice", "params": {"from": "c"}}`,
		".polo/services/a":      `{"id": "twice", "params": {"from": "services"}}`,
		".polo/services/only":   `{"id": "only"}`,
		".polo/services/deep/x": `{"id": "deep"}`,
		".polo/other/x":         `{"id": "other"}`,
		".polo/token":           `{"id": "token"}`,
		".polo/services/token":  `{"id": "token2"}`,
		".polo/.dot":            `{"id": "dot"}`,
		".polo/back~":           `{"id": "back"}`,
		".polo/bad":             `{`,
		".polo/colon":           `{"id": "a:b"}`,
		".polo/blank":           `{"id": "a b"}`,
	} {
		writeFor(t, alice, path, text)
	}
	synctest.Test(t, func(t *testing.T) {
		log, lines := logTo()
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, log)
		if got, want := asked(s, "alice:twice"), `{"Command": "OK", "Params": {"from": "b"}}`; got != want {
			t.Errorf("UserReply = %s, want %s", got, want)
		}
		wantIdentifiers(t, s, "alice:only", "alice:twice")
		for range 20 { // D8: once, however often somebody asks
			time.Sleep(2 * time.Second)
			asked(s, "alice:twice")
		}
		for _, file := range []string{"polo/bad", "polo/colon", "polo/blank", "polo/c", "services/a"} {
			if got := strings.Count(lines.String(), file+" "); got != 1 {
				t.Errorf("%d warnings of %s, want 1:\n%s", got, file, lines)
			}
		}
		if strings.Contains(lines.String(), "token") {
			t.Errorf("the log speaks of a token:\n%s", lines)
		}
	})
}

// 5.4, D7, D23: what changes in a home counts within a second, and nothing is
// looked at more often.
func TestUserFilesAreCached(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	synctest.Test(t, func(t *testing.T) {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		for step, c := range []struct {
			change func()
			want   string
		}{
			{func() { writeFor(t, alice, ".polo/x", `{"id": "x", "disabled": false}`) }, `{"Command": "OK", "Params": {}}`},
			{func() { writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"n": 1}}`) }, `{"Command": "OK", "Params": {"n": 1}}`},
			{func() { writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"n": 2}}`) }, `{"Command": "OK", "Params": {"n": 2}}`},
			{func() { writeFor(t, alice, ".polo/x", `{"id": "x", "disabled": true}`) }, ""},
			{func() { writeFor(t, alice, ".polo/x", `{"id": "x", "groups": ["224.0.0.113"]}`) }, `{"Command": "OK", "Params": {}}`},
			{func() { os.Remove(alice.Home + "/.polo/x") }, ""},
			{func() { writeFor(t, alice, ".polo/services/y", `{"id": "x"}`) }, `{"Command": "OK", "Params": {}}`},
			{func() { os.RemoveAll(alice.Home + "/.polo") }, ""},
			{func() { os.RemoveAll(alice.Home) }, ""},
		} {
			before := asked(s, "alice:x")
			c.change()
			lookups := p.lookups
			for i := range 1000 {
				if i == 500 {
					time.Sleep(time.Second - time.Millisecond)
				}
				if got := asked(s, "alice:x"); got != before {
					t.Fatalf("step %d: UserReply = %q within the second, before %q", step, got, before)
				}
			}
			if p.lookups != lookups {
				t.Errorf("step %d: %d lookups within the second", step, p.lookups-lookups)
			}
			time.Sleep(time.Millisecond)
			for range 1000 {
				if got := asked(s, "alice:x"); got != c.want {
					t.Fatalf("step %d: UserReply = %q, want %q", step, got, c.want)
				}
			}
			if got := p.lookups - lookups; got != 1 {
				t.Errorf("step %d: %d lookups in the next second, want 1", step, got)
			}
			if n := len(s.List()); n > 1 { // D7
				t.Errorf("step %d: %d services from one file", step, n)
			}
		}
	})
}

// D23: a file is read again when it has changed, or when it was so young that
// a change may not show.
func TestUnchangedFilesAreNotReadAgain(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	synctest.Test(t, func(t *testing.T) {
		for age, want := range map[time.Duration]string{0: "2", time.Hour: "1"} {
			s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
			written := time.Now().Add(-age)
			for _, n := range []string{"1", "2"} {
				writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"n": `+n+`}}`)
				if err := os.Chtimes(alice.Home+"/.polo/x", written, written); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				asked(s, "alice:x")
			}
			if got := asked(s, "alice:x"); got != `{"Command": "OK", "Params": {"n": `+want+`}}` {
				t.Errorf("read when %v old, then changed under the same stamp: UserReply = %s, want %s", age, got, want)
			}
		}
	})
}

// 5.4: dynamic services of users live on through reloads and changes.
func TestDynamicUserServicesStay(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	synctest.Test(t, func(t *testing.T) {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		publish(t, s, alice, discovery.Publication{Service: "x", Params: map[string]any{"from": "program"}})
		writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"from": "file"}}`)
		for range 3 {
			time.Sleep(time.Second)
			reload(t, s)
			if got, want := asked(s, "alice:x"), `{"Command": "OK", "Params": {"from": "program"}}`; got != want {
				t.Errorf("UserReply = %s, want %s", got, want) // 2.6, D14
			}
		}
		refused(t, "Unpublish", s.Unpublish(alice, discovery.Withdrawal{Service: "alice:x"}), "")
		if got, want := asked(s, "alice:x"), `{"Command": "OK", "Params": {"from": "file"}}`; got != want {
			t.Errorf("UserReply = %s, want %s", got, want)
		}
	})
}

// 5.4: an unpublished file comes back when it changes.
func TestUnpublishedUserFileComesBackWhenChanged(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	synctest.Test(t, func(t *testing.T) {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		writeFor(t, alice, ".polo/x", `{"id": "x"}`)
		refused(t, "Unpublish", s.Unpublish(alice, discovery.Withdrawal{Service: "alice:x"}), "")
		for range 3 {
			time.Sleep(time.Second)
			if got := asked(s, "alice:x"); got != "" {
				t.Errorf("UserReply = %s after it was unpublished", got)
			}
		}
		writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"n": 1}}`)
		time.Sleep(time.Second)
		if got := asked(s, "alice:x"); got == "" {
			t.Error("silence although the file has changed")
		}
	})
}

// 5.3, D6: users that are not there, or have nothing, are silence and nothing
// else.
func TestUsersWithoutServices(t *testing.T) {
	p := newPeople(t, "alice", "homeless", "relative")
	homeless := p.byName["homeless"]
	os.Remove(homeless.Home)
	relative := p.byName["relative"]
	writeFor(t, relative, ".polo/x", `{"id": "x"}`)
	relative.Home = "tmp"
	p.byName["relative"] = relative
	empty := relative
	empty.Name, empty.Home = "empty", ""
	p.byName["empty"] = empty
	log, lines := logTo()
	dir := t.TempDir()
	write(t, dir+"/r", `{"id": "r"}`)
	s := discovery.NewStore(discovery.StoreConfig{Accounts: p, Dir: dir}, log)
	for _, user := range []string{"alice", "homeless", "relative", "empty", "nobody-of-that-name"} {
		if got := asked(s, user+":x"); got != "" {
			t.Errorf("UserReply of %s = %s", user, got)
		}
	}
	reload(t, s)
	wantIdentifiers(t, s, "r")
	if lines.Len() > 0 {
		t.Errorf("log: %s", lines)
	}
}

// 5.3: a user whose account goes loses the services, but not because the
// server of the accounts does not answer.
func TestAccountsThatChange(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	writeFor(t, alice, ".polo/x", `{"id": "x"}`)
	synctest.Test(t, func(t *testing.T) {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		publish(t, s, alice, discovery.Publication{Service: "dyn"})
		both := func() []bool {
			time.Sleep(time.Second)
			return []bool{asked(s, "alice:x") != "", asked(s, "alice:dyn") != ""}
		}
		if got := both(); !got[0] || !got[1] {
			t.Errorf("offered %v, want both", got)
		}
		p.broken = true
		if got := both(); !got[0] || !got[1] {
			t.Errorf("accounts out of reach: offered %v, want both", got)
		}
		p.broken = false
		delete(p.byName, "alice")
		if got := both(); got[0] || got[1] {
			t.Errorf("account gone: offered %v, want none", got)
		}
		p.byName["alice"] = alice
		if got := both(); !got[0] || got[1] {
			t.Errorf("account back: offered %v, want the file's", got)
		}
		other := alice
		other.UID++
		publish(t, s, alice, discovery.Publication{Service: "dyn"})
		p.byName["alice"] = other
		if got := both(); got[0] || got[1] {
			t.Errorf("another user by the name: offered %v, want none", got)
		}
	})
}

// Section 10: a storm of requests for invented users costs few lookups, little
// memory, and no service of those who have some.
func TestStormOfUserRequests(t *testing.T) {
	p := newPeople(t, "alice", "bob")
	alice, bob := p.byName["alice"], p.byName["bob"]
	writeFor(t, alice, ".polo/x", `{"id": "x", "params": {"n": 1}}`)
	synctest.Test(t, func(t *testing.T) {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		if asked(s, "alice:x") == "" {
			t.Fatal("silence before the storm")
		}
		publish(t, s, bob, discovery.Publication{Service: "x"})
		before, lookups := heap(), p.lookups
		for second := range 10 {
			writeFor(t, alice, ".polo/x", fmt.Sprintf(`{"id": "x", "params": {"second": %d}}`, second))
			time.Sleep(time.Second)
			for i := range 10_000 {
				asked(s, fmt.Sprintf("user%d_%d:x", second, i))
			}
			if got, want := asked(s, "alice:x"), fmt.Sprintf(`{"Command": "OK", "Params": {"second": %d}}`, second); got != want {
				t.Fatalf("second %d: UserReply = %q, want %s", second, got, want)
			}
			if asked(s, "bob:x") == "" {
				t.Fatalf("second %d: a dynamic service is silent", second)
			}
		}
		if got := p.lookups - lookups; got > 16+10*8+20 {
			t.Errorf("%d lookups for 100,000 invented users in 10 s, want at most 116", got)
		}
		for i := range 5000 { // more than are remembered
			time.Sleep(time.Second)
			asked(s, fmt.Sprintf("later%d:x", i))
		}
		if after := heap(); after > before+4<<20 {
			t.Errorf("heap grew from %d to %d bytes", before, after)
		}
		if asked(s, "bob:x") == "" || asked(s, "alice:x") == "" {
			t.Error("services were forgotten")
		}
	})
}

// Section 10: a home or a server of accounts that hangs keeps nobody waiting
// who asks for others.
func TestHomeThatHangs(t *testing.T) {
	p := newPeople(t, "alice", "stuck")
	writeFor(t, p.byName["alice"], ".polo/x", `{"id": "x"}`)
	writeFor(t, p.byName["stuck"], ".polo/x", `{"id": "x"}`)
	synctest.Test(t, func(t *testing.T) {
		hung := make(chan struct{})
		s := discovery.NewStore(discovery.StoreConfig{Accounts: hanging{p, hung}}, nil)
		for range 100 {
			if got := asked(s, "stuck:x"); got != "" {
				t.Errorf("UserReply = %s although the lookup hangs", got)
			}
			if got := asked(s, "alice:x"); got == "" {
				t.Error("silence about another user")
			}
			time.Sleep(time.Second)
		}
		close(hung)
		synctest.Wait()
		if got := asked(s, "stuck:x"); got == "" {
			t.Error("silence when the lookup no longer hangs")
		}
	})
}

// hanging are accounts of which that of the user stuck cannot be had yet.
type hanging struct {
	*people
	hung chan struct{}
}

func (h hanging) ByName(name string) (discovery.Account, error) {
	if name == "stuck" {
		<-h.hung
	}
	return h.people.ByName(name)
}

// Section 10: users cannot flood the log.
func TestUsersCannotFloodTheLog(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	synctest.Test(t, func(t *testing.T) {
		log, lines := logTo()
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, log)
		large := discovery.Publication{Service: "large", Params: map[string]any{"x": strings.Repeat("x", 2000)}}
		for i := range 60 {
			for f := range 4 {
				writeFor(t, alice, fmt.Sprintf(".polo/bad%d_%d", i, f), "{")
				os.Remove(fmt.Sprintf("%s/.polo/bad%d_%d", alice.Home, i-1, f))
			}
			publish(t, s, alice, large)
			refused(t, "Unpublish", s.Unpublish(alice, discovery.Withdrawal{Service: "alice:large"}), "")
		}
		if got := strings.Count(lines.String(), "\n"); got > 50 || got < 10 {
			t.Errorf("%d lines, want 50 at most, and some", got)
		}
		time.Sleep(time.Second)
		publish(t, s, alice, large)
		if !strings.Contains(lines.String(), "left_out") {
			t.Error("the log does not say how much was left out")
		}
	})
}

// Section 10: at most 128 files of a user, those first in byte order, however
// many there are.
func TestManyUserFiles(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	for i := range 200 {
		writeFor(t, alice, fmt.Sprintf(".polo/s%05d", i), fmt.Sprintf(`{"id": "s%05d"}`, i))
	}
	for i := 200; i < 10_000; i++ { // links are quicker to make
		if err := os.Link(alice.Home+"/.polo/s00199", fmt.Sprintf("%s/.polo/s%05d", alice.Home, i)); err != nil {
			t.Fatal(err)
		}
	}
	log, lines := logTo()
	s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, log)
	if asked(s, "alice:s00000") == "" || asked(s, "alice:s00127") == "" || asked(s, "alice:s00128") != "" {
		t.Errorf("offered %q, want s00000 to s00127", identifiers(s))
	}
	if got := len(s.List()); got != 128 {
		t.Errorf("%d services, want 128", got)
	}
	if strings.Count(lines.String(), "\n") != 1 || !strings.Contains(lines.String(), "more than 128") {
		t.Errorf("log: %s", lines)
	}
	_, err := s.Publish(alice, discovery.Publication{Service: "a", Permanent: true})
	refused(t, "one more file", err, "Could not write service file a")
	if got := slices.Index(identifiers(s), "alice:a"); got >= 0 {
		t.Error("a refused service is offered")
	}
}
