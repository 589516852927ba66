package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

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

// TestAccessLogLine shows what a line holds, and that strangers cannot forge
// one.
func TestAccessLogLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "logs", "access.log")
	var out bytes.Buffer
	a, err := (&logging{LogFormat: logJSON, AccessLog: file}).access(terminal{})
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
