package main_test

import (
	"strings"
	"testing"
)

// TestLANGuest asks a relay for all that is for operators: on another host, on
// its own by the address that others use, and on its loopback. Only there one
// may.
func TestLANGuest(t *testing.T) {
	t.Parallel()
	if why := missing(t, "curl"); why != "" {
		t.Skip(why)
	}
	const payload, outside, inside = "PLANTED-PAYLOAD-7311", "http://10.77.0.1:2003", "http://127.0.0.1:2003"
	here, there := twoHosts(t)
	serveIn(here, "--no-polo")
	bob := here.start("satellite", "--relay", outside, "--listen", "10.77.0.1:0", "--nick", "bob")
	hostID := strings.TrimSuffix(strings.Fields(bob.said("registered with"))[4], ",")
	bob.said("the relay reaches it: ping")
	here.run("send", "--relay", outside, "word="+payload).ok(t)
	bob.printed(payload)
	isPaused := func() bool {
		return strings.Contains(here.run("call", "--relay", inside, "--json", "relay.get_satellite_props", "host_id="+hostID).ok(t).out, `"state":"paused"`)
	}
	for _, guest := range []struct {
		host     *namespace
		base     string
		operator bool
	}{{there, outside, false}, {here, outside, false}, {here, inside, true}} {
		curl := func(path string, more ...string) string {
			args := append([]string{"-sS", "-i", "-m", "20", "-H", "Accept: text/html", "-H", "Origin: " + guest.base, guest.base + path}, more...)
			return runProgram(t, cleanEnv(t), "", "ip", guest.host.inside("curl", args...)...).out
		}
		can := func(what string, did bool) {
			t.Helper()
			if did != guest.operator {
				t.Errorf("at %s from %s one can %s: %v, want %v", guest.base, guest.host.name, what, did, guest.operator)
			}
		}
		if page := curl("/messages"); !strings.Contains(page, "<caption>The latest 1") || strings.Contains(page, payload) {
			t.Errorf("without being asked for payloads, /messages says\n%s", mainOf(page))
		}
		one := "/satellites/" + hostID
		can("see payloads", strings.Contains(curl("/messages?payloads=1"), payload))
		can("see payloads live", strings.Contains(curl("/live?at=%2Fmessages%3Fpayloads%3D1", "-N", "-m", "2"), payload))
		can("see metrics", strings.Contains(curl("/metrics"), "co2_"))
		can("be offered actions", strings.Contains(curl(one), one+"/pause"))
		can("list a satellite's methods", strings.Contains(curl(one+"/methods"), one+"/methods/ping"))
		can("call a satellite", strings.Contains(curl(one+"/methods/ping", "-d", "do=call"), "A result after"))
		if page := curl("/methods/ping", "-d", "do=call"); !strings.Contains(page, "A result after") {
			t.Errorf("a public method cannot be called:\n%s", mainOf(page))
		}
		curl(one+"/pause", "-d", "reason=guest")
		can("pause", isPaused())
		here.run("resume", "--relay", inside, hostID).ok(t)
		curl("/methods/relay.pause", "-d", "do=call", "-d", "v.p0.0="+hostID)
		can("pause by the method's form", isPaused())
		here.run("resume", "--relay", inside, hostID).ok(t)
		can("pause by a command", guest.host.run("pause", "--relay", guest.base, hostID).code == 0 && isPaused())
		here.run("resume", "--relay", inside, hostID).ok(t)
	}
}
