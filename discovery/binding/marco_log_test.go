package binding_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

// D48, D49: what an answer leaves out, and why a query failed, is in the log.
func TestMarcoDoorTellsWhatItLeavesOut(t *testing.T) {
	var polos []polo
	for i := range 120 {
		polos = append(polos, onGroup("224.0.0.112", fmt.Sprintf("10.0.0.%d", i+1))...)
	}
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		log := slog.New(slog.NewTextHandler(&lines, nil))
		m := startMarcoLogging(t, log, binding.MarcoConfig{Query: discovery.Query{LookUp: resolve}}, polos...)
		answer, _ := m.ask(`{"Command": "Marco"}`)
		if left := fmt.Sprintf("left_out=%d ", 120-len(m.list(answer))); !strings.Contains(lines.String(), left) {
			t.Errorf("log %q, want %s in it", lines.String(), left)
		}
		m.ask(`{"Command": "Services", "node": "nowhere"}`)
		if !strings.Contains(lines.String(), "no such host") {
			t.Errorf("log %q, want why the query failed", lines.String())
		}
	})
}

// Section 10: nobody floods the log or writes lines into it.
func TestMarcoDoorLogsLittle(t *testing.T) {
	for level, most := range map[slog.Level]int{slog.LevelDebug: 10, slog.LevelInfo: 0} {
		synctest.Test(t, func(t *testing.T) {
			var lines bytes.Buffer
			log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: level}))
			m := startMarcoLogging(t, log, binding.MarcoConfig{})
			for _, request := range []string{"\x1b[2J\nlevel=ERROR " + strings.Repeat("x", 3000), `{"Command": "\u001b\n"}`} {
				for range 500 {
					m.send(request, client)
				}
			}
			if n := strings.Count(lines.String(), "\n"); n > most || n > 0 && lines.Len()/n > 400 || strings.Contains(lines.String(), "\x1b") {
				t.Errorf("at %s %d lines:\n%s", level, n, lines.String())
			}
			time.Sleep(time.Minute)
			before := lines.Len()
			m.send("{", client)
			if (lines.Len() > before) != (level == slog.LevelDebug) {
				t.Errorf("at %s: a minute later %d octets more", level, lines.Len()-before)
			}
		})
	}
}
