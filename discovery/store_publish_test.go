package discovery_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"co2/discovery"
)

// newStore returns a store with a folder for root services and the users alice
// and bob.
func newStore(t *testing.T) (s *discovery.Store, dir string, p *people) {
	t.Helper()
	dir, p = filepath.Join(t.TempDir(), "services"), newPeople(t, "alice", "bob")
	s = discovery.NewStore(discovery.StoreConfig{Dir: dir, Accounts: p}, nil)
	reload(t, s)
	return s, dir, p
}

// 4.4, D9, D10, D11, D19, D30, D35: the checks, their texts, and that what is
// refused changes nothing.
func TestPublishIsRefused(t *testing.T) {
	const name = "The name of the service "
	const group = "Invalid multicast group address "
	long := strings.Repeat("n", 31)
	in := func(groups ...string) discovery.Publication {
		return discovery.Publication{Service: "x", Groups: groups, Root: true}
	}
	params := func(v any) discovery.Publication {
		return discovery.Publication{Service: "x", Root: true, Params: map[string]any{"p": v}}
	}
	for _, c := range []struct {
		what string
		p    discovery.Publication
		want string
	}{
		{"4.4 row 3", discovery.Publication{Root: true}, name + " is invalid: Must be larger than 1"},
		{"4.4 row 3, of a user", discovery.Publication{}, name + " is invalid: Must be larger than 1"},
		{"D9, length", discovery.Publication{Service: long, Root: true}, name + long + " is invalid: 31 characters, at most 30"},
		{"D9, much longer", discovery.Publication{Service: strings.Repeat("n", 5000), Root: true},
			name + strings.Repeat("n", 60) + "… is invalid: 5000 characters, at most 30"},
		{"D9, control character", discovery.Publication{Service: "a\x00b", Root: true}, name + "a\x00b is invalid: has a control character"},
		{"D9, form of a user's", discovery.Publication{Service: "alice:x", Root: true},
			name + "alice:x is invalid: has the form of a user's service"},
		{"D10, never found", discovery.Publication{Service: "a b"},
			name + "a b is invalid: could never be found, for user and name do not have the form of a user's service"},
		{"D10, colon", discovery.Publication{Service: "a:b"},
			name + "a:b is invalid: could never be found, for user and name do not have the form of a user's service"},
		{"D10, line feed", discovery.Publication{Service: "ab\n"}, name + "ab\n is invalid: has a control character"},
		{"4.4 row 4, no address", in("x"), group + "'x': Wrong IP format"},
		{"4.4 row 4, empty", in(""), group + "'': Wrong IP format"},
		{"D35, short form", in("224.1"), group + "'224.1': Wrong IP format"},
		{"D35, leading zero", in("224.000.0.112"), group + "'224.000.0.112': Wrong IP format"},
		{"D35, IPv6", in("ff02::1"), group + "'ff02::1': Wrong IP format"},
		{"D35, IPv4 in IPv6", in("::ffff:224.0.0.112"), group + "'::ffff:224.0.0.112': Wrong IP format"},
		{"D35, blank", in("224.0.0.112 "), group + "'224.0.0.112 ': Wrong IP format"},
		{"4.4 row 4, no three digits", in("10.0.0.1"), group + "'10.0.0.1': IP is not of class D"},
		{"D35, three digits later", in("10.224.0.1"), group + "'10.224.0.1': IP is not of class D"},
		{"4.4 row 4, out of range", in("192.0.2.1"), group + "'192.0.2.1': The IP is not in the multicast range"},
		{"4.4 row 4, above", in("240.0.0.1"), group + "'240.0.0.1': The IP is not in the multicast range"},
		{"D35, not configured", in("224.0.0.112", "239.1.2.3"),
			group + "'239.1.2.3': The instance is not a member of this group"},
		{"D11, list", params([]any{1}), `The params of the service x are invalid: param "p": is a list, want text, a number, a bool or nil`},
		{"D11, not UTF-8", params("\xff"), `The params of the service x are invalid: param "p": text is not UTF-8`},
		{"D19", params(strings.Repeat("x", 4096)),
			"The params of the service x are invalid: encode OK: message too long: 4134 bytes, at most 4095"},
		{"D30, slash", discovery.Publication{Service: "a/b", Root: true, Permanent: true},
			name + "a/b is invalid: cannot be the name of a file, as it must for a permanent service"},
		{"D30, up", discovery.Publication{Service: "..", Permanent: true},
			name + ".. is invalid: cannot be the name of a file, as it must for a permanent service"},
		{"D30, up and down", discovery.Publication{Service: "../x", Root: true, Permanent: true},
			name + "../x is invalid: cannot be the name of a file, as it must for a permanent service"},
		{"D30, dot", discovery.Publication{Service: ".x", Permanent: true},
			name + ".x is invalid: cannot be the name of a file, as it must for a permanent service"},
		{"D15, D30, back-up", discovery.Publication{Service: "x~", Root: true, Permanent: true},
			name + "x~ is invalid: cannot be the name of a file, as it must for a permanent service"},
		{"D30, token", discovery.Publication{Service: "token", Permanent: true},
			name + "token is invalid: cannot be the name of a file, as it must for a permanent service"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s, dir, p := newStore(t)
			who := p.byName["alice"]
			if c.p.Root {
				who.Privileged = true
			}
			id, err := s.Publish(who, c.p)
			refused(t, "Publish", err, c.want)
			if id != "" {
				t.Errorf("Publish = %q with an error", id)
			}
			wantIdentifiers(t, s)
			wantFiles(t, dir)
			wantFiles(t, filepath.Join(who.Home, ".polo"))
			if len(c.want) > 250 {
				t.Errorf("%d bytes of text, too many for clients that read 1024", len(c.want))
			}
		})
	}
}

// wantFiles fails the test unless the folder has just these files, temporary
// ones included.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	got := []string{}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s has %q, want %q", dir, got, want)
	}
}

// 4.4 rows 6 to 10, each with what is there before.
func TestPublishTwice(t *testing.T) {
	a, b := []string{groupA.String()}, []string{groupB.String()}
	type pub = discovery.Publication
	for _, c := range []struct {
		what           string
		first, second  pub
		privileged     bool
		want           string
		wantID, wantIn string
	}{
		{what: "row 7", second: pub{Service: "x", Root: true}, want: "Permission denied"},
		{what: "row 8", privileged: true,
			first: pub{Service: "x", Root: true, Groups: a}, second: pub{Service: "x", Root: true}, want: "Service x already exists"},
		{what: "row 8, another group", privileged: true,
			first: pub{Service: "x", Root: true, Groups: a}, second: pub{Service: "x", Root: true, Groups: b}, wantID: "x"},
		{what: "row 9, D27", privileged: true,
			first:  pub{Service: "x", Root: true, Permanent: true, Groups: a},
			second: pub{Service: "x", Root: true, Permanent: true, Groups: b}, want: "Permanent service x already exists"},
		{what: "row 8 before row 9", privileged: true,
			first:  pub{Service: "x", Root: true, Permanent: true},
			second: pub{Service: "x", Root: true, Permanent: true}, want: "Service x already exists"},
		{what: "row 10", first: pub{Service: "x"}, second: pub{Service: "x", Groups: b}, want: "Service already exists"},
		{what: "row 10, another group", first: pub{Service: "x", Groups: a}, second: pub{Service: "x", Groups: b}, wantID: "alice:x"},
		{what: "row 10, file", first: pub{Service: "x", Groups: a, Permanent: true},
			second: pub{Service: "x", Groups: b, Permanent: true}, want: "Service already exists"},
		{what: "root and user", privileged: true, first: pub{Service: "x", Root: true}, second: pub{Service: "x"}, wantID: "alice:x"},
		{what: "D10", second: pub{Service: "my-svc.1"}, wantID: "alice:my-svc.1"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s, _, p := newStore(t)
			alice := p.byName["alice"]
			alice.Privileged = c.privileged
			if c.first.Service != "" {
				publish(t, s, alice, c.first)
			}
			before := s.List()
			id, err := s.Publish(alice, c.second)
			refused(t, "Publish", err, c.want)
			if id != c.wantID {
				t.Errorf("Publish = %q, want %q", id, c.wantID)
			}
			if err != nil && len(s.List()) != len(before) {
				t.Errorf("List = %+v after a refusal, before %+v", s.List(), before)
			}
		})
	}
}

// 4.4 row 6: without accounts there are no user services.
func TestPublishWithoutAccounts(t *testing.T) {
	s := discovery.NewStore(discovery.StoreConfig{}, nil)
	_, err := s.Publish(discovery.Account{Name: "alice"}, discovery.Publication{Service: "x"})
	refused(t, "Publish", err, "wrong user")
	if _, ok := s.UserReply(unicast, "alice:x"); ok || !s.IsUserID("alice:x") {
		t.Error("a store without accounts offers users' services, or does not know their form")
	}
}

// D26: params are stored and offered, of the host and of a user.
func TestPublishedParamsAreOffered(t *testing.T) {
	s, _, p := newStore(t)
	params := map[string]any{"n": json.Number("1.50"), "t": "ñ"}
	want := `{"Command": "OK", "Params": {"n": 1.50, "t": "\u00f1"}}`
	publish(t, s, root, discovery.Publication{Service: "x", Params: params, Root: true})
	publish(t, s, p.byName["alice"], discovery.Publication{Service: "x", Params: params})
	if got, ok := s.Reply(groupB, "x"); !ok || string(got) != want {
		t.Errorf("Reply = %s, want %s", got, want)
	}
	if got, ok := s.UserReply(groupB, "alice:x"); !ok || string(got) != want {
		t.Errorf("UserReply = %s, want %s", got, want)
	}
}

// 4.4, D16, D27, section 10: one file for all groups, of the user's, which outlives
// the Polo.
func TestPermanentServices(t *testing.T) {
	s, dir, p := newStore(t)
	alice := p.byName["alice"]
	groups := []string{groupB.String(), groupA.String()}
	for _, root := range []bool{true, false} {
		alice.Privileged = root
		publish(t, s, alice, discovery.Publication{
			Service: "x", Params: map[string]any{"big": json.Number("12345678901234567890")}, Groups: groups, Permanent: true, Root: root,
		})
	}
	for path, id := range map[string]string{dir + "/x": "x", alice.Home + "/.polo/x": "alice:x"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		f, _, err := discovery.ParseServiceFile(text)
		if err != nil || f.ID != "x" || f.Disabled || !slices.Equal(f.Groups, groups) || f.Params["big"] != json.Number("12345678901234567890") {
			t.Errorf("%s has %s, read as %+v, %v", path, text, f, err)
		}
		info, err := os.Stat(path)
		if uid, mode := ownerOf(t, path), info.Mode(); err != nil || uid != alice.UID || mode != 0o644 {
			t.Errorf("%s: uid %d, mode %v, want %d, 0644", path, uid, mode, alice.UID)
		}
		if i, ok := s.Info(id); !ok || !i.Permanent || !i.Static || len(i.Groups) != 2 {
			t.Errorf("Info(%q) = %+v, want a permanent one in two groups", id, i)
		}
	}
	wantFiles(t, dir, "x")
	wantFiles(t, alice.Home+"/.polo", "x")

	restarted := discovery.NewStore(discovery.StoreConfig{Dir: dir, Accounts: p}, nil)
	reload(t, restarted)
	if _, ok := restarted.Reply(groupB, "x"); !ok {
		t.Error("the root service did not outlive the Polo")
	}
	if _, ok := restarted.UserReply(groupB, "alice:x"); !ok {
		t.Error("the user's service did not outlive the Polo")
	}
	// D28: who published it may unpublish it, also later and without rights.
	alice.Privileged = false
	refused(t, "Unpublish", restarted.Unpublish(alice, discovery.Withdrawal{Service: "x", DeleteFile: true}), "")
	wantFiles(t, dir)
}

// 4.4 rows 9 and 10: what is in the way, or cannot be written.
func TestPermanentFileCannotBe(t *testing.T) {
	perm := discovery.Publication{Service: "x", Permanent: true}
	for _, c := range []struct {
		what       string
		root       bool
		prepare    func(t *testing.T, dir string, alice discovery.Account)
		want       string
		stillThere string // below dir or home
	}{
		{"root, a file of another service", true, func(t *testing.T, dir string, _ discovery.Account) {
			write(t, dir+"/x", `{"id": "y"}`)
		}, "Permanent service x already exists", "x"},
		{"root, a disabled service", true, func(t *testing.T, dir string, _ discovery.Account) {
			write(t, dir+"/any", `{"id": "x", "disabled": true}`)
		}, "Permanent service x already exists", "any"},
		{"root, no folder can be", true, func(t *testing.T, dir string, _ discovery.Account) {
			write(t, dir, "a file")
		}, "Could not write file", ""},
		{"user, junk", false, func(t *testing.T, _ string, alice discovery.Account) {
			writeFor(t, alice, ".polo/x", "junk")
		}, "Service already exists", ".polo/x"},
		{"user, a folder", false, func(t *testing.T, _ string, alice discovery.Account) {
			writeFor(t, alice, ".polo/x/y", "")
		}, "Service already exists", ".polo/x/y"},
		{"user, a dangling link", false, func(t *testing.T, _ string, alice discovery.Account) {
			writeFor(t, alice, ".polo/y", "")
			symlink(t, alice, "/nowhere/at/all", ".polo/x")
		}, "Service already exists", ".polo/x"},
		{"user, no folder can be", false, func(t *testing.T, _ string, alice discovery.Account) {
			writeFor(t, alice, ".polo", "a file")
		}, "Could not write service file x", ".polo"},
		{"user, no home", false, func(t *testing.T, _ string, alice discovery.Account) {
			if err := os.Remove(alice.Home); err != nil {
				t.Fatal(err)
			}
		}, "Could not write service file x", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir, p := filepath.Join(t.TempDir(), "services"), newPeople(t, "alice")
			alice, at := p.byName["alice"], p.byName["alice"].Home
			s := discovery.NewStore(discovery.StoreConfig{Dir: dir, Accounts: p}, nil)
			c.prepare(t, dir, alice)
			_ = s.Reload() // fails where a file is in place of the folder
			publication := perm
			if c.root {
				publication.Root, alice.Privileged, at = true, true, dir
			}
			before := identifiers(s)
			_, err := s.Publish(alice, publication)
			refused(t, "Publish", err, c.want)
			if got := identifiers(s); !slices.Equal(got, before) {
				t.Errorf("List = %q, before %q", got, before)
			}
			if c.stillThere != "" {
				if _, err := os.Lstat(filepath.Join(at, c.stillThere)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func symlink(t *testing.T, a discovery.Account, target, path string) {
	t.Helper()
	path = filepath.Join(a.Home, path)
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	own(t, a, path)
}

// Section 10: nothing that programs publish grows without bounds.
func TestServicesAreBounded(t *testing.T) {
	s, _, p := newStore(t)
	alice := p.byName["alice"]
	for _, c := range []struct {
		who  discovery.Account
		root bool
		most int
	}{{root, true, 1024}, {alice, false, 128}} {
		n := 0
		var err error
		for ; err == nil && n <= c.most; n++ {
			_, err = s.Publish(c.who, discovery.Publication{Service: "s" + itoa(n), Root: c.root})
		}
		refused(t, "one too many", err, "Too many services")
		if n != c.most+1 {
			t.Errorf("refused number %d, want %d", n, c.most+1)
		}
	}
	if got := len(s.ServicesReply(groupA)); got > discovery.MaxReply || got < discovery.MaxReply/2 {
		t.Errorf("the list of 1024 services has %d bytes, want up to %d", got, discovery.MaxReply)
	}
}
