package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"co2/discovery"
)

// startMarco starts co2 marco on a free port of 127.0.1.1, with a pid file and
// a configuration of its own, and returns it with its port.
func startMarco(t *testing.T, config string, args ...string) (*process, string) {
	t.Helper()
	port, dir := freeUDPPort(t), t.TempDir()
	file := filepath.Join(dir, "marco.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, append([]string{"marco", "--config", file, "--listen", "127.0.1.1:" + port,
		"--pid-file", filepath.Join(dir, "marcod.pid")}, args...)...)
	p.printed("Next")
	return p, port
}

// startPoloOnLoopback runs a Polo in this process until the test ends, and
// returns its UDP port.
func startPoloOnLoopback(t *testing.T) string {
	t.Helper()
	store := discovery.NewStore(discovery.StoreConfig{}, nil)
	for id, params := range map[string]map[string]any{"printer": {"port": 9100, "color": true, "name": "señal"}, "bare": nil} {
		root := discovery.Account{Privileged: true}
		if _, err := store.Publish(root, discovery.Publication{Service: id, Params: params, Root: true}); err != nil {
			t.Fatal(err)
		}
	}
	port := freeUDPPort(t)
	number, _ := strconv.ParseUint(port, 10, 16)
	polo := discovery.NewPolo(discovery.PoloConfig{Port: uint16(number), Hostname: "polohost"}, store, nil)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- polo.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	eventually(t, "the Polo answers", func() bool {
		nodes, err := discovery.Find(t.Context(), discovery.Query{Port: uint16(number), Timeout: 100 * time.Millisecond, MaxNodes: 1})
		return err == nil && len(nodes) == 1
	})
	return port
}

// 3.2 and 7.2: what a program with the Python binding gets from each call.
func TestMarcoForPython(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	polo := startPoloOnLoopback(t)
	_, door := startMarco(t, "[marco]\npoloport = "+polo+"\n")
	const here, printer = `[["127.0.0.1", {"hostname": "polohost"}]]`, `[["127.0.0.1", {"color": true, "name": "se\u00f1al", "port": 9100}]]`
	calls := []struct{ call, want string }{
		{`["marco", {"max_nodes": 1}]`, here},
		{`["marco", {"max_nodes": 1, "group": "224.0.0.113"}]`, here},
		{`["marco", {"exclude": ["127.0.0.1"], "params": {"hostname": "polohost"}, "timeout": 200}]`, `*`},
		{`["marco", {"params": {"hostname": "other"}, "timeout": 200}]`, `[]`},
		{`["request_for", "printer", {"max_nodes": 1}]`, printer},
		{`["request_for", "printer", {"max_nodes": 1, "params": {"port": 9100.0}}]`, printer},
		{`["request_for", "printer", {"node": "127.0.0.1"}]`, printer},
		{`["request_for", "bare", {"node": "localhost"}]`, `[["127.0.0.1", {}]]`},
		{`["request_for", "nothing", {"timeout": 200}]`, `[]`},
		{`["request_for", "printer", {"max_nodes": 1, "timeout": 60000}]`, printer},
		{`["services", "127.0.0.1", {}]`, `[{"id": "bare", "params": {}}, {"id": "printer", "params": {"color": true, "name": "se\u00f1al", "port": 9100}}]`},
		{`["services", "no-such-host.invalid", {"timeout": 2000}]`, `[]`},
		{`["marco", {"timeout": "x"}]`, `{"raised": "TypeError"}`}, // from {"Error": true}
		{`["request_for", "", {}]`, `{"raised": "TypeError"}`},
		{`["marco", {"max_nodes": 1}]`, here}, // nothing of before comes in late
	}
	args := []string{clients + "marco_binding.py", "127.0.1.1", door, "5000"}
	for _, c := range calls {
		args = append(args, c.call)
	}
	out := runProgram(t, cleanEnv(t), "", python, args...).ok(t).out
	got := strings.Split(strings.TrimSpace(out), "\n")
	if len(got) != len(calls) {
		t.Fatalf("%d results, want %d:\n%s", len(got), len(calls), out)
	}
	for i, c := range calls {
		if got[i] != c.want && c.want != "*" {
			t.Errorf("%s = %s, want %s", c.call, got[i], c.want)
		}
		if c.want == "*" && strings.Contains(got[i], `"127.0.0.1"`) {
			t.Errorf("%s = %s, want 127.0.0.1 not in it", c.call, got[i])
		}
	}
}

// 3.2: the buffers of 2048 bytes, the params that have to be texts, max-nodes,
// and the wait of 1.4 times the time.
func TestMarcoForCPPAndJava(t *testing.T) {
	t.Parallel()
	python := needPython(t)
	polo := startPoloOnLoopback(t)
	many := startManyPolos(t, 100)
	_, door := startMarco(t, "", "--polo-port", polo)
	_, crowded := startMarco(t, "", "--polo-port", many)
	ask := func(door string, args ...string) string {
		args = append([]string{clients + "marco_framing.py", "127.0.1.1", door, "1000"}, args...)
		return strings.TrimSpace(runProgram(t, cleanEnv(t), "", python, args...).ok(t).out)
	}
	for _, kind := range []string{"cpp", "java"} {
		if got := ask(door, kind); got == "0 0" {
			t.Errorf("%s found %s", kind, got)
		}
		if got := ask(door, kind, "printer"); got == "0 0" {
			t.Errorf("%s found %s printers", kind, got)
		}
		if got := ask(door, kind, "nothing"); got != "0 0" {
			t.Errorf("%s found %s of nothing", kind, got)
		}
		nodes, _, _ := strings.Cut(ask(crowded, kind), " ")
		if n, _ := strconv.Atoi(nodes); n < 20 || n > 40 {
			t.Errorf("%s found %d nodes of 100, want as many as 2047 bytes hold", kind, n)
		}
	}
	out := runProgram(t, cleanEnv(t), "", python, clients+"marco_binding.py", "127.0.1.1", crowded, "5000", `["marco", {"timeout": 1000}]`).ok(t).out
	var nodes [][]any
	if err := json.Unmarshal([]byte(out), &nodes); err != nil || len(nodes) < 40 || len(nodes) > 80 {
		t.Errorf("the Python binding found %d nodes of 100, %v, want as many as 4095 bytes hold", len(nodes), err)
	}
}

// startManyPolos answers each request in the default group on loopback from
// many addresses of it, and returns the UDP port.
func startManyPolos(t *testing.T, number int) string {
	return startPeers(t, number, func(c net.PacketConn, to net.Addr) {
		c.WriteTo([]byte(`{"Command":"Polo","Params":{"hostname":"polohost"}}`), to)
	})
}

// startPeers has answer called for each request in the default group on
// loopback, with a socket of each of so many addresses.
func startPeers(t *testing.T, number int, answer func(from net.PacketConn, to net.Addr)) string {
	t.Helper()
	port := freeUDPPort(t)
	n, _ := strconv.ParseUint(port, 10, 16)
	conn, err := discovery.ListenGroup(netip.AddrPortFrom(discovery.DefaultGroup(), uint16(n)))
	if err != nil {
		t.Fatal(err)
	}
	lo, err := discovery.Loopback()
	if err == nil {
		err = conn.Join(net.Interface{Index: lo[0].Index, Name: lo[0].Name})
	}
	if err != nil {
		t.Fatal(err)
	}
	var from []net.PacketConn
	for i := range number {
		c, err := net.ListenPacket("udp4", fmt.Sprintf("127.0.2.%d:0", i+1))
		if err != nil {
			t.Skipf("loopback has one address here: %v", err)
		}
		from = append(from, c)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 100)
		for {
			_, path, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, c := range from {
				answer(c, net.UDPAddrFromAddrPort(path.Peer))
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		for _, c := range from {
			c.Close()
		}
		<-done
	})
	return port
}

// Section 10, D40, D42, D45: peers that flood, forge, send too much and go on
// for ever delay no answer and are in it once, with what was a reply.
func TestMarcoAmongHostilePeers(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	var dripping sync.WaitGroup
	t.Cleanup(func() { stop(); dripping.Wait() })
	polo := startPeers(t, 3, func(c net.PacketConn, to net.Addr) {
		for _, reply := range []string{
			"", "{", "[]", "null", strings.Repeat("[", 4000), `{"Command": "Request-For", "Params": "x"}`,
			`{"Command":"Polo","Params":{"x":"` + strings.Repeat("x", 8_000) + `"}}`, `{"command":"Polo"}`,
			`{"Command":"Polo","Params":[1]}`,
		} {
			c.WriteTo([]byte(reply), to)
		}
		dripping.Go(func() {
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for ctx.Err() == nil {
				c.WriteTo([]byte(`{"Command":"Polo","Params":{"late":true}}`), to)
				<-tick.C
			}
		})
	})
	_, door := startMarco(t, "", "--polo-port", polo, "--retries", "0")
	for range 3 {
		got := askMarco(t, door, `{"Command": "Marco", "timeout": 500}`)
		for i := range 3 {
			node := fmt.Sprintf(`{"Address": "127.0.2.%d", "Params": {}}`, i+1)
			if strings.Count(got, node) != 1 || strings.Contains(got, "late") {
				t.Errorf("the door answered %s, want each node once, with its first reply", got)
			}
		}
	}
}

// askMarco sends a request to a door and returns the answer.
func askMarco(t *testing.T, port, request string) string {
	t.Helper()
	got := tryMarco(t, port, request, patience)
	if got == "" {
		t.Fatalf("no answer to %s", request)
	}
	return got
}

// tryMarco returns "" if there is no answer in time.
func tryMarco(t *testing.T, port, request string, within time.Duration) string {
	t.Helper()
	conn, err := net.Dial("udp4", "127.0.1.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 8192)
	conn.SetDeadline(time.Now().Add(within))
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Read(buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// Section 8, D24: SIGHUP has the configuration read again; a bad line is told
// with its place and costs its key alone (D25).
func TestMarcoReloads(t *testing.T) {
	t.Parallel()
	polo := startPoloOnLoopback(t)
	p, door := startMarco(t, "[marco]\ntimeout = 200\npoloport = "+freeUDPPort(t)+"\nnonsense = 1\n")
	p.said("unknown key")
	const ask = `{"Command": "Request-for", "Params": "printer"}`
	if got := askMarco(t, door, ask); got != "[]" {
		t.Errorf("before: %s, want nobody", got)
	}
	config := p.cmd.Args[3]
	if err := os.WriteFile(config, []byte("[marco]\ntimeout = 200\nmulticast_addr = 10.0.0.1\nlogging_filename = other.log\npoloport = "+polo+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	p.said(`line=3`)
	p.said("configuration reloaded")
	if said := p.err.String(); !strings.Contains(said, "key=poloport") || strings.Contains(said, "key=timeout") || !strings.Contains(lineOf(said, "key=logging_filename"), "takes a restart") {
		t.Errorf("the log says %s", said)
	}
	if got := askMarco(t, door, ask); !strings.Contains(got, `"port": 9100`) {
		t.Errorf("after: %s, want the printer", got)
	}
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	pid := filepath.Join(filepath.Dir(config), "marcod.pid")
	run(t, "marco", "--reload", "--pid-file", pid).ok(t)
	p.said("configuration not reloaded")
	if got := askMarco(t, door, ask); !strings.Contains(got, `"port": 9100`) {
		t.Errorf("without a file: %s, want the printer as before", got)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if _, err := os.Stat(pid); !os.IsNotExist(err) {
		t.Errorf("the pid file is left: %v", err)
	}
	run(t, "marco", "--reload", "--pid-file", pid).wants(t, 1, "no daemon runs")
}

// Section 8: the log goes where the configuration says, and to a new file
// after the old one was moved away.
func TestMarcoLogsToItsFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	p, _ := startMarco(t, "[marco]\nlogging_dir = "+dir+"\nlogging_level = DEBUG\nbad = 1\n")
	file := filepath.Join(dir, "marcod.log")
	logged := func(part string) func() bool {
		return func() bool {
			text, _ := os.ReadFile(file)
			return strings.Contains(string(text), part)
		}
	}
	eventually(t, "the log is written", logged("unknown key"))
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGUSR1)
	eventually(t, "a new log is written", logged("configuration reloaded"))
	if p.err.String() != "" {
		t.Errorf("stderr has %q, want all in the file", &p.err)
	}
}

func TestMarcoRunsOnce(t *testing.T) {
	t.Parallel()
	p, port := startMarco(t, "")
	config := p.cmd.Args[3]
	pid := filepath.Join(filepath.Dir(config), "marcod.pid")
	if text, err := os.ReadFile(pid); err != nil || strings.TrimSpace(string(text)) != strconv.Itoa(p.cmd.Process.Pid) {
		t.Errorf("pid file has %q, %v, want %d", text, err, p.cmd.Process.Pid)
	}
	run(t, "marco", "--config", config, "--listen", "127.0.1.1:"+freeUDPPort(t), "--pid-file", pid).
		wants(t, 1, fmt.Sprintf("process %d", p.cmd.Process.Pid), "--pid-file")
	run(t, "marco", "--config", config, "--listen", "127.0.1.1:"+port, "--pid-file", pid+"2").
		wants(t, 1, "127.0.1.1:"+port, "another Marco", "--listen")
}

func TestMarcoRefuses(t *testing.T) {
	t.Parallel()
	for args, word := range map[string]string{
		"--config /nowhere/marco.cfg": "no such file",
		"--listen 127.0.1.1":          "--listen",
		"--listen [::1]:1338":         "--listen",
		"--network 10.0.0.1":          "--network",
		"--group 10.0.0.1":            "--group",
		"--timeout 61s":               "--timeout",
		"--timeout -1s":               "--timeout",
		"--retries 11":                "--retries",
		"--max-queries 0":             "--max-queries",
		"extra":                       "extra",
	} {
		run(t, append([]string{"marco"}, strings.Fields(args)...)...).wants(t, 2, word)
	}
	run(t, "marco", "--config", t.TempDir()).wants(t, 1, "not a regular file")
}

// A storm of requests of one program leaves the door open to another, and few
// descriptors in use.
func TestMarcoUnderAStorm(t *testing.T) {
	t.Parallel()
	polo := startPoloOnLoopback(t)
	p, door := startMarco(t, "", "--polo-port", polo)
	storm, err := net.Dial("udp4", "127.0.1.1:"+door)
	if err != nil {
		t.Fatal(err)
	}
	defer storm.Close()
	for range 20_000 {
		storm.Write([]byte(`{"Command": "Marco", "timeout": 10000}`))
	}
	eventually(t, "another program is answered", func() bool {
		storm.Write([]byte(`{"Command": "Marco", "timeout": 10000}`))
		const ask = `{"Command": "Request-for", "Params": "printer", "max_nodes": 1, "timeout": 2000}`
		return strings.Contains(tryMarco(t, door, ask, 3*time.Second), "9100") // in a storm a datagram may be lost
	})
	if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)); err == nil && len(open) > 60 {
		t.Errorf("%d descriptors are open, want few", len(open))
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}
