package binding_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"co2/discovery"
)

// bound replaces <token> in a request.
func with(request, token string) string { return strings.ReplaceAll(request, "<token>", token) }

// What the door refuses by itself, in the order of its checks: each request
// has every later mistake as well. The connection stays open.
func TestRefusals(t *testing.T) {
	const (
		badGroup   = `"multicast_groups": ["224.1"]`
		allBad     = `"service": 5, ` + badGroup + `, "permanent": 1, "root": 1, "delete_file": 1`
		malformed  = "Malformed request. Commands missing"
		noService  = "The name of the service %s is invalid: "
		noText     = noService + "Service must be a string"
		groupStart = "Invalid multicast group address '%s': "
	)
	tests := []struct{ name, request, want string }{
		// 4.6, D34
		{"no command", `{}`, "Missing command"},
		{"null", `{"Command": null}`, "Missing command"},
		{"another case of the key", `{"command": "Reload"}`, "Missing command"},
		{"no object", `[]`, "Missing command"},
		{"no object but a command", `["Command", "Reload"]`, "Missing command"},
		{"unknown", `{"Command": "Dance"}`, malformed},
		{"another case", `{"Command": "publish"}`, malformed},
		{"empty", `{"Command": ""}`, malformed},
		{"a number", `{"Command": 5}`, malformed},
		{"args that are a list", `{"Command": "Publish", "Args": ["token"]}`, malformed},
		{"args that are text", `{"Command": "Publish", "Args": "token"}`, malformed},
		// 4.2, 4.3
		{"token for nobody", `{"Command": "Request-token", "Args": {"uid": 54399}}`, "User not found"},
		{"token without uid", `{"Command": "Request-token"}`, "User not found"},
		{"token for null", `{"Command": "Request-token", "Args": {"uid": null}}`, "User not found"},
		{"token for text", `{"Command": "Request-token", "Args": {"uid": "0"}}`, "User not found"},
		{"token for -1", `{"Command": "Request-token", "Args": {"uid": -1}}`, "User not found"},
		{"token for a fraction", `{"Command": "Request-token", "Args": {"uid": 0.5}}`, "User not found"},
		{"token for 2^32", `{"Command": "Request-token", "Args": {"uid": 4294967296}}`, "User not found"},
		{"token for true", `{"Command": "Request-token", "Args": {"uid": true}}`, "User not found"},
		{"token without a home", `{"Command": "Request-token", "Args": {"uid": 54324}}`, "Could not write token file"},
		// 4.4
		{"1 no token", `{"Command": "Publish", "Args": {` + allBad + `}}`, "Need a token"},
		{"1 no args", `{"Command": "Register"}`, "Need a token"},
		{"1 null args", `{"Command": "Register", "Args": null}`, "Need a token"},
		{"1 null token", `{"Command": "Publish", "Args": {"token": null}}`, "Need a token"},
		{"1 empty token", `{"Command": "Publish", "Args": {"token": ""}}`, "Need a token"},
		{"2 no token of ours", `{"Command": "Publish", "Args": {"token": "x", ` + allBad + `}}`, "Bad token"},
		{"2 token a number", `{"Command": "Publish", "Args": {"token": 5}}`, "Bad token"},
		{"2 token an object", `{"Command": "Publish", "Args": {"token": {}}}`, "Bad token"},
		{"3 service a number", `{"Command": "Publish", "Args": {"token": "<token>", ` + allBad + `}}`, fmt.Sprintf(noText, "5")},
		{"3 service a list", `{"Command": "Publish", "Args": {"token": "<token>", "service": ["a"]}}`, fmt.Sprintf(noText, `["a"]`)},
		{"3 no service", `{"Command": "Publish", "Args": {"token": "<token>", ` + badGroup + `}}`, fmt.Sprintf(noService, "") + "Must be larger than 1"},
		{"3 empty service", `{"Command": "Publish", "Args": {"token": "<token>", "service": ""}}`, fmt.Sprintf(noService, "") + "Must be larger than 1"},
		{"4 group a number", publishIn(`[224, "x"]`), fmt.Sprintf(groupStart, "224") + "IP must be a string"},
		{"4 group null", publishIn(`["224.0.0.112", null]`), fmt.Sprintf(groupStart, "null") + "IP must be a string"},
		{"4 groups a number", publishIn(`5`), fmt.Sprintf(groupStart, "5") + "IP must be a string"},
		{"4 groups an object", publishIn(`{}`), fmt.Sprintf(groupStart, "{}") + "IP must be a string"},
		{"4 groups a text", publishIn(`"224.0.0.112"`), fmt.Sprintf(groupStart, "224.0.0.112") + "Wrong IP format"},
		{"4 group of two parts, D35", publishIn(`["224.1"]`), fmt.Sprintf(groupStart, "224.1") + "Wrong IP format"},
		{"4 group a name", publishIn(`["localhost"]`), fmt.Sprintf(groupStart, "localhost") + "Wrong IP format"},
		{"4 group with zeros, D35", publishIn(`["224.000.0.112"]`), fmt.Sprintf(groupStart, "224.000.0.112") + "Wrong IP format"},
		{"4 group with a blank, D35", publishIn(`["224.0.0.112 "]`), fmt.Sprintf(groupStart, "224.0.0.112 ") + "Wrong IP format"},
		{"4 group of IPv6", publishIn(`["ff02::1"]`), fmt.Sprintf(groupStart, "ff02::1") + "Wrong IP format"},
		{"4 no three digits", publishIn(`["10.0.0.1"]`), fmt.Sprintf(groupStart, "10.0.0.1") + "IP is not of class D"},
		{"4 digits further on, D35", publishIn(`["10.230.0.1"]`), fmt.Sprintf(groupStart, "10.230.0.1") + "IP is not of class D"},
		{"4 below", publishIn(`["223.255.255.255"]`), fmt.Sprintf(groupStart, "223.255.255.255") + "The IP is not in the multicast range"},
		{"4 above", publishIn(`["240.0.0.0"]`), fmt.Sprintf(groupStart, "240.0.0.0") + "The IP is not in the multicast range"},
		{"5 permanent a number", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "permanent": 1, "root": 1}}`, "permanent must be boolean"},
		{"5 permanent null", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "permanent": null}}`, "permanent must be boolean"},
		{"5 root a text", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "root": "yes"}}`, "root must be boolean"},
		{"params a list, D11", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "params": []}}`, "params must be an object"},
		// 4.5
		{"1 no token to unpublish", `{"Command": "Unpublish", "Args": {` + allBad + `}}`, "Bad token"},
		{"1 bad token to unpublish", `{"Command": "Unpublish", "Args": {"token": "x", ` + allBad + `}}`, "Bad token"},
		{"numeric service to unpublish, D34", `{"Command": "Unpublish", "Args": {"token": "<token>", ` + allBad + `}}`, fmt.Sprintf(noText, "5")},
		{"2 bad group to unpublish", `{"Command": "Unpublish", "Args": {"token": "<token>", "service": "a", ` + badGroup + `}}`, fmt.Sprintf(groupStart, "224.1") + "Wrong IP format"},
		{"delete_file a number", `{"Command": "Unpublish", "Args": {"token": "<token>", "service": "a", "delete_file": 1}}`, "delete_file must be boolean"},
		// D38
		{"info of none", `{"Command": "Service-info", "Args": {}}`, fmt.Sprintf(noService, "") + "Must be larger than 1"},
		{"info of a number", `{"Command": "Service-info", "Args": {"service": 5}}`, fmt.Sprintf(noText, "5")},
		{"info of an unknown one", `{"Command": "Service-info", "Args": {"service": "a"}}`, "Could not find service"},
		{"has none", `{"Command": "Has-service"}`, fmt.Sprintf(noService, "") + "Must be larger than 1"},
		{"permanent without token", `{"Command": "Set-permanent", "Args": {"service": "a", "permanent": true}}`, "Need a token"},
		{"permanent without saying", `{"Command": "Set-permanent", "Args": {"token": "<token>", "service": "a"}}`, "permanent must be boolean"},
		{"permanent a text", `{"Command": "Set-permanent", "Args": {"token": "<token>", "service": "a", "permanent": "no"}}`, "permanent must be boolean"},
		{"reload without token", `{"Command": "Reload"}`, "Need a token"},
		{"reload with a bad one", `{"Command": "Reload", "Args": {"token": "x"}}`, "Bad token"},
	}
	s := &services{}
	d := open(t, doorConfig(t), s)
	token := d.tokenOf(t, me())
	c := d.tls(t)
	for _, tt := range tests {
		want := fmt.Sprintf(`{"Error": %q}`, tt.want)
		if got := c.ask(with(tt.request, token)); got != want {
			t.Errorf("%s: %s answered by %s, want %s", tt.name, tt.request, got, want)
		}
	}
	if calls := s.asked(); len(calls) > 0 {
		t.Errorf("the services were asked %v by refused requests", calls)
	}
}

func publishIn(groups string) string {
	return `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "multicast_groups": ` + groups + `, "permanent": 1}}`
}

// What the commands ask of the services, and the OK values.
func TestCommands(t *testing.T) { // 4.2
	both := []string{"224.0.0.112", "224.0.0.113"}
	tests := []struct {
		name, request, want string
		asks                any
	}{
		{"Publish", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, `{"OK": "me:a"}`,
			discovery.Publication{Service: "a"}},
		{"Register", `{"Command": "Register", "Args": {"token": "<token>", "service": "printer", "root": true, "permanent": true}}`, `{"OK": "printer"}`,
			discovery.Publication{Service: "printer", Root: true, Permanent: true}},
		{"groups", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "multicast_groups": ["224.0.0.112", "224.0.0.113"]}}`, `{"OK": "me:a"}`,
			discovery.Publication{Service: "a", Groups: both}},
		{"no groups", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "multicast_groups": []}}`, `{"OK": "me:a"}`,
			discovery.Publication{Service: "a", Groups: []string{}}},
		{"null groups", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "multicast_groups": null, "params": null}}`, `{"OK": "me:a"}`,
			discovery.Publication{Service: "a"}},
		{"the last of a repeated key", `{"Command": "Dance", "Args": {"token": "<token>", "service": 1, "service": "b"}, "Command": "Publish"}`, `{"OK": "me:b"}`,
			discovery.Publication{Service: "b"}},
		{"keys in another case", `{"Command": "Publish", "Args": {"token": "<token>", "service": "a", "Root": true}, "args": {}}`, `{"OK": "me:a"}`,
			discovery.Publication{Service: "a"}},
		{"not ASCII", `{"Command": "Publish", "Args": {"token": "<token>", "service": "señal🎈"}}`, `{"OK": "me:se\u00f1al\ud83c\udf88"}`,
			discovery.Publication{Service: "señal🎈"}},
		{"Unpublish", `{"Command": "Unpublish", "Args": {"token": "<token>", "service": "me:a", "uid": 99}}`, `{"OK": 0}`,
			discovery.Withdrawal{Service: "me:a"}},
		{"Unpublish with all", `{"Command": "Unpublish", "Args": {"token": "<token>", "service": "a", "multicast_groups": ["224.0.0.112", "224.0.0.113"], "delete_file": true}}`, `{"OK": 0}`,
			discovery.Withdrawal{Service: "a", Groups: both, DeleteFile: true}},
		{"Set-permanent, D38", `{"Command": "Set-permanent", "Args": {"token": "<token>", "service": "me:a", "permanent": true}}`, `{"OK": 0}`,
			permanence{"me:a", true}},
		{"not permanent, D38", `{"Command": "Set-permanent", "Args": {"token": "<token>", "service": "me:a", "permanent": false}}`, `{"OK": 0}`,
			permanence{"me:a", false}},
	}
	s := &services{}
	d := open(t, doorConfig(t), s)
	token := d.tokenOf(t, me())
	c := d.tls(t)
	for _, tt := range tests {
		if got := c.ask(with(tt.request, token)); got != tt.want {
			t.Errorf("%s: reply %s, want %s", tt.name, got, tt.want)
		}
		if got, want := s.asked(), []call{{"me", tt.asks}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the services were asked %+v, want %+v", tt.name, got, want)
		}
	}
}

// Params reach the services, their numbers as they were written.
func TestPublishedParams(t *testing.T) { // D11, D26
	s := &services{}
	d := open(t, doorConfig(t), s)
	c := d.tls(t)
	c.ask(with(`{"Command": "Register", "Args": {"token": "<token>", "service": "a", "params": {"a": 1.50, "b": 12345678901234567890, "c": "x", "d": true, "e": null}}}`, d.tokenOf(t, me())))
	calls := s.asked()
	if len(calls) != 1 {
		t.Fatalf("the services were asked %v, want one publication", calls)
	}
	got := fmt.Sprintf("%#v", calls[0].Args.(discovery.Publication).Params)
	want := `map[string]interface {}{"a":"1.50", "b":"12345678901234567890", "c":"x", "d":true, "e":interface {}(nil)}`
	if got != want {
		t.Errorf("params %s, want %s", got, want)
	}
}

// A refusal of the services is told word for word, shortened if it would not
// fit into what an old client reads; what else goes wrong is only logged.
func TestErrorsOfServices(t *testing.T) { // 4.1, 4.4
	const request = `{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&discovery.Refusal{Text: "Service already exists"}, `{"Error": "Service already exists"}`},
		{fmt.Errorf("publish: %w", &discovery.Refusal{Text: "<&>é"}), `{"Error": "<&>\u00e9"}`},
		{errors.New("the disk is on fire"), `{"Error": "Internal error"}`},
		{&discovery.Refusal{Text: strings.Repeat("🎈", 1000)}, ""},
	} {
		d := open(t, doorConfig(t), &services{err: tt.err})
		got := d.tls(t).ask(with(request, d.tokenOf(t, me())))
		if tt.want != "" && got != tt.want {
			t.Errorf("%v is answered by %s, want %s", tt.err, got, tt.want)
		}
		if !strings.HasSuffix(got, `"}`) || !strings.HasPrefix(got, `{"Error": "`) {
			t.Errorf("%.20v is answered by %s, want a whole error", tt.err, got)
		}
		if fire := "the disk is on fire"; strings.Contains(tt.err.Error(), fire) && !strings.Contains(d.log.String(), fire) {
			t.Error("an internal error is not in the log")
		}
	}
}

// An old client reads 1024 bytes: whatever is wrong with a request, and
// however long, the error fits.
func TestLongErrors(t *testing.T) { // 4.1
	d := open(t, doorConfig(t), &services{})
	c, token := d.tls(t), d.tokenOf(t, me())
	for _, long := range []string{strings.Repeat("a", 60000), strings.Repeat("🎈", 15000), strings.Repeat("\\u0001", 10000)} {
		for _, request := range []string{
			`{"Command": "Publish", "Args": {"token": "<token>", "service": ["LONG"]}}`,
			publishIn(`["LONG"]`), publishIn(`[["LONG"]]`), publishIn(`"LONG"`),
			`{"Command": "LONG"}`, `{"Command": "Publish", "Args": {"token": "LONG"}}`,
		} {
			if got := c.ask(strings.ReplaceAll(with(request, token), "LONG", long)); !strings.HasSuffix(got, `"}`) {
				t.Errorf("%s with a text of %d bytes: reply of %d bytes is cut: %s", request, len(long), len(got), got)
			}
		}
	}
}

func TestServiceInfo(t *testing.T) { // D38
	s := &services{known: map[string]discovery.Information{
		"printer": {Identifier: "printer", Params: map[string]any{"port": 9100}, Groups: discovery.DefaultGroups(), Permanent: true},
		"me:a":    {Identifier: "me:a", Groups: []netip.Addr{}, Disabled: true, Owner: "me"},
	}}
	d := open(t, doorConfig(t), s)
	c := d.tls(t)
	for request, want := range map[string]string{
		`{"Command": "Service-info", "Args": {"service": "printer"}}`: `{"OK": {"identifier": "printer", "params": {"port": 9100}, "multicast_groups": ["224.0.0.112", "224.0.0.113"], "disabled": false, "permanent": true}}`,
		`{"Command": "Service-info", "Args": {"service": "me:a"}}`:    `{"OK": {"identifier": "me:a", "params": {}, "multicast_groups": [], "disabled": true, "permanent": false}}`,
		`{"Command": "Has-service", "Args": {"service": "printer"}}`:  `{"OK": true}`,
		`{"Command": "Has-service", "Args": {"service": "me:a"}}`:     `{"OK": false}`,
		`{"Command": "Has-service", "Args": {"service": "Printer"}}`:  `{"OK": false}`,
	} {
		wants(t, request, c.ask(request), want)
	}
}

// Only privileged users reload; a token whose user is gone is nobody's.
func TestRights(t *testing.T) { // 4.3, 4.4 #6, D38
	needsRoot(t)
	s := &services{}
	d := open(t, doorConfig(t), s)
	c := d.tls(t)
	const reload = `{"Command": "Reload", "Args": {"token": "<token>"}}`
	wants(t, "reload by alice", c.ask(with(reload, d.tokenOf(t, alice))), `{"Error": "Permission denied"}`)
	if calls := s.asked(); len(calls) > 0 {
		t.Errorf("the services were asked %v", calls)
	}
	wants(t, "reload by admin", c.ask(with(reload, d.tokenOf(t, admin))), `{"OK": 0}`)
	if calls := s.asked(); len(calls) != 1 {
		t.Errorf("the services were asked %v, want a reload", calls)
	}
	token := d.tokenOf(t, bob)
	d.users.remove(bob)
	for _, command := range []string{"Publish", "Unpublish", "Set-permanent", "Reload"} {
		request := fmt.Sprintf(`{"Command": %q, "Args": {"token": %q, "service": "a", "permanent": true}}`, command, token)
		wants(t, command+" by a user who is gone", c.ask(request), `{"Error": "wrong user"}`)
	}
}
