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

// 4.5, D28, D31, D32, D33, D37: what happens to a service and its file.
func TestUnpublish(t *testing.T) {
	both := []string{groupA.String(), groupB.String()}
	a, b := both[:1], both[1:]
	type pub = discovery.Publication
	type with = discovery.Withdrawal
	for _, c := range []struct {
		what    string
		publish pub
		by      string // who unpublishes: "", the publisher; "admin"; or a name
		with    with
		want    string
		left    []string // of the groups
		file    []string // groups in the file, nil: no file
	}{
		{what: "row 2, no address", publish: pub{Service: "x"}, with: with{Service: "alice:x", Groups: []string{"1"}},
			want: "Invalid multicast group address '1': Wrong IP format", left: both},
		{what: "row 2, not configured", publish: pub{Service: "x"}, with: with{Service: "alice:x", Groups: []string{"239.1.2.3"}},
			want: "The group 239.1.2.3 is not available", left: both},
		{what: "row 4", publish: pub{Service: "x"}, with: with{Service: "alice:y"}, want: "Could not find service", left: both},
		{what: "row 4, in one group only", publish: pub{Service: "x", Groups: a}, with: with{Service: "alice:x", Groups: both},
			want: "Could not find service", left: a},
		{what: "wherever it is", publish: pub{Service: "x", Groups: a}, with: with{Service: "alice:x"}},
		{what: "one group", publish: pub{Service: "x"}, with: with{Service: "alice:x", Groups: a}, left: b},
		{what: "dynamic, with delete_file", publish: pub{Service: "x"}, with: with{Service: "alice:x", DeleteFile: true}},
		{what: "5.4, permanent stays in its file", publish: pub{Service: "x", Permanent: true}, with: with{Service: "alice:x"},
			file: []string{}},
		{what: "5.4, in one group", publish: pub{Service: "x", Permanent: true, Groups: both}, with: with{Service: "alice:x", Groups: b},
			left: a, file: both},
		{what: "row 7, one group", publish: pub{Service: "x", Permanent: true, Groups: both},
			with: with{Service: "alice:x", Groups: b, DeleteFile: true}, left: a, file: a},
		{what: "row 7, the file named none", publish: pub{Service: "x", Permanent: true},
			with: with{Service: "alice:x", Groups: b, DeleteFile: true}, left: a},
		{what: "D31, several groups", publish: pub{Service: "x", Permanent: true, Groups: both},
			with: with{Service: "alice:x", Groups: both, DeleteFile: true}},
		{what: "D32", publish: pub{Service: "x", Permanent: true, Groups: b}, with: with{Service: "alice:x", DeleteFile: true}},
		{what: "D28, another user", publish: pub{Service: "x"}, by: "bob", with: with{Service: "alice:x"},
			want: "Permission denied", left: both},
		{what: "D28, another user's file", publish: pub{Service: "x", Permanent: true}, by: "bob",
			with: with{Service: "alice:x", DeleteFile: true}, want: "Permission denied", left: both, file: []string{}},
		{what: "D28, privileged", publish: pub{Service: "x", Permanent: true}, by: "admin",
			with: with{Service: "alice:x", DeleteFile: true}},
		{what: "unknown user, privileged", publish: pub{Service: "x"}, by: "admin", with: with{Service: "carol:x"},
			want: "Could not find service", left: both},
		{what: "D37, unqualified", publish: pub{Service: "x"}, with: with{Service: "x"}, want: "Could not find service", left: both},

		{what: "D33", publish: pub{Service: "x", Root: true}, with: with{Service: "y"}, want: "Could not find service", left: both},
		{what: "D33, with delete_file", publish: pub{Service: "x", Root: true}, with: with{Service: "y", DeleteFile: true},
			want: "Could not find service", left: both},
		{what: "row 6, in one group only", publish: pub{Service: "x", Root: true, Groups: a}, with: with{Service: "x", Groups: both}},
		{what: "row 6, in another group", publish: pub{Service: "x", Root: true, Groups: a}, with: with{Service: "x", Groups: b},
			want: "Could not find service", left: a},
		{what: "D28, root service of another", publish: pub{Service: "x", Root: true}, by: "bob", with: with{Service: "x"},
			want: "Permission denied", left: both},
		{what: "D28, root service of his own", publish: pub{Service: "x", Root: true}, with: with{Service: "x"}},
		{what: "D28, root service, privileged", publish: pub{Service: "x", Root: true}, by: "admin", with: with{Service: "x"}},
		{what: "D28, file of another", publish: pub{Service: "x", Root: true, Permanent: true}, by: "bob",
			with: with{Service: "x", DeleteFile: true}, want: "Permission denied", left: both, file: []string{}},
		{what: "root, row 7, one group", publish: pub{Service: "x", Root: true, Permanent: true, Groups: both},
			with: with{Service: "x", Groups: a, DeleteFile: true}, left: b, file: b},
		{what: "root, D32", publish: pub{Service: "x", Root: true, Permanent: true, Groups: both},
			with: with{Service: "x", DeleteFile: true}},
		{what: "row 6, delete_file in another group", publish: pub{Service: "x", Root: true, Permanent: true, Groups: a},
			with: with{Service: "x", Groups: b, DeleteFile: true}, want: "Could not find service", left: a, file: a},
		{what: "delete_file in another group", publish: pub{Service: "x", Permanent: true, Groups: a},
			with: with{Service: "alice:x", Groups: b, DeleteFile: true}, want: "Could not find service", left: a, file: a},
		{what: "root, 5.4", publish: pub{Service: "x", Root: true, Permanent: true, Groups: a}, with: with{Service: "x"}, file: a},
	} {
		t.Run(c.what, func(t *testing.T) {
			s, dir, p := newStore(t)
			alice := p.byName["alice"]
			if c.by == "bob" && alice.UID == p.byName["bob"].UID {
				asRoot(t)
			}
			id, path := "alice:x", alice.Home+"/.polo/x"
			if c.publish.Root {
				id, path = "x", dir+"/x"
			}
			alice.Privileged = true
			publish(t, s, alice, c.publish)
			who := map[string]discovery.Account{"": p.byName["alice"], "admin": root, "bob": p.byName["bob"]}[c.by]
			refused(t, "Unpublish", s.Unpublish(who, c.with), c.want)

			i, ok := s.Info(id)
			if got := slices.Collect(groupsOf(i)); ok != (len(c.left) > 0) || !slices.Equal(got, c.left) {
				t.Errorf("Info = %v, %t, want it in %v", got, ok, c.left)
			}
			text, err := os.ReadFile(path)
			if (err == nil) != (c.file != nil) {
				t.Fatalf("file: %v, want one: %t", err, c.file != nil)
			}
			if c.file == nil {
				return
			}
			f, _, err := discovery.ParseServiceFile(text)
			if err != nil || !slices.Equal(f.Groups, c.file) {
				t.Errorf("file has %s: %+v, %v, want groups %v", text, f, err, c.file)
			}
			wantFiles(t, filepath.Dir(path), "x")
		})
	}
}

func groupsOf(i discovery.Information) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, g := range i.Groups {
			if !yield(g.String()) {
				return
			}
		}
	}
}

// D33: what is gone is not found, also where a file is left that names groups
// this Polo has not; a file that is switched off is found once.
func TestUnpublishWhatIsGone(t *testing.T) {
	s, dir, _ := newStore(t)
	write(t, dir+"/x", `{"id": "x", "groups": ["`+groupA.String()+`", "239.9.9.9"]}`)
	write(t, dir+"/off", `{"id": "off", "disabled": true}`)
	reload(t, s)
	for _, id := range []string{"x", "off"} {
		if err := s.Unpublish(root, discovery.Withdrawal{Service: id, DeleteFile: true}); err != nil {
			t.Errorf("Unpublish %s = %v", id, err)
		}
		for range 2 {
			refused(t, "Unpublish "+id+" again", s.Unpublish(root, discovery.Withdrawal{Service: id, DeleteFile: true}), "Could not find service")
		}
	}
}

// 5.4: a static service that was unpublished comes back with a reload.
func TestUnpublishedComesBack(t *testing.T) {
	s, dir, p := newStore(t)
	alice := p.byName["alice"]
	write(t, dir+"/x", `{"id": "x"}`)
	writeFor(t, alice, ".polo/x", `{"id": "x"}`)
	reload(t, s)
	for _, id := range []string{"x", "alice:x"} {
		refused(t, "Unpublish", s.Unpublish(root, discovery.Withdrawal{Service: id}), "")
		if _, ok := s.Info(id); ok {
			t.Errorf("%s is offered still", id)
		}
		refused(t, "Unpublish again", s.Unpublish(root, discovery.Withdrawal{Service: id}), "Could not find service")
	}
	reload(t, s)
	for _, id := range []string{"x", "alice:x"} {
		if _, ok := s.Info(id); !ok {
			t.Errorf("%s is not offered after a reload", id)
		}
	}
	// 4.5 row 6: the file of what is not offered can be removed.
	for _, id := range []string{"x", "alice:x"} {
		refused(t, "Unpublish", s.Unpublish(root, discovery.Withdrawal{Service: id}), "")
		refused(t, "delete", s.Unpublish(root, discovery.Withdrawal{Service: id, DeleteFile: true}), "")
	}
	wantFiles(t, dir)
	wantFiles(t, alice.Home+"/.polo")
}

// D28: nor may others remove the file of what is not offered.
func TestForeignHiddenFilesAreKept(t *testing.T) {
	asRoot(t)
	s, dir, p := newStore(t)
	alice := p.byName["alice"]
	alice.Privileged = true
	publish(t, s, alice, discovery.Publication{Service: "x", Root: true, Permanent: true})
	refused(t, "Unpublish", s.Unpublish(alice, discovery.Withdrawal{Service: "x"}), "")
	err := s.Unpublish(p.byName["bob"], discovery.Withdrawal{Service: "x", DeleteFile: true})
	refused(t, "Unpublish", err, "Permission denied")
	wantFiles(t, dir, "x")
}

// D29, 4.5 row 5: only the file that says it is the service's is changed.
func TestForeignFilesAreKept(t *testing.T) {
	for what, text := range map[string]string{"another service": `{"id": "y"}`, "junk": `junk`, "none": ""} {
		t.Run(what, func(t *testing.T) {
			s, dir, p := newStore(t)
			alice := p.byName["alice"]
			publish(t, s, root, discovery.Publication{Service: "x", Root: true, Permanent: true})
			publish(t, s, alice, discovery.Publication{Service: "x", Permanent: true})
			for id, path := range map[string]string{"x": dir + "/x", "alice:x": alice.Home + "/.polo/x"} {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				if text != "" {
					write(t, path, text)
					own(t, alice, path)
				}
				err := s.Unpublish(root, discovery.Withdrawal{Service: id, DeleteFile: true})
				refused(t, "Unpublish "+id, err, "Could not find service file")
				if got, err := os.ReadFile(path); text != "" && (err != nil || string(got) != text) {
					t.Errorf("%s has %q, %v, want %q", path, got, err, text)
				}
			}
			if _, ok := s.Reply(groupA, "x"); !ok {
				t.Error("a refused Unpublish took the service")
			}
		})
	}
}

// D29: a name is looked up among services and never becomes a path.
func TestUnpublishedNamesAreNoPaths(t *testing.T) {
	s, dir, p := newStore(t)
	alice := p.byName["alice"]
	secret := filepath.Join(filepath.Dir(dir), "secret.json")
	write(t, secret, `{"id": "secret"}`)
	write(t, dir+"/real", `{"id": "real"}`)
	writeFor(t, alice, ".polo/real", `{"id": "real"}`)
	reload(t, s)
	for _, name := range []string{
		secret, "../secret.json", "services/../../secret.json", "./real", "real/", "real\x00", "alice:../.polo/real",
		"alice:../../services/real", "../bob:x", "alice:/etc/passwd", "", ":", "..:..", "alice:..", "..:real",
	} {
		if err := s.Unpublish(root, discovery.Withdrawal{Service: name, DeleteFile: true}); err == nil {
			t.Errorf("Unpublish(%q) = nil", name)
		}
	}
	wantFiles(t, dir, "real")
	wantFiles(t, filepath.Dir(dir), "secret.json", "services")
	wantFiles(t, alice.Home+"/.polo", "real")
}

// 4.5 row 7: what else a file says stays as it was written.
func TestRewrittenFileKeepsTheRest(t *testing.T) {
	s, dir, _ := newStore(t)
	write(t, dir+"/any-name", `{"id": "x", "params": {"n": 1.50, "t": "<&>"}, "groups": ["224.0.0.113", "224.0.0.112", "239.1.1.1"], "comment": [1e3]}`)
	if err := os.Chmod(dir+"/any-name", 0o640); err != nil {
		t.Fatal(err)
	}
	reload(t, s)
	err := s.Unpublish(root, discovery.Withdrawal{Service: "x", Groups: []string{groupA.String()}, DeleteFile: true})
	refused(t, "Unpublish", err, "")
	text, err := os.ReadFile(dir + "/any-name")
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	f, _, err := discovery.ParseServiceFile(text)
	if err != nil || !slices.Equal(f.Groups, []string{"224.0.0.113", "239.1.1.1"}) || f.Params["n"] != json.Number("1.50") || !strings.Contains(string(text), "<&>") || got["comment"] == nil {
		t.Errorf("file has %s: %+v, %v", text, f, err)
	}
	if info, err := os.Stat(dir + "/any-name"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v, want 0640", info.Mode(), err)
	}
}

// D38: Set-permanent, which the original never finished.
func TestSetPermanent(t *testing.T) {
	s, dir, p := newStore(t)
	alice, bob := p.byName["alice"], p.byName["bob"]
	publish(t, s, root, discovery.Publication{Service: "x", Root: true, Params: map[string]any{"n": 1}})
	publish(t, s, alice, discovery.Publication{Service: "x", Groups: []string{groupB.String()}})
	for id, path := range map[string]string{"x": dir + "/x", "alice:x": alice.Home + "/.polo/x"} {
		for _, permanent := range []bool{true, true, false, false, true} {
			before, _ := s.Info(id)
			refused(t, "SetPermanent", s.SetPermanent(root, id, permanent), "")
			if _, err := os.Stat(path); (err == nil) != permanent {
				t.Errorf("SetPermanent(%q, %t): file %v", id, permanent, err)
			}
			i, ok := s.Info(id)
			if !ok || i.Permanent != permanent || i.Static != permanent || !slices.Equal(i.Groups, before.Groups) || i.Params["n"] != before.Params["n"] {
				t.Errorf("Info(%q) = %+v, want permanent %t, else as before: %+v", id, i, permanent, before)
			}
		}
	}
	if alice.UID != bob.UID {
		refused(t, "of another", s.SetPermanent(bob, "alice:x", false), "Permission denied")
		refused(t, "of the host", s.SetPermanent(bob, "x", false), "Permission denied")
	}
	refused(t, "unknown", s.SetPermanent(root, "y", true), "Could not find service")
	refused(t, "unknown user", s.SetPermanent(root, "carol:y", true), "Could not find service")
	publish(t, s, root, discovery.Publication{Service: "a/b", Root: true})
	refused(t, "no file name", s.SetPermanent(root, "a/b", true),
		"The name of the service a/b is invalid: cannot be the name of a file, as it must for a permanent service")
	without := discovery.NewStore(discovery.StoreConfig{}, nil)
	publish(t, without, root, discovery.Publication{Service: "x", Root: true})
	refused(t, "no folder", without.SetPermanent(root, "x", true), "Could not write file")
}

// D38: one id with several params cannot be in one file.
func TestSetPermanentOfSeveral(t *testing.T) {
	for n, want := range map[int]string{1: "", 2: "Could not write file"} {
		s, _, _ := newStore(t)
		for i, group := range []string{groupA.String(), groupB.String()} {
			params := map[string]any{"n": 1 + i*(n-1)}
			publish(t, s, root, discovery.Publication{Service: "x", Root: true, Params: params, Groups: []string{group}})
		}
		refused(t, "SetPermanent", s.SetPermanent(root, "x", true), want)
		if i, ok := s.Info("x"); !ok || len(i.Groups) != 2 || i.Permanent != (want == "") {
			t.Errorf("Info = %+v, %t", i, ok)
		}
	}
}
