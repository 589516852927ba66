package main_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"co2/relay"
)

// towns are what most pages are of.
type towns struct {
	three          *server
	satellite, bob *server // the good ones of three
}

// populate starts the relay of three, and these.
func populate(t *testing.T) *towns {
	t.Helper()
	towns := &towns{three: startRelayWithPolo(t, "--ping-interval", "500ms", "--mass-down", "0")}
	r := towns.three
	towns.satellite = startSatellite(t, r, "--nick", evilNick)
	towns.bob = startSatellite(t, r, "--nick", "bob")
	registerBad(t, r)
	run(t, "send", "--relay", r.url, "--nick", "anna", "text="+evilText).ok(t)
	wantMessage(t, "", fmt.Sprintf(`{"text":%s}`, quoted(evilText)), towns.satellite, towns.bob)
	return towns
}

// servers start each what pages are looked at of, or return it.
func (w *towns) servers() map[string]func(*testing.T) *server {
	return map[string]func(*testing.T) *server{
		"no satellites":     func(t *testing.T) *server { return startRelay(t) },
		"three":             func(*testing.T) *server { return w.three },
		"10,000 satellites": func(t *testing.T) *server { return startMany(t, 10_000) },
		"a satellite":       func(*testing.T) *server { return w.satellite },
	}
}

// quoted is s as co2 prints it in JSON.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`).Replace(s) + `"`
}

// registerBad registers a satellite that breaks off whatever is said to it.
func registerBad(t *testing.T, r *server) {
	t.Helper()
	c := newCrowd(t, 0, 0, manner(&badManner{name: "resets", talk: breakOff}))
	bad := c.all[0]
	answer := postFrom(t, bad.ip, r, document("relay.register", members(
		"port", number(bad.port), "nick", text("eve"), "plugins", "<value><array><data>"+cdata(evilPlugin)+"</data></array></value>")))
	if got := value(t, answer); got != text(bad.hostID) {
		t.Fatalf("relay.register answered %s, want %s", got, bad.hostID)
	}
}

// startMany starts a relay whose dump has n satellites, most of which answer.
func startMany(t *testing.T, n int) *server {
	t.Helper()
	now := time.Now()
	c := newCrowd(t, n, 0)
	records := make([]relay.Record, n)
	for i, m := range c.all {
		ip := netip.MustParseAddr(m.ip)
		port := m.port
		if i%1000 == 7 {
			port = 1 // nobody listens there
		}
		at := netip.AddrPortFrom(ip, uint16(port))
		records[i] = relay.Record{
			Registration: relay.Registration{
				HostID: at.String(), Callback: relay.Callback{Scheme: "http", Addr: at, Path: "/RPC2"}, Seen: ip,
				Nick: fmt.Sprintf("nick %d", i), Registered: now.Add(time.Duration(i-n) * time.Minute),
			},
			Marks: relay.Marks{Paused: i%1000 == 13, Pinned: i%1000 == 17},
		}
	}
	r := &server{state: t.TempDir(), listen: "127.0.0.1:0", extra: []string{"--ping-interval", "0", "--mass-down", "0"}}
	if err := os.WriteFile(filepath.Join(r.state, "dump.xml"), relay.AppendDump(nil, records, now), 0o600); err != nil {
		t.Fatal(err)
	}
	r.serve(t)
	return r
}
