package main_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestServePrintsItsPort(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	host, port, err := net.SplitHostPort(relay.addr())
	if err != nil || host != "127.0.0.1" || port == "0" {
		t.Errorf("it listens on %s", relay.addr())
	}
	out := relay.out.String()
	for _, want := range []string{
		"co2 relay ", "by programs on this machine only", filepath.Join(relay.state, "dump.xml") + " (0 satellites)",
		"discovery  off", "co2 satellite --relay " + relay.url,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("printed %q, want %q in it", out, want)
		}
	}
	if code := relay.stop(); code != 0 {
		t.Errorf("after SIGTERM the exit code is %d", code)
	}
}

func TestServeStopsOnInterrupt(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	relay.signal(syscall.SIGINT)
	if code := relay.wait(); code != 0 {
		t.Errorf("after SIGINT the exit code is %d", code)
	}
}

func TestServeTellsWhoReachesIt(t *testing.T) {
	t.Parallel()
	p := start(t, "serve", "--listen", "0.0.0.0:0", "--state", t.TempDir(), "--no-polo")
	p.printed("listening  http://127.0.0.1:")
	p.printed("reachable  by every host that can reach this machine: anyone may register")
	p.printed("Next")
	p.stop()
}

func TestServeSecondOnTheSameState(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", relay.state).
		wants(t, 1, relay.state, "in use by another relay", "process ", "--state DIR")
	if got := must[string](t, relay, "ping"); got != "OK" {
		t.Errorf("the first relay answers ping with %q", got)
	}
}

func TestServePortInUse(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	run(t, "serve", "--listen", relay.addr(), "--no-polo", "--state", t.TempDir()).
		wants(t, 1, "address already in use", "--listen 127.0.0.1:0")
}

// TestServeKeepsStateOverSIGTERM also keeps counters, which kill -9 may lose.
func TestServeKeepsStateOverSIGTERM(t *testing.T) {
	t.Parallel()
	relay := startRelay(t)
	one, two := listen(t, nil).register(t, relay, "nick", text("one")), listen(t, nil).register(t, relay)
	one.send(t, relay, number(1))
	two.hears(t)
	eventually(t, "the delivery is counted", func() bool { return props(t, relay, two)["recv_count"] == int64(1) })
	before := []structure{props(t, relay, one), props(t, relay, two)}
	if code := relay.stop(); code != 0 {
		t.Errorf("after SIGTERM the exit code is %d", code)
	}
	relay.restart(t)
	if !strings.Contains(relay.out.String(), "(2 satellites)") {
		t.Errorf("printed %q, want its 2 satellites", &relay.out)
	}
	for i, e := range []*ear{one, two} {
		after := props(t, relay, e)
		for _, name := range []string{"host_id", "nick", "ctime", "send_count", "send_time", "recv_count", "recv_time"} {
			if after[name] != before[i][name] {
				t.Errorf("%s of %s is %v, before the restart %v", name, e.hostID, after[name], before[i][name])
			}
		}
	}
}

func props(t *testing.T, r *server, e *ear) structure {
	t.Helper()
	return must[structure](t, r, "relay.get_satellite_props", structure{"host_id": e.hostID})
}

func TestServeMaxSats(t *testing.T) {
	t.Parallel()
	relay := startRelay(t, "--max-sats", "0")
	if n := must[int](t, relay, "relay.get_max_satellites"); n != 1<<31-1 {
		t.Errorf("--max-sats 0 tells %d, want %d", n, 1<<31-1)
	}
	listen(t, nil).register(t, relay)
}

func TestServeWrongCommandLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--lan", "--listen", "127.0.0.1:0"}, "give --lan or --listen, not both"},
		{[]string{"--listen", "2004"}, `--listen "2004" is not ADDRESS:PORT`},
		{[]string{"--max-sats", "-1"}, "cannot be negative"},
		{[]string{"--burst", "0"}, "--burst is at least 1"},
		{[]string{"--rate=-1"}, "cannot be negative"},
		{[]string{"--max-sats", "many"}, "see co2 serve --help"},
		{[]string{"--colour"}, "see co2 serve --help"},
	} {
		run(t, append([]string{"serve", "--state", t.TempDir()}, c.args...)...).wants(t, 2, c.says)
	}
	runWith(t, cleanEnv(t, "CO2_LAN=true", "CO2_LISTEN=127.0.0.1:0"), "", "serve").wants(t, 2, "give --lan or --listen, not both")
}

func TestServeUnwritableState(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(file, "state") // below a file, so not even root makes it
	run(t, "serve", "--listen", "127.0.0.1:0", "--no-polo", "--state", dir).
		wants(t, 1, file, "name a folder you can write with --state DIR")
}

func TestServeDefaultStateFolder(t *testing.T) {
	t.Parallel()
	home, state := t.TempDir(), t.TempDir()
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"HOME=" + home, "XDG_STATE_HOME=" + state}, filepath.Join(state, "co2")},
		{[]string{"HOME=" + home}, filepath.Join(home, ".local", "state", "co2")},
		{[]string{"HOME=" + home, "XDG_STATE_HOME=relative"}, filepath.Join(home, ".local", "state", "co2")},
		{[]string{"HOME=" + home, "CO2_STATE=" + filepath.Join(home, "mine")}, filepath.Join(home, "mine")},
	} {
		p := startWith(t, cleanEnv(t, c.env...), binary, "serve", "--listen", "127.0.0.1:0", "--no-polo")
		p.printed(filepath.Join(c.want, "dump.xml"))
		p.printed("Next")
		info, err := os.Stat(c.want)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v: state folder %v, %v; want it for its owner alone", c.env, info, err)
		}
		p.stop()
	}
	runWith(t, cleanEnv(t, "HOME="), "", "serve", "--listen", "127.0.0.1:0", "--no-polo").
		wants(t, 2, "no home folder", "--state DIR")
}
