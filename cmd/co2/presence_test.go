package main_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// A satellite in Python that asked for presence sees others join, go down,
// come up and leave, and the relay stop; what co2 satellite --presence prints
// says the same.
func TestPresence(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	relay := startRelay(t, "--ping-interval", "200ms")
	watch := startWith(t, cleanEnv(t), python, clients+"presence.py", relay.url, "watch")
	watch.printed("registered as")
	lines := startSatellite(t, relay, "--presence", "--nick", "lines")
	watch.printed("join " + lines.hostID + " lines ")
	bob := startSatellite(t, relay, "--nick", "bob")
	told := func(event, nick, reason string) {
		t.Helper()
		line := watch.printed(event + " ")
		form := `^` + event + ` 127\.0\.0\.1:\d+ ` + nick + ` \d{8}T\d\d:\d\d:\d\d '` + reason
		if !regexp.MustCompile(form).MatchString(line) {
			t.Errorf("told %q, want %q", line, form)
		}
		wantEvent(t, lines.printed(`"event":"`+event+`"`), relay, event, nick)
	}
	told("join", "bob", "'")
	bob.kill()
	told("down", "bob", "ping to "+bob.hostID+": .+'")
	again := start(t, "satellite", "--relay", relay.url, "--listen", bob.hostID, "--nick", "bob")
	again.said("registered with")
	told("up", "bob", "'")
	if code := again.stop(); code != 0 {
		t.Errorf("satellite ended with %d, want 0", code)
	}
	told("leave", "bob", "")
	run(t, "send", "--relay", relay.url, `--data={"co2_event":true,"event":"leave","host_id":"`+lines.hostID+`"}`).ok(t)
	watch.printed("message 127.0.0.1:")
	if line := lines.printed(`"event":"leave"`); !strings.Contains(line, `"data":{"co2_event":true`) || strings.Contains(line, `"event":true`) {
		t.Errorf("what a satellite made to look like a notice is printed as %s", line)
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("the relay ended with %d, want 0", code)
	}
	told("relay-leaving", relay.addr(), "the relay stops; it remembers its satellites")
}

// wantEvent wants a line of co2 satellite to be a notice of the relay.
func wantEvent(t *testing.T, line string, relay *server, event, nick string) {
	t.Helper()
	var m struct {
		Sender string
		Event  bool
		Data   struct {
			Event, Nick string
			CO2Event    bool `json:"co2_event"`
		}
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if m.Sender != relay.addr() || !m.Event || !m.Data.CO2Event || m.Data.Event != event || m.Data.Nick != nick {
		t.Errorf("printed %s, want a notice of %s of %s", line, event, nick)
	}
}
