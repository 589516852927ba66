package main_test

import (
	"io"
	"net"
	"strings"
	"testing"
)

// A satellite with an empty plugin name was listed to nobody.
func TestSatellitesEmptyPluginName(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	plugins := "<value><array><data>" + text("") + "</data></array></value>"
	post(t, relay, document("relay.register", members("port", number(4001), "plugins", plugins)))
	run(t, "satellites", "--relay", relay.url, "--json").ok(t)
}

// A satellite whose registration can never be taken tried for ever.
func TestSatelliteRefusedForGood(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	run(t, "satellite", "--relay", relay.url, "--listen", "127.0.0.1:0", "--nick", strings.Repeat("x", 70)).
		wants(t, 3, "refuses this registration", `key "nick"`)
}

// A client that writes all of a call before it reads saw a reset connection
// in place of the 413.
func TestTooLargeIsTold(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	conn, err := net.Dial("tcp", relay.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := strings.Repeat(" ", 8_500_000)
	if _, err := io.WriteString(conn, "POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: 8500000\r\n\r\n"+body); err != nil {
		t.Fatalf("write the call: %v", err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), " 413 ") || !strings.Contains(string(answer), "at most 8388608 octets") {
		t.Errorf("answer %.200q, %v, want 413 and the limit", answer, err)
	}
}
