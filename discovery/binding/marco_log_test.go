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

// Requests may hold what is nobody's business: the log tells what was wrong
// with them, and nothing of what is in them.
func TestMarcoDoorLogHoldsNothingOfRequests(t *testing.T) {
	const secret, number = "PLANTED-7431+x==", "74319917"
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		m := startMarcoLogging(t, log, binding.MarcoConfig{Query: discovery.Query{LookUp: resolve}})
		requests := []string{secret, `{"` + secret, `"` + secret + `"`, "\xff" + secret, strings.Repeat(secret, 600), `{"` + secret + `": 1}`}
		for _, key := range []string{"Command", "Params", "node", "group", "timeout", "max_nodes", "max-nodes", "retries", "exclude", "params"} {
			for _, value := range []string{`"` + secret + `"`, number, `["` + secret + `"]`, `[` + number + `]`, `{"` + secret + `": ` + number + `}`} {
				request := `{"Command": "Request-for", "Params": "printer", "` + key + `": ` + value + `}`
				if key == "Command" {
					request = `{"Command": ` + value + `}`
				}
				requests = append(requests, request)
			}
		}
		requests = append(requests, `{"Command": "Request-for", "Params": "`+strings.Repeat(secret, 300)+`"}`, `{"Command": "Services", "node": "`+secret+`"}`)
		for _, request := range requests {
			m.send(request, client)
			time.Sleep(2 * time.Second) // of this test's clock: each may have its line
		}
		got := lines.String()
		if strings.Contains(got, "PLANTED") || strings.Contains(got, number) {
			for line := range strings.Lines(got) {
				if strings.Contains(line, "PLANTED") || strings.Contains(line, number) {
					t.Errorf("the log tells what was asked: %s", line)
				}
			}
		}
		for _, part := range []string{"MARCO-JUNK", "MARCO-REFUSED", "MARCO-FAIL", "err=\"not an object of JSON\"", "group is not an IPv4 multicast address", "the node is not a host name, it has 16 bytes"} {
			if !strings.Contains(got, part) {
				t.Errorf("the log does not tell %q:\n%s", part, got)
			}
		}
	})
}
