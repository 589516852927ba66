package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// An operator pauses, pins and removes; the relay keeps to it when it is
// started anew, and co2 satellites shows it.
func TestOrders(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--ping-interval", "200ms")
	bob := startSatellite(t, relay, "--nick", "bob")
	co2 := func(args ...string) result {
		t.Helper()
		return run(t, append([]string{args[0], "--relay", relay.url}, args[1:]...)...)
	}
	state := func() string {
		return must[structure](t, relay, "relay.get_satellite_props", structure{"host_id": bob.hostID})["state"].(string)
	}
	if got := co2("pause", "--reason", "new strings", bob.hostID).ok(t); !strings.HasPrefix(got.out, bob.hostID+" paused") {
		t.Errorf("co2 pause printed %q", got.out)
	}
	relay.said("code=SAT-PAUSE satellite=" + bob.hostID)
	co2("pin", bob.hostID).ok(t)
	co2("pin", bob.hostID).ok(t)
	co2("send", "--data=1").ok(t)
	relay.kill()
	relay.restart(t)
	if got := state(); got != "paused" {
		t.Errorf("state after the relay was killed = %s, want paused", got)
	}
	table := co2("satellites").ok(t).out
	if !strings.Contains(table, " paused ") || !strings.Contains(table, "\n  paused: new strings; pinned\n") {
		t.Errorf("co2 satellites printed\n%s\nwant paused, pinned", table)
	}
	if shown := co2("satellites", "--json").ok(t).out; !strings.Contains(shown, `"paused":true,"pause_reason":"new strings","pinned":true`) || !strings.Contains(shown, `"remove_in":-1`) {
		t.Errorf("--json printed %s, want everything the relay tells", shown)
	}
	co2("send", "--data=2").ok(t)
	co2("resume", bob.hostID).ok(t)
	bob.printed(`"data":2`)
	if out := bob.out.String(); strings.Contains(out, `"data":1`) {
		t.Errorf("bob printed %s, want not what waited when the relay was killed", out)
	}
	eventually(t, "it is up", func() bool { return state() == "up" })
	co2("unpin", bob.hostID).ok(t)

	co2("pause", "192.0.2.1:1", bob.hostID).wants(t, 3, "relay.pause", "fault 1", "exceptions.KeyError:192.0.2.1:1 is not registered")
	if got := state(); got != "paused" {
		t.Errorf("state after an order for two, one unknown = %s, want paused", got)
	}
	got := co2("resume", "--json", bob.hostID, "192.0.2.1:1")
	got.wants(t, 3)
	var results []struct {
		HostID string `json:"host_id"`
		OK     bool
		Error  string
	}
	if err := json.Unmarshal([]byte(got.out), &results); err != nil || fmt.Sprint(results[0], results[1].OK) != fmt.Sprintf("{%s true } false", bob.hostID) || !strings.Contains(results[1].Error, "not registered") {
		t.Errorf("--json printed %s, %v", got.out, err)
	}
	co2("remove").wants(t, 2, "HOST_ID")
	co2("remove", "--reason", strings.Repeat("x", 300), bob.hostID).wants(t, 3, "-32602", "at most 256")

	bob.kill()
	co2("remove", "--reason", "it was sold", bob.hostID).ok(t)
	if line := relay.said("code=SAT-REMOVE"); !strings.Contains(line, "by an operator at 127.0.0.1: it was sold") {
		t.Errorf("logged %q, want who and why", line)
	}
	relay.kill()
	relay.restart(t)
	if n := must[int](t, relay, "relay.get_num_satellites"); n != 0 {
		t.Errorf("satellites after the relay was killed = %d, want none", n)
	}
	again := start(t, "satellite", "--relay", relay.url, "--listen", bob.hostID)
	again.said("the relay reaches it")
	co2("pause", bob.hostID).ok(t)
	again.kill()
	again = start(t, "satellite", "--relay", relay.url, "--listen", bob.hostID)
	again.said("an operator of the relay has paused this satellite, no message will arrive until: co2 resume " + bob.hostID)
	again.stop()
	relay.stop()
	co2("unpin", bob.hostID).wants(t, 1, "refused")
}

// Satellites that stay down are removed when the relay is told so.
func TestServeRemovesWhoStaysDown(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--ping-interval", "100ms", "--remove-after", "1s")
	bob := startSatellite(t, relay)
	anna := startSatellite(t, relay)
	bob.kill()
	if line := relay.said("code=SAT-REMOVE"); !strings.Contains(line, bob.hostID) || !strings.Contains(line, "down for 1 s without one good answer") {
		t.Errorf("logged %q, want bob removed", line)
	}
	if ids := must[[]string](t, relay, "relay.get_satellites"); len(ids) != 1 || ids[0] != anna.hostID {
		t.Errorf("satellites %q, want anna alone", ids)
	}
	for _, wrong := range [][]string{{"--remove-after=-1s"}, {"--remove-after=1h", "--ping-interval=0"}, {"--mass-down=101"}, {"--mass-down=-1"}, {"--mass-down=NaN"}} {
		run(t, append([]string{"serve", "--state", t.TempDir()}, wrong...)...).wants(t, 2, strings.SplitN(wrong[0], "=", 2)[0])
	}
}

// What is told of a satellite that is in trouble fits a terminal, and nicks are
// cut no more than that needs.
func TestSatellitesTable(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--ping-interval", "100ms", "--remove-after", "24h")
	bob := startSatellite(t, relay, "--nick", "a nick that is far too long for a column")
	bob.kill()
	relay.said("state=down")
	table := run(t, "satellites", "--relay", relay.url).ok(t).out
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("a line has %d characters, want at most 80: %q", n, line)
		}
	}
	whole := runWith(t, cleanEnv(t, "COLUMNS=160"), "", "satellites", "--relay", relay.url).ok(t).out
	if !strings.Contains(whole, "\na nick that is far too long for a column  "+bob.hostID) {
		t.Errorf("printed for 160 columns\n%s\nwant the whole nick", whole)
	}
	narrow := runWith(t, cleanEnv(t, "COLUMNS=10"), "", "satellites", "--relay", relay.url).ok(t).out
	if !strings.Contains(narrow, "\na nick that…  "+bob.hostID) {
		t.Errorf("printed for 10 columns\n%s\nwant 12 characters of the nick", narrow)
	}
	for _, want := range []string{bob.hostID + "  down ", "removed in 24 h", "refused"} {
		if !strings.Contains(strings.Join(strings.Fields(table), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("printed\n%s\nwant %q in it", table, want)
		}
	}
}
