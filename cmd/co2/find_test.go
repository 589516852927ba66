package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
)

// freeUDPPort is one that nobody uses now.
func freeUDPPort(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return strconv.Itoa(conn.LocalAddr().(*net.UDPAddr).Port)
}

func TestFind(t *testing.T) {
	t.Parallel()
	port := freeUDPPort(t)
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--state", t.TempDir(), "--polo-port", port)
	url := strings.TrimSuffix(strings.Fields(p.printed("listening"))[1], "/")
	p.printed("discovery  as co2-relay by multicast, UDP port " + port)
	p.printed("Next")
	var found string
	eventually(t, "co2 find finds the relay", func() bool { // polo may still be joining its group
		r := run(t, "find", "--polo-port", port)
		found = r.out
		return r.code == 0
	})
	if found != url+"/RPC2\n" {
		t.Errorf("find printed %q, want %s/RPC2", found, url)
	}
	env := cleanEnv(t, "CO2_POLO_PORT="+port)
	var node struct {
		Address, URL string
		Params       map[string]any
	}
	if err := json.Unmarshal([]byte(runWith(t, env, "", "find", "--json").ok(t).out), &node); err != nil {
		t.Fatal(err)
	}
	if node.Address != "127.0.0.1" || node.URL != url+"/RPC2" || node.Params["path"] != "/RPC2" {
		t.Errorf("find --json tells %+v", node)
	}
	if got := runWith(t, env, "", "find", "*").ok(t); !strings.HasPrefix(got.out, "127.0.0.1") {
		t.Errorf("find * printed %q", got.out)
	}
	runWith(t, env, "", "find", "--timeout", "100ms", "other-service").wants(t, 1, `no answer for "other-service" within 100ms`)
}

// D53 and 8: what marcodiscover's options do, and the others.
func TestFindOptions(t *testing.T) {
	t.Parallel()
	port := freeUDPPort(t)
	p := start(t, "serve", "--listen", "127.0.0.1:0", "--state", t.TempDir(), "--polo-port", port)
	url := strings.TrimSuffix(strings.Fields(p.printed("listening"))[1], "/") + "/RPC2\n"
	_, relayPort, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(url, "/RPC2\n"), "http://"), ":")
	p.printed("Next")
	eventually(t, "co2 find finds the relay", func() bool { return run(t, "find", "--polo-port", port).code == 0 })
	const here = "127.0.0.1\n"
	for _, c := range []struct {
		args, out string
	}{
		{"--shell", here},
		{"--shell *", here},
		{"--shell -s co2-relay", here},
		{"--shell --service co2-relay --max-nodes 1", here},
		{"--shell -S", here},
		{"-d 224.0.0.112", url},
		{"--group 224.0.0.112 --group 224.0.0.113", url},
		{"-n 127.0.0.1", url},
		{"--node localhost", url},
		{"-n 127.0.0.1 --shell *", here},
		{"--params path=/RPC2 --params port:=" + relayPort + " --params absent:=null", url},
		{"--exclude 10.0.0.7", url},
		{"--services --json --node 127.0.0.1", `{"address":"127.0.0.1","services":[{"id":"co2-relay","params":{`},
		{"-S", "NODE       SERVICE    PARAMS\n127.0.0.1  co2-relay  path=\"/RPC2\"  port=" + relayPort},
	} {
		args := append([]string{"find", "--polo-port", port}, strings.Fields(c.args)...)
		if got := run(t, args...).ok(t); !strings.HasPrefix(got.out, c.out) || got.err != "" {
			t.Errorf("find %s printed %q, %q, want %q", c.args, got.out, got.err, c.out)
		}
	}
	for args, hint := range map[string]string{
		"-d 224.0.0.9":                  "is a relay running",
		"other":                         "co2 find '*'",
		"-n 127.0.0.9":                  "does a Polo or a relay run there, with --lan?",
		"-n 127.0.0.9 -S":               "0.1.7 do not tell",
		"--params port=" + relayPort:    "--params port:=" + relayPort,
		"--params path=/other":          "with these --params; without them: co2 find co2-relay",
		"--exclude 127.0.0.1":           "co2 serve --lan",
		"--exclude 127.0.0.1 *":         "co2 polo",
		"--exclude 127.0.0.1 -S":        "co2 find '*'",
		"--exclude 127.0.0.1 -S --json": "co2 find '*'",
	} {
		args := append([]string{"find", "--timeout", "200ms", "--polo-port", port}, strings.Fields(args)...)
		got := run(t, args...)
		got.wants(t, 1, "nothing found", "within 200ms", hint)
		if got.out != "" {
			t.Errorf("%v printed %q on stdout, want nothing", args, got.out)
		}
	}
}

func manyGroups(n int) string {
	var args strings.Builder
	for i := range n {
		fmt.Fprintf(&args, "-d 224.0.1.%d ", i)
	}
	return args.String()
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	for args, word := range map[string]string{
		"--timeout 61s":   "above 1m",
		"--timeout 0s":    "no time",
		"--max-nodes -1":  "--max-nodes",
		"a -s b":          "one service",
		"-S a":            "--services",
		"-S --params a=b": "--services",
		"--json --shell":  "not both",
		"-d 10.0.0.1":     "--group",
		"-d ff02::1":      "--group",
		"--exclude host":  "--exclude",
		"--exclude ::1":   "--exclude",
		"--params a":      "KEY=VALUE",
		"--params a:={":   "no value of JSON",
		"--params a:=1x":  "no value of JSON",
		manyGroups(17):    "at most 16",
	} {
		run(t, append([]string{"find"}, strings.Fields(args)...)...).wants(t, 2, word)
	}
	run(t, "find", "-n", "no-such-host.invalid", "--timeout", "5s").wants(t, 1, "no-such-host.invalid")
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	run(t, "find", "--timeout", "100ms", "--polo-port", freeUDPPort(t)).
		wants(t, 1, "nothing found", `"co2-relay"`, "is a relay running")
	run(t, "find", "--timeout=-1s").wants(t, 2, "--timeout")
}
