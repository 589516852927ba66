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

// Datagrams of strangers may hold what is nobody's business: the log tells why
// they were not answered, and nothing of what is in them.
func TestLogHoldsNothingOfDatagrams(t *testing.T) {
	const secret = "PLANTED-7431+x=="
	synctest.Test(t, func(t *testing.T) {
		var (
			n     network
			lines bytes.Buffer
		)
		log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
		startPolo(t, &n, discovery.PoloConfig{Networks: anyone}, log)
		datagrams := []string{
			secret, `{"` + secret, `"` + secret + `"`, `{"` + secret + `": 1}`, `{"Command": "` + secret + `"}`, `{"Command": {"` + secret + `": 1}}`,
			`{"Command": "Request-for", "Params": "` + secret + `"}`, `{"Command": "Request-for", "Params": ["` + secret + `"]}`,
			`{"Command": "Marco"} ` + secret, strings.Repeat(secret, 300), "\xff" + secret,
		}
		for _, datagram := range datagrams {
			multicast(&n, askerAddr, 40000, mem0.Index, datagram)
			time.Sleep(2 * time.Second) // of this test's clock: each may have its line
		}
		if got := strings.Count(lines.String(), "code=POLO-SILENCE"); got != len(datagrams) {
			t.Errorf("%d lines, want one of each of %d datagrams", got, len(datagrams))
		}
		if got := lines.String(); strings.Contains(got, "PLANTED") || !strings.Contains(got, "why=\"service is not offered\" command=Request-for") {
			t.Errorf("want why, and nothing of the datagrams:\n%s", got)
		}
	})
}
