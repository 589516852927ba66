package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestOneDaemonRuns starts daemons with one pid file together, many times:
// one runs, the other says which.
func TestOneDaemonRuns(t *testing.T) {
	t.Parallel()
	pid := filepath.Join(t.TempDir(), "run", "marcod.pid")
	for round := range 10 {
		var both []*process
		for range 2 {
			both = append(both, start(t, "marco", "--listen", "127.0.1.1:"+freeUDPPort(t), "--pid-file", pid))
		}
		ended := func(p *process) bool {
			select {
			case <-p.done:
				return true
			default:
				return false
			}
		}
		eventually(t, "one of them ends", func() bool { return slices.ContainsFunc(both, ended) })
		loser := slices.IndexFunc(both, ended)
		winner := both[1-loser]
		winner.printed("Next")
		told, err := os.ReadFile(pid)
		if want := strconv.Itoa(winner.cmd.Process.Pid) + "\n"; err != nil || string(told) != want {
			t.Errorf("round %d: the pid file holds %q (%v), want %q", round, told, err, want)
		}
		lost := both[loser]
		if says := fmt.Sprintf("process %d runs already", winner.cmd.Process.Pid); lost.wait() != 1 || !strings.Contains(lost.err.String(), says) && !strings.Contains(lost.err.String(), "another process has it") {
			t.Errorf("round %d: the other ended with %d and said %q, want %q", round, lost.wait(), &lost.err, says)
		}
		if code := winner.stop(); code != 0 {
			t.Errorf("round %d: exit code %d", round, code)
		}
		if _, err := os.Stat(pid); !os.IsNotExist(err) {
			t.Errorf("round %d: the pid file is still there (%v)", round, err)
		}
	}
}
