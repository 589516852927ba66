package main_test

import (
	"encoding/json"
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

func TestFindNothing(t *testing.T) {
	t.Parallel()
	run(t, "find", "--timeout", "100ms", "--polo-port", freeUDPPort(t)).
		wants(t, 1, "nothing found", `"co2-relay"`, "is a relay running")
	run(t, "find", "--timeout=-1s").wants(t, 2, "--timeout")
}
