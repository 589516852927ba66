package main_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSendData(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	bob := startSatellite(t, relay)
	for _, c := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{"", []string{"mood=calm"}, `{"mood":"calm"}`},
		{"", []string{"tempo:=120", "mood=calm", "x=a=b", "y:=[1,null]", "z="}, `{"tempo":120,"mood":"calm","x":"a=b","y":[1,null],"z":""}`},
		{"", []string{"$i8=x"}, `{"$$i8":"x"}`},
		{"", []string{"--data", `[1,2.0]`}, `[1,2.0]`},
		{"", []string{"--data=-1"}, `-1`},
		{" {\"a\": [true]}\n", []string{"--data", "-"}, `{"a":[true]}`},
		{"null", []string{"--data=-"}, `null`},
	} {
		got := runWith(t, cleanEnv(t, "CO2_RELAY="+relay.url), c.stdin, append([]string{"send"}, c.args...)...).ok(t)
		if got.out != "" || got.err != "sent to "+relay.url+"/RPC2, for 1 satellite\n" {
			t.Errorf("send %q printed %q, said %q", c.args, got.out, got.err)
		}
		wantMessage(t, "", c.want, bob)
	}
	if empty := startRelay(t); !strings.HasSuffix(run(t, "send", "--relay", empty.url, "a=b").ok(t).err, ", where no other satellite is: nobody gets it\n") {
		t.Error("a message into an empty relay is told as any other")
	}
	if ids := must[[]string](t, relay, "relay.get_satellites"); !slices.Equal(ids, []string{bob.hostID}) {
		t.Errorf("satellites %q, want no trace of the senders", ids)
	}
}

func TestSendFails(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-sats", "1")
	listen(t, nil).register(t, relay)
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{nil, 2, []string{"nothing to send", "KEY=VALUE", "--data JSON"}},
		{[]string{"--data", "{"}, 2, []string{"--data", "octet 1"}},
		{[]string{"--data", "{'a':1}"}, 2, []string{"--data", "octet 1", "want a key"}},
		{[]string{"--data", "1", "a=b"}, 2, []string{"not both"}},
		{[]string{"word"}, 2, []string{`"word" is not KEY=VALUE`}},
		{[]string{"n:=one"}, 2, []string{"n: ", "not a value of JSON"}},
		{[]string{"a=1", "a=2"}, 2, []string{`"a"`}},
		{[]string{"--relay", "ftp://x", "a=b"}, 2, []string{"ftp://x"}},
		{[]string{"a=b"}, 3, []string{"registry.Co2RegistryError:", "1"}},
	} {
		runWith(t, cleanEnv(t, "CO2_RELAY="+relay.url), "", append([]string{"send"}, c.args...)...).wants(t, c.code, c.says...)
	}
	relay.stop()
	run(t, "send", "--relay", relay.url, "a=b").wants(t, 1, relay.addr(), "refused")
}

func TestCall(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	env := cleanEnv(t, "CO2_RELAY="+relay.url)
	for _, c := range []struct {
		stdin string
		args  []string
		want  string
	}{
		{"", []string{"ping"}, "OK\n"},
		{"", []string{"--json", "ping"}, "\"OK\"\n"},
		{"", []string{"test", "a=b", "n:=1.50"}, "{\n  \"a\": \"b\",\n  \"n\": 1.5\n}\n"},
		{"", []string{"--json", "test", "a=<b>"}, "{\"a\":\"<b>\"}\n"},
		{"[1]", []string{"test", "--data", "-"}, "[\n  1\n]\n"},
		{"", []string{"test"}, "{}\n"},
		{"", []string{"--json", "test", "--data", `{"$i8":"7"}`}, "7\n"},
		{"", []string{"test", "--data", `"two\nlines"`}, "two\nlines\n"},
		{"", []string{"test", "--data", `"\u009b2J"`}, "\uFFFD2J\n"},
		{"", []string{"relay.get_num_satellites"}, "0\n"},
		{"", []string{"--json", "co2.get_satellites"}, "[]\n"},
		{"", []string{"--url", relay.url + "/RPC2", "ping"}, "OK\n"},
	} {
		if got := runWith(t, env, c.stdin, append([]string{"call"}, c.args...)...).ok(t); got.out != c.want || got.err != "" {
			t.Errorf("call %q printed %q, said %q, want %q", c.args, got.out, got.err, c.want)
		}
	}
	call := func(args ...string) result { return runWith(t, env, "", append([]string{"call"}, args...)...) }
	call("relay.nothing").wants(t, 3, "relay.nothing", "-32601", "sys.listMethods lists them")
	call("relay.register").wants(t, 3, "-32602", "want 1 param")
	call("relay.deregister", "host_id=1.2.3.4:5").wants(t, 3, "fault 1", "exceptions.KeyError:1.2.3.4:5 is not registered")
	call().wants(t, 2, "see co2 call --help")
	call("ping", "--data", "nope").wants(t, 2, "--data")
	relay.stop()
	call("ping").wants(t, 1, "ping", "refused")
}

func TestMethods(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	names := must[[]string](t, relay, "sys.listMethods")
	if got := run(t, "methods", "--url", relay.url).ok(t); got.out != strings.Join(names, "\n")+"\n" {
		t.Errorf("methods printed %q, want the names of sys.listMethods", got.out)
	}
	var listed []string
	if err := json.Unmarshal([]byte(run(t, "methods", "--url", relay.url, "--json").ok(t).out), &listed); err != nil || !slices.Equal(listed, names) {
		t.Errorf("methods --json = %q, %v", listed, err)
	}
	help := must[string](t, relay, "sys.methodHelp", "relay.register")
	if got := run(t, "methods", "--url", relay.url, "relay.register").ok(t); got.out != help+"\n" || !strings.Contains(got.out, "notify_pass") {
		t.Errorf("methods relay.register printed %q", got.out)
	}
	var asJSON string
	if err := json.Unmarshal([]byte(run(t, "methods", "--url", relay.url, "--json", "relay.register").ok(t).out), &asJSON); err != nil || asJSON != help {
		t.Errorf("methods --json relay.register = %q, %v", asJSON, err)
	}
	run(t, "methods", "--url", relay.url, "no.method").wants(t, 3, `"no.method"`)
}

func TestSatellites(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	empty := run(t, "satellites", "--relay", relay.url).ok(t)
	if empty.out != "" || !strings.Contains(empty.err, "co2 satellite --relay "+relay.url+"\n") {
		t.Errorf("without satellites it printed %q, said %q", empty.out, empty.err)
	}
	if got := run(t, "satellites", "--relay", relay.url, "--json").ok(t); got.out != "[]\n" {
		t.Errorf("without satellites --json printed %q", got.out)
	}
	bob := startSatellite(t, relay, "--nick", "bob")
	lines := strings.Split(strings.TrimSpace(run(t, "satellites", "--relay", relay.url).ok(t).out), "\n")
	if len(lines) != 2 || !slices.Equal(strings.Fields(lines[0])[:4], []string{"NICK", "HOST", "ID", "STATE"}) {
		t.Fatalf("printed %q, want a head and one line", lines)
	}
	if row := strings.Fields(lines[1]); !slices.Equal(row[:3], []string{"bob", bob.hostID, "up"}) || row[5] != "ms" {
		t.Errorf("row %q, want bob, its id, up and its ping", lines[1])
	}
	var all []structure
	if err := json.Unmarshal([]byte(run(t, "satellites", "--relay", relay.url, "--json").ok(t).out), &all); err != nil || len(all) != 1 {
		t.Fatalf("--json: %v, %v", all, err)
	}
	if all[0]["host_id"] != bob.hostID || all[0]["nick"] != "bob" || all[0]["state"] != "up" {
		t.Errorf("--json tells %v", all[0])
	}
	relay.stop()
	run(t, "satellites", "--relay", relay.url).wants(t, 1, "refused")
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	run(t).wants(t, 2, "no command given", "co2 --help")
	run(t, "fly").wants(t, 2, "fly", "co2 --help")
	help := run(t, "--help").ok(t)
	for _, want := range []string{"serve", "satellite", "send", "call", "methods", "satellites", "limits", "pause", "resume", "pin", "unpin", "remove", "find", "Exit codes: 0", "Start with: co2 serve"} {
		if !strings.Contains(help.out, want) {
			t.Errorf("help %q, want %q in it", help.out, want)
		}
	}
	if got := run(t, "serve", "--help").ok(t); !strings.Contains(got.out, "--max-sats") || got.err != "" {
		t.Errorf("serve --help printed %q, said %q", got.out, got.err)
	}
	if got := run(t, "--version").ok(t); !strings.HasPrefix(got.out, "co2 ") {
		t.Errorf("--version printed %q", got.out)
	}
}
