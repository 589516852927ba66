package main_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// An island is a network of its own with nothing but its loopback, so that
// neither ports nor relays of this host matter.
type island struct {
	enter []string // the command that runs another one in it
}

func newIsland(t *testing.T) island {
	t.Helper()
	for _, apart := range [][]string{{"unshare", "--net"}, {"unshare", "--map-root-user", "--net"}} {
		up := append(apart, "sh", "-c", "ip link set lo up && exec cat")
		cmd := exec.Command(up[0], up[1:]...)
		hold, err := cmd.StdinPipe() // cat ends, and the network with it, when this is closed
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			continue
		}
		hold.Write([]byte("\n"))
		if n, _ := out.Read(make([]byte, 1)); n == 0 {
			cmd.Wait()
			continue
		}
		t.Cleanup(func() { hold.Close(); cmd.Wait() })
		ns := "/proc/" + strconv.Itoa(cmd.Process.Pid) + "/ns/"
		if len(apart) == 2 {
			return island{[]string{"nsenter", "--net=" + ns + "net"}}
		}
		return island{[]string{"nsenter", "--user=" + ns + "user", "--net=" + ns + "net", "--preserve-credentials"}}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("network namespaces are needed in CI")
	}
	t.Skip("no network namespace may be made here")
	return island{}
}

func (i island) start(t *testing.T, args ...string) *process {
	t.Helper()
	all := append(append(i.enter[1:len(i.enter):len(i.enter)], binary), args...)
	return startWith(t, cleanEnv(t), i.enter[0], all...)
}

func (i island) run(t *testing.T, env []string, args ...string) result {
	t.Helper()
	all := append(append(i.enter[1:len(i.enter):len(i.enter)], binary), args...)
	return runProgram(t, env, "", i.enter[0], all...)
}

// Commands that name no relay use the one on this host at the usual port, else
// the one found by multicast, which they name; a satellite keeps to it.
func TestRelayLookup(t *testing.T) {
	t.Parallel()
	i := newIsland(t)
	none := i.run(t, cleanEnv(t), "send", "a=b")
	none.wants(t, 1, "no relay found: http://127.0.0.1:2003 does not answer", "refused", "none answered by multicast", "co2 serve", "--relay URL")

	early := i.start(t, "satellite", "--nick", "early")
	early.said("no relay found")
	early.said("looking again")

	serve := []string{"serve", "--listen", "127.0.0.1:2103", "--state", t.TempDir()}
	relay := i.start(t, serve...)
	relay.printed("Next")
	early.said("using the relay that answered by multicast, http://127.0.0.1:2103/RPC2")
	early.said("registered with http://127.0.0.1:2103/RPC2")

	const using = "co2: using the relay that answered by multicast, http://127.0.0.1:2103/RPC2\n"
	for _, env := range [][]string{cleanEnv(t), cleanEnv(t, "CO2_RELAY=")} {
		if got := i.run(t, env, "satellites", "--json").ok(t); got.err != using || !strings.HasPrefix(got.out, `[{`) {
			t.Errorf("satellites --json printed %q, said %q, want JSON and %q", got.out, got.err, using)
		}
	}
	if got := i.run(t, cleanEnv(t), "call", "ping").ok(t); got.err != using || got.out != "OK\n" {
		t.Errorf("call ping printed %q, said %q", got.out, got.err)
	}
	for _, args := range [][]string{{"call", "--relay", "127.0.0.1:2103", "ping"}, {"call", "--url", "127.0.0.1:2103/RPC2", "ping"}} {
		if got := i.run(t, cleanEnv(t, "CO2_RELAY=127.0.0.1:1"), args...).ok(t); got.err != "" {
			t.Errorf("%q said %q, want nothing", args, got.err)
		}
	}

	i.start(t, "serve", "--state", t.TempDir(), "--no-polo").printed("Next")
	if got := i.run(t, cleanEnv(t), "satellites", "--json").ok(t); got.err != "" || got.out != "[]\n" {
		t.Errorf("with a relay at the usual port satellites --json printed %q, said %q, want none and nothing", got.out, got.err)
	}
	relay.kill()
	i.start(t, serve...).printed("Next")
	i.run(t, cleanEnv(t), "send", "--relay", "127.0.0.1:2103", "still:=true").ok(t)
	early.printed(`"data":{"still":true}`)
}
