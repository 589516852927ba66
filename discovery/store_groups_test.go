package discovery_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"co2/discovery"
)

// A reload for other groups offers each service in those that it was meant for,
// of files and of programs, of the host and of users; what has none left ends.
func TestReloadForOtherGroups(t *testing.T) {
	t.Parallel()
	a, b, c := netip.MustParseAddr("239.0.0.1"), netip.MustParseAddr("239.0.0.2"), netip.MustParseAddr("239.0.0.3")
	everywhere := []string{a.String(), b.String(), c.String()}
	dir := t.TempDir()
	for name, groups := range map[string]string{"all": `[]`, "b": `["239.0.0.2"]`, "c": `["239.0.0.3"]`} {
		text := fmt.Sprintf(`{"id": "file-%s", "groups": %s}`, name, groups)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	users := newPeople(t, "alice")
	me := users.byName["alice"]
	me.Privileged = true
	s := discovery.NewStore(discovery.StoreConfig{Groups: []netip.Addr{a, b}, Dir: dir, Accounts: users}, nil)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	publish := func(id string, root bool, groups ...string) {
		t.Helper()
		if _, err := s.Publish(me, discovery.Publication{Service: id, Root: root, Groups: groups}); err != nil {
			t.Fatalf("Publish(%s) = %v", id, err)
		}
	}
	publish("all", true)
	publish("a", true, a.String())
	publish("b", true, b.String())
	publish("part", true)
	publish("mine", false, b.String())
	if err := s.Unpublish(me, discovery.Withdrawal{Service: "part", Groups: []string{a.String()}}); err != nil {
		t.Fatal(err)
	}
	offered := func(id string) (in []string) {
		for _, text := range everywhere {
			group := netip.MustParseAddr(text)
			_, ok := s.Reply(group, id)
			if s.IsUserID(id) {
				_, ok = s.UserReply(group, id)
			}
			if ok {
				in = append(in, text)
			}
		}
		return in
	}
	for _, step := range []struct {
		groups []netip.Addr
		want   map[string][]string
	}{
		{[]netip.Addr{a, b}, map[string][]string{
			"all": everywhere[:2], "a": everywhere[:1], "b": everywhere[1:2], "part": everywhere[1:2], "alice:mine": everywhere[1:2],
			"file-all": everywhere[:2], "file-b": everywhere[1:2], "file-c": nil,
		}},
		{[]netip.Addr{b, c}, map[string][]string{
			"all": everywhere[1:], "a": nil, "b": everywhere[1:2], "part": everywhere[1:2], "alice:mine": everywhere[1:2],
			"file-all": everywhere[1:], "file-b": everywhere[1:2], "file-c": everywhere[2:],
		}},
		{[]netip.Addr{c}, map[string][]string{
			"all": everywhere[2:], "a": nil, "b": nil, "part": nil, "alice:mine": nil,
			"file-all": everywhere[2:], "file-b": nil, "file-c": everywhere[2:],
		}},
		{[]netip.Addr{a, b, c}, map[string][]string{
			"all": everywhere, "a": nil, "b": nil, "part": nil, "alice:mine": nil,
			"file-all": everywhere, "file-b": everywhere[1:2], "file-c": everywhere[2:],
		}},
	} {
		if err := s.ReloadFor(step.groups); err != nil {
			t.Fatal(err)
		}
		for id, want := range step.want {
			if got := offered(id); !slices.Equal(got, want) {
				t.Errorf("with the groups %v %s is offered in %v, want %v", step.groups, id, got, want)
			}
		}
		for _, group := range []netip.Addr{a, b, c} {
			if has := slices.Contains(step.groups, group); (s.ServicesReply(group) != nil) != has {
				t.Errorf("with the groups %v services of %s are told: %t, want %t", step.groups, group, !has, has)
			}
		}
	}
	publish("c", true, c.String())
}
