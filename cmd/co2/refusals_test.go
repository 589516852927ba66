package main_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"co2/methods/wire"
)

func TestWrongBounds(t *testing.T) {
	for _, flag := range []string{"--queue", "--queue-bytes", "--max-data"} {
		run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", t.TempDir(), flag, "0").wants(t, 2, "are at least 1")
	}
}

// Every refusal is a fault of co2's form that says the limit; co2 limits shows
// what it is and how much is used.
func TestRefusals(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-sats", "2", "--rate", "0.1", "--burst", "1", "--queue", "3", "--queue-bytes", "2000", "--max-data", "1500")
	a, b := listen(t, nil).register(t, relay), listen(t, nil).register(t, relay)
	refused := func(err error, says string) {
		t.Helper()
		fault, ok := err.(*wire.Fault)
		if !ok || fault.Code != 1 || !regexp.MustCompile("^registry.Co2RegistryError:"+says+"$").MatchString(fault.String) {
			t.Errorf("refused with %v, want fault 1 %q", err, says)
		}
	}
	send := func(data string) error {
		return relay.call(t, nil, "relay.relay", structure{"host_id": a.hostID, "data": data})
	}
	refused(relay.call(t, nil, "relay.register", structure{"port": 9}), "this relay takes at most 2 satellites, and has them; .*")
	refused(send(strings.Repeat("x", 1500)), `the data has 15\d\d octets, this relay takes at most 1500`)
	for i := range 5 { // the first goes out at once, perhaps after the fifth came
		if err := send("12345"); err != nil && i < 3 {
			t.Fatal(err)
		}
	}
	refused(send("12345"), `the queue of \S+ is full, it takes 3 messages or 2000 octets: 3 messages of \d+ octets wait and go out at 0.1 a second; try again in \d+\.\d+s`)
	b.hears(t)
	out := run(t, "limits", "--relay", relay.url).ok(t).out
	for _, want := range []string{
		`(?m)^--max-sats +2 +2 +satellites +\[#{20}\] 100 % *$`,
		`(?m)^--queue +3 +3 +messages +\[#{20}\] 100 % +` + a.hostID + "$",
		`(?m)^--burst +1 +1 +messages +\[#{20}\] 100 % +` + a.hostID + "$",
		`(?m)^--max-data +\d+ +1,500 +octets +\[#\.{19}\]   \d % +` + a.hostID + "$",
		`(?m)^--max-conns +[1-9]\d* +[\d,]+ +connections`,
		`(?m)^GOMEMLIMIT +[\d,]+ +(no limit|[\d,]+) +KiB`,
		`(?m)^ulimit -n +\d+ +[\d,]+ +descriptors`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("co2 limits printed\n%s\nwant %s", out, want)
		}
	}
	var all map[string]struct {
		Limit, Used float64
		Unit, By    string
	}
	if err := json.Unmarshal([]byte(run(t, "limits", "--relay", relay.url, "--json").ok(t).out), &all); err != nil {
		t.Fatal(err)
	}
	if q := all["queue"]; q.Limit != 3 || q.Used != 3 || q.Unit != "messages" || q.By != a.hostID {
		t.Errorf("co2 limits --json tells of the queue %v", q)
	}
}

// A flood of refusals is few lines in the log, and the last of them has the
// number of all.
func TestFloodOfRefusals(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-data", "10")
	a := listen(t, nil).register(t, relay)
	const tries = 300
	for range tries {
		if err := relay.call(t, nil, "relay.relay", structure{"host_id": a.hostID, "data": "0123456789"}); err == nil {
			t.Fatal("long data is taken")
		}
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	lines := strings.Count(relay.err.String(), "LIMIT-DATA")
	if lines < 2 || lines > 10 || !strings.Contains(relay.err.String(), "more since the last line") {
		t.Errorf("%d lines of %d refusals, want few, with their number:\n%s", lines, tries, &relay.err)
	}
}
