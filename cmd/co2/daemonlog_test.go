package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// goers are the programs that go on, other than co2 serve, each with what its
// log says soon after its start.
func goers(t *testing.T) map[string][]string {
	dir, relay := t.TempDir(), startRelay(t)
	config := filepath.Join(dir, "bad.cfg")
	if err := os.WriteFile(config, []byte("[polo]\nport = many\n[marco]\npoloport = many\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return map[string][]string{
		"NODE-JOIN": {"satellite", "--relay", relay.url, "--listen", "127.0.0.1:0"},
		"CONFIG-BAD": {"polo", "--local", "--no-tls", "--dir", dir, "--config", config, "--polo-port", freeUDPPort(t),
			"--socket", filepath.Join(dir, "s"), "--pid-file", filepath.Join(dir, "polo.pid")},
		"MARCO-RELOAD": {"marco", "--config", config, "--listen", "127.0.1.1:" + freeUDPPort(t), "--pid-file", filepath.Join(dir, "marco.pid")},
	}
}

// TestProgramsLogForTheirReader reads what programs that go on say on standard
// error: JSON in a pipe, text on a terminal, and as --log-format says in both.
func TestProgramsLogForTheirReader(t *testing.T) {
	t.Parallel()
	for code, args := range goers(t) {
		for _, way := range []struct {
			format   string // of --log-format; empty: none is given
			terminal bool
			json     bool
		}{{"", false, true}, {"", true, false}, {"text", false, false}, {"json", true, true}} {
			name := fmt.Sprintf("%s terminal=%v format=%s", args[0], way.terminal, way.format)
			line := firstLogLine(t, way.terminal, code, way.format, args)
			var l struct{ Time, Level, Msg, Code string }
			err := json.Unmarshal([]byte(line), &l)
			if way.json != (err == nil && l.Code == code && l.Time != "" && l.Level != "" && l.Msg != "") {
				t.Errorf("%s: the line is %q (%v), want JSON: %v", name, line, err, way.json)
			}
			if !way.json && args[0] == "satellite" && !strings.HasPrefix(line, "registered with http://") {
				t.Errorf("%s: %q, want a sentence for a person", name, line)
			} else if !way.json && args[0] != "satellite" && !strings.Contains(line, "level=") {
				t.Errorf("%s: the line is %q, want text", name, line)
			}
		}
	}
}

// firstLogLine runs a program until it says on standard error what has the
// code, or for a satellite its sentence.
func firstLogLine(t *testing.T, terminal bool, code, format string, args []string) string {
	t.Helper()
	if format != "" {
		args = append(args[:len(args):len(args)], "--log-format", format)
	}
	cmd := exec.Command(binary, args...)
	cmd.Env = append(cleanEnv(t), "CO2_LOG_FORMAT=auto")
	var p *process
	if terminal {
		p = startOnTerminal(t, cmd)
	} else {
		p = startCommand(t, cmd)
	}
	defer p.stop()
	if code == "MARCO-RELOAD" {
		p.printed("Next")
		p.signal(unix.SIGHUP)
	}
	part := code
	if code == "NODE-JOIN" {
		part = "registered with"
	}
	return strings.TrimSuffix(p.said(part), "\r")
}

// startOnTerminal starts a program whose standard error is a terminal.
func startOnTerminal(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	t.Cleanup(func() { master.Close() })
	return startReading(t, cmd, func() (io.ReadCloser, error) { cmd.Stderr = slave; return master, nil })
}

// TestDaemonsCountRepeatedLines floods a Marco with queries that fail.
func TestDaemonsCountRepeatedLines(t *testing.T) {
	t.Parallel()
	port := freeUDPPort(t)
	p := startWith(t, cleanEnv(t, "CO2_LOG_FORMAT=json"), binary, "marco", "--listen", "127.0.1.1:"+port, "--pid-file", filepath.Join(t.TempDir(), "pid"))
	p.printed("Next")
	conn, err := net.Dial("udp", "127.0.1.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer := make([]byte, 4096)
	const queries = 25
	for range queries {
		if _, err := conn.Write([]byte(`{"Command": "Marco", "node": "no such host.invalid", "timeout": 300}`)); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(answer); err != nil || string(answer[:n]) != "[]" {
			t.Fatalf("answer %q (%v), want []", answer[:n], err)
		}
	}
	p.stop()
	lines, leftOut := 0, 0
	for line := range strings.Lines(p.err.String()) {
		var l struct {
			Code    string
			LeftOut int `json:"left_out"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if l.Code == "MARCO-FAIL" {
			lines++
			leftOut += l.LeftOut
		}
	}
	if lines > 15 || lines+leftOut != queries {
		t.Errorf("%d lines that tell of %d more, want about eleven that tell of %d in all:\n%s", lines, leftOut, queries, &p.err)
	}
}
