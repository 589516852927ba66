package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"co2/discovery"
	"co2/registry/door"
)

// TestRepeatedLinesAreCounted floods a log with lines of two kinds.
func TestRepeatedLinesAreCounted(t *testing.T) {
	var out bytes.Buffer
	thin := newThinHandler(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	log := slog.New(thin)
	for i := range 1000 {
		log.Warn("turned away", "code", "DOOR-PEER", "peer", i)
		log.With("code", "DLV-DROP").Warn("event", "satellite", fmt.Sprint("sat", i%2))
		log.Debug("call failed", "code", "CALL-FAULT")
	}
	lines := func() map[string]int {
		count := map[string]int{}
		for line := range strings.Lines(out.String()) {
			var l struct {
				Code    string
				LeftOut int `json:"left_out"`
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			count[l.Code]++
			count[l.Code+" left out"] += l.LeftOut
		}
		out.Reset()
		return count
	}
	for i, want := range []map[string]int{
		{"DOOR-PEER": 10, "DLV-DROP": 20, "CALL-FAULT": 1000},
		{"DOOR-PEER": 1, "DOOR-PEER left out": 989, "DLV-DROP": 2, "DLV-DROP left out": 978},
		{"DOOR-PEER": 0, "DLV-DROP": 0},
	} {
		got := lines()
		for what, n := range want {
			if got[what] != n {
				t.Errorf("stretch %d: %d of %q, want %d", i, got[what], what, n)
			}
		}
		thin.tell(context.Background())
	}
	for i := range 3 * thinKinds {
		log.Info("event", "code", "SAT-JOIN", "satellite", i)
	}
	if n := len(thin.kept.lines); n > thinKinds+1 {
		t.Errorf("%d kinds of lines are kept, want at most %d", n, thinKinds+1)
	}
}

// TestLeftOutIsSummedUp has lines that tell of others their writer left out.
func TestLeftOutIsSummedUp(t *testing.T) {
	var out bytes.Buffer
	thin := newThinHandler(slog.NewJSONHandler(&out, nil))
	log := slog.New(thin)
	for i := range thinLines + 5 {
		log.Warn("service file", "code", "POLO-FILE", "file", "a", "left_out", i)
		log.Warn("service file", "code", "POLO-FILE", "file", "b")
	}
	out.Reset()
	thin.tell(context.Background())
	left := map[string]int{}
	for line := range strings.Lines(out.String()) {
		if strings.Count(line, "left_out") != 1 {
			t.Errorf("line %s, want left_out in it once", line)
		}
		var l struct {
			File    string
			LeftOut int `json:"left_out"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		left[l.File] = l.LeftOut
	}
	if want := 4 + 10 + 11 + 12 + 13 + 14; left["a"] != want || left["b"] != 4 || len(left) != 2 {
		t.Errorf("left out %v, want a: %d and b: 4", left, want)
	}
}

// TestDaemonLogFile shows that the log file of a configuration has the form
// and the thinning of any log.
func TestDaemonLogFile(t *testing.T) {
	to := discovery.LogFile{Dir: t.TempDir(), Name: "polod.log"}
	var instead bytes.Buffer
	log := logged{logAuto}.daemon(to, false, &instead)
	for range 3 * thinLines {
		log.Warn("cannot look up user", "code", "POLO-USER")
	}
	log.thin.tell(context.Background())
	text, err := os.ReadFile(filepath.Join(to.Dir, to.Name))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := lines[len(lines)-1]; len(lines) != thinLines+1 || !strings.HasPrefix(last, "{") || !strings.Contains(last, `"left_out":19`) || instead.Len() > 0 {
		t.Errorf("%d lines, the last %s, and elsewhere %q", len(lines), last, &instead)
	}
}

// TestAccessLogLine shows what a line holds, and that strangers cannot forge
// one.
func TestAccessLogLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "logs", "access.log")
	var out bytes.Buffer
	a, err := (&logging{logged: logged{logJSON}, AccessLog: file}).access(terminal{})
	if err != nil || a.file.path != file {
		t.Fatal(a, err)
	}
	a.log = slog.New(logJSON.handler(&out, slog.LevelInfo))
	a.request(door.Ended{
		Remote: netip.MustParseAddrPort("192.0.2.7:1"), Verb: "POST", Path: "/" + strings.Repeat("x", 5000), Status: 200, Sent: 12,
		Call: "ping\nforged", Failed: true, Fault: -32601,
	})
	var line struct {
		Remote, Verb, Path, Call string
		Status, Bytes, Fault     int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Remote != "192.0.2.7:1" || line.Verb != "POST" || line.Status != 200 || line.Bytes != 12 || line.Fault != -32601 || line.Call != `ping\nforged` {
		t.Errorf("the line is %s", &out)
	}
	if len(line.Path) > mostPath+8 {
		t.Errorf("the path has %d octets", len(line.Path))
	}
}

func TestLogFormatWords(t *testing.T) {
	var f logFormat
	if err := f.UnmarshalText([]byte("xml")); err == nil {
		t.Error("xml is taken for a format of logs")
	}
	for format, want := range map[logFormat]string{logText: "level=INFO", logJSON: `"level":"INFO"`, logAuto: `"level":"INFO"`} {
		var out bytes.Buffer
		slog.New(format.handler(&out, slog.LevelInfo)).Info("hello")
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s writes %q into a pipe, want %q in it", format, &out, want)
		}
	}
}
