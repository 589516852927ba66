package discovery_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"co2/discovery"
)

// root is an account that may do everything.
var root = discovery.Account{Name: "root", Home: "/root", Privileged: true}

// Groups: one of the default ones, the other, none of them, and unicast.
var (
	groupA  = netip.MustParseAddr("224.0.0.112")
	groupB  = netip.MustParseAddr("224.0.0.113")
	foreign = netip.MustParseAddr("224.0.0.114")
	unicast netip.Addr
)

// refused fails the test unless err is a refusal with this text, or nil if
// there is none.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refusal *discovery.Refusal
	switch {
	case err == nil && want == "":
	case !errors.As(err, &refusal) || refusal.Text != want:
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func publish(t *testing.T, s *discovery.Store, who discovery.Account, p discovery.Publication) {
	t.Helper()
	if _, err := s.Publish(who, p); err != nil {
		t.Fatalf("Publish(%+v) = %v", p, err)
	}
}

// D19
func TestPublishWarnsOfLargeReplies(t *testing.T) {
	for size, want := range map[int]int{100: 0, 1500: 1} {
		var lines bytes.Buffer
		s := discovery.NewStore(discovery.StoreConfig{}, slog.New(slog.NewTextHandler(&lines, nil)))
		params := map[string]any{"x": strings.Repeat("x", size)}
		publish(t, s, root, discovery.Publication{Service: "a", Params: params, Root: true})
		if got := strings.Count(lines.String(), "\n"); got != want {
			t.Errorf("publishing %d bytes logged %d lines, want %d", size, got, want)
		}
	}
}

// 2.6, 4.4: a group filter for root services; unicast hears of all groups.
func TestRootServices(t *testing.T) {
	s := discovery.NewStore(discovery.StoreConfig{}, nil)
	params := map[string]any{"n": 1}
	publish(t, s, root, discovery.Publication{Service: "b", Params: params, Root: true})
	params["n"] = 2
	publish(t, s, root, discovery.Publication{Service: "a", Root: true, Groups: []string{groupA.String()}})
	for _, c := range []struct {
		group netip.Addr
		id    string
		want  string
	}{
		{groupA, "a", `{"Command": "OK", "Params": {}}`},
		{groupB, "a", ""},
		{unicast, "a", `{"Command": "OK", "Params": {}}`},
		{groupB, "b", `{"Command": "OK", "Params": {"n": 1}}`},
		{groupA, "B", ""},
		{groupA, "b ", ""},
		{foreign, "b", ""},
	} {
		got, ok := s.Reply(c.group, c.id)
		if string(got) != c.want || ok != (c.want != "") {
			t.Errorf("Reply(%v, %q) = %s, %t, want %s", c.group, c.id, got, ok, c.want)
		}
	}
	if got, ok := s.Info("b"); !ok || got.Params["n"] != json.Number("1") || len(got.Groups) != 2 {
		t.Errorf("Info = %+v, want the params as they were published, in both groups", got)
	}
	if list := s.List(); len(list) != 2 || list[0].Identifier != "a" {
		t.Errorf("List = %v, want a and b", list)
	}
	want := `{"Command": "OK", "Params": [{"id": "b", "params": {"n": 1}}], "Services": [{"id": "b", "params": {"n": 1}}]}`
	if got := s.ServicesReply(groupB); string(got) != want {
		t.Errorf("ServicesReply = %s, want %s", got, want)
	}
	refused(t, "Unpublish", s.Unpublish(root, discovery.Withdrawal{Service: "b"}), "")
	refused(t, "second Unpublish", s.Unpublish(root, discovery.Withdrawal{Service: "b"}), "Could not find service")
}
