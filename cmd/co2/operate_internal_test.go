package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"co2/registry"
	"co2/registry/door"
)

// knownMetrics are the names that a relay tells, as queries spell them.
func knownMetrics(t *testing.T) map[string]bool {
	t.Helper()
	m := readMetrics(t, 1, true)
	m.call(registry.Ended{Method: "ping"})
	m.request(door.Ended{Status: 200})
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"up": true}
	for _, f := range families {
		known[f.GetName()] = true
		if f.Metric[0].GetHistogram() != nil {
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				known[f.GetName()+part] = true
			}
		}
	}
	return known
}

var metricName = regexp.MustCompile(`\b(?:co2|go|process)_[a-z0-9_]+|\bup\b`)

func wantKnown(t *testing.T, known map[string]bool, where, expr string) {
	t.Helper()
	names := metricName.FindAllString(expr, -1)
	if len(names) == 0 {
		t.Errorf("%s: %q names no metric", where, expr)
	}
	for _, name := range names {
		if !known[name] {
			t.Errorf("%s: there is no %s", where, name)
		}
	}
}

// TestBoardNamesMetricsThatExist also wants each panel to be its own place.
func TestBoardNamesMetricsThatExist(t *testing.T) {
	known := knownMetrics(t)
	text, err := os.ReadFile("../../docs/operate/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	if board.Title == "" || len(board.Panels) < 10 {
		t.Errorf("a board %q with %d panels", board.Title, len(board.Panels))
	}
	for i, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("panel %q asks nothing", p.Title)
		}
		for _, q := range p.Targets {
			wantKnown(t, known, "panel "+p.Title, q.Expr)
		}
		for _, o := range board.Panels[:i] {
			a, b := p.GridPos, o.GridPos
			if o.ID == p.ID || a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("panels %q and %q have one place or id", p.Title, o.Title)
			}
		}
	}
}

// TestAlertsNameMetricsThatExist reads the rules line by line; promtool reads
// them as Prometheus does.
func TestAlertsNameMetricsThatExist(t *testing.T) {
	known := knownMetrics(t)
	text, err := os.ReadFile("../../docs/operate/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	alerts := strings.Split(string(text), "- alert: ")[1:]
	if len(alerts) < 5 {
		t.Errorf("%d alerts", len(alerts))
	}
	for _, rule := range alerts {
		name, _, _ := strings.Cut(rule, "\n")
		expr := regexp.MustCompile(`(?m)^ +expr: (.+)$`).FindStringSubmatch(rule)
		if expr == nil || !strings.Contains(rule, "summary: ") || !strings.Contains(rule, "action: ") {
			t.Errorf("%s lacks expr, summary or action", name)
			continue
		}
		wantKnown(t, known, name, expr[1])
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no promtool; .ci/install-tools installs it")
	}
	if out, err := exec.Command(promtool, "check", "rules", "../../docs/operate/alerts.yml").CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
