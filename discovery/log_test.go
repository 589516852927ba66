package discovery_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/discovery"
)

// Section 10: datagrams are logged quoted and shortened, and only at debug.
func TestLogShowsDatagramsAtDebugOnly(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelDebug: 1, slog.LevelInfo: 0} {
		synctest.Test(t, func(t *testing.T) {
			var (
				n     network
				lines bytes.Buffer
			)
			log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: level}))
			startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, log)
			multicast(&n, askerAddr, 40000, mem0.Index, "\x1b[2J\nlevel=ERROR "+strings.Repeat("x", 3000))
			if got := strings.Count(lines.String(), "\n"); got != want || lines.Len() > 500 || strings.Contains(lines.String(), "\x1b") {
				t.Errorf("at %s: %q, want %d short, quoted lines", level, lines.String(), want)
			}
		})
	}
}

// Section 10: whoever sends datagrams cannot flood the log.
func TestLogIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			lines bytes.Buffer
		)
		log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, log)
		flood := func(times int) int {
			lines.Reset()
			for i := range times {
				multicast(&n, askerAddr, 40000, mem0.Index, fmt.Sprintf("junk %d", i))
			}
			return strings.Count(lines.String(), "\n")
		}
		if got := flood(1000); got != 10 {
			t.Errorf("%d lines of 1000 datagrams at once, want 10", got)
		}
		time.Sleep(time.Second)
		if got := flood(1000); got != 1 || !strings.Contains(lines.String(), "withheld=990") {
			t.Errorf("%d lines a second later, want 1 that tells of 990 others:\n%s", got, lines.String())
		}
	})
}
