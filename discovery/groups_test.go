package discovery_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

// inGroups returns a store with a service in both groups, and one in each.
func inGroups(t *testing.T) *discovery.Store {
	t.Helper()
	store := discovery.NewStore(discovery.StoreConfig{}, nil)
	for id, groups := range map[string][]string{"both": nil, "one": {"224.0.0.112"}, "other": {"224.0.0.113"}} {
		if _, err := store.Publish(root, discovery.Publication{Service: id, Groups: groups, Root: true}); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// Sections 1, 2.2, 2.3, 2.4; D1, D2: what a Polo of two groups answers in each
// of them and by unicast.
func TestGroupsAreApart(t *testing.T) {
	const ok = `{"Command": "OK", "Params": {}}`
	list := func(ids ...string) string {
		var entries []string
		for _, id := range ids {
			entries = append(entries, `{"id": "`+id+`", "params": {}}`)
		}
		all := "[" + strings.Join(entries, ", ") + "]"
		return `{"Command": "OK", "Params": ` + all + `, "Services": ` + all + `}`
	}
	direct := netip.MustParseAddr(poloAddr)
	for _, c := range []struct {
		name    string
		to      netip.Addr
		request string
		want    []string
	}{
		{"Marco, first group", group112, marcoRequest, []string{poloReply}},
		{"Marco, second group", group113, marcoRequest, []string{poloReply}},
		{"Marco, unicast", direct, marcoRequest, []string{poloReply}},
		{"Marco, a group of others", netip.MustParseAddr("224.0.0.114"), marcoRequest, nil},
		{"Marco, unicast to another address", netip.MustParseAddr("10.0.0.8"), marcoRequest, nil},
		{"Discover, unicast", direct, `{"Command": "Discover"}`, []string{poloReply}},
		{"of both, first group", group112, requestFor("both"), []string{ok}},
		{"of both, second group", group113, requestFor("both"), []string{ok}},
		{"of both, unicast", direct, requestFor("both"), []string{ok}},
		{"of the first, first group", group112, requestFor("one"), []string{ok}},
		{"of the first, second group", group113, requestFor("one"), nil},
		{"of the second, first group", group112, requestFor("other"), nil},
		{"of the second, second group", group113, requestFor("other"), []string{ok}},
		{"of the second, unicast", direct, requestFor("other"), []string{ok}},
		{"Services, first group", group112, servicesRequest, []string{list("both", "one")}},
		{"Services, second group", group113, servicesRequest, []string{list("both", "other")}},
		{"Services, unicast", direct, servicesRequest, []string{list("both", "one", "other")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				these := linked(lan)
				cfg := discovery.PoloConfig{Groups: discovery.DefaultGroups(), Interfaces: these.list}
				startOffering(t, &n, cfg, inGroups(t), nil)
				if got := ask(&n, c.to, lan.Index, c.request); !slices.Equal(got, c.want) {
					t.Errorf("replies to %s at %s = %q, want %q", c.request, c.to, got, c.want)
				}
			})
		})
	}
}

// D2: a Marco on an interface with a unicast socket is answered once, from the
// group's socket; and by unicast from the address asked, port 1337 (section 1).
func TestAnsweredOnceFromThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		these := linked(lan, wlan)
		startPolo(t, &n, discovery.PoloConfig{Interfaces: these.list, Networks: anyone}, nil)
		multicast(&n, askerAddr, 40000, lan.Index, marcoRequest)
		sendTo(&n, "192.168.9.9", "192.168.5.7", wlan.Index, marcoRequest)
		if got := n.sentBy(poloAddr); len(got) != 1 || got[0].from.Port() != discovery.DefaultPort {
			t.Errorf("in the group: replies %+v, want one from port 1337", got)
		}
		if got := n.sentBy("192.168.5.7"); len(got) != 1 || got[0].from.Port() != discovery.DefaultPort {
			t.Errorf("by unicast: replies %+v, want one from the address asked, port 1337", got)
		}
	})
}

// D17, section 10: Params of Polo are always an object, with the hostname
// unless it is hidden.
func TestParamsOfTheNode(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  discovery.PoloConfig
		want string
	}{
		"default":                {discovery.PoloConfig{}, poloReply},
		"added":                  {discovery.PoloConfig{Params: map[string]any{"room": 7}}, `{"Command":"Polo","Params":{"hostname":"polohost","room":7}}`},
		"given":                  {discovery.PoloConfig{Params: map[string]any{"hostname": "other"}}, `{"Command":"Polo","Params":{"hostname":"other"}}`},
		"hidden":                 {discovery.PoloConfig{HideHostname: true}, `{"Command":"Polo","Params":{}}`},
		"hidden though given":    {discovery.PoloConfig{HideHostname: true, Params: map[string]any{"hostname": "other", "a": nil}}, `{"Command":"Polo","Params":{"a":null}}`},
		"with letters of abroad": {discovery.PoloConfig{Hostname: "bücher"}, `{"Command":"Polo","Params":{"hostname":"b\u00fccher"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n network
				c.cfg.Networks = anyone
				startPolo(t, &n, c.cfg, nil)
				if got := ask(&n, group112, mem0.Index, marcoRequest); !slices.Equal(got, []string{c.want}) {
					t.Errorf("reply = %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	for name, cfg := range map[string]discovery.PoloConfig{
		"unicast group":   {Groups: []netip.Addr{netip.MustParseAddr("10.0.0.1")}},
		"IPv6 group":      {Groups: []netip.Addr{netip.MustParseAddr("ff02::1")}},
		"group twice":     {Groups: []netip.Addr{group112, group112}},
		"too many hops":   {Hops: 256},
		"params too long": {Params: map[string]any{"text": strings.Repeat("x", discovery.MaxReply)}}, // D19
		"params no JSON":  {Params: map[string]any{"text": make(chan int)}},
	} {
		polo := discovery.NewPolo(cfg, offered(t), nil)
		if err := polo.Run(t.Context()); err == nil {
			t.Errorf("Run with %s = nil, want an error", name)
		}
	}
}
