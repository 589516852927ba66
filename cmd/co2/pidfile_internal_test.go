package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// pidFileTurns is where processes that contend for a pid file are told of it.
const pidFileTurns = "TEST_PID_FILE"

// TestPidFileHasOneOwner has processes take a pid file and give it back as fast
// as they can. Who has it makes a file that must not be there.
func TestPidFileHasOneOwner(t *testing.T) {
	if dir := os.Getenv(pidFileTurns); dir != "" {
		takeTurns(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	var contenders sync.WaitGroup
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPidFileHasOneOwner$", "-test.v")
		cmd.Env = append(os.Environ(), pidFileTurns+"="+dir)
		contenders.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("turns taken")) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	contenders.Wait()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func takeTurns(t *testing.T, dir string) {
	path, owner := filepath.Join(dir, "pid"), filepath.Join(dir, "owner")
	taken := 0
	for range 20_000 {
		p, err := takePidFile(path)
		if err != nil {
			continue // another has it
		}
		taken++
		mark, err := os.OpenFile(owner, os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			t.Fatalf("two have the pid file at once: %v", err)
		}
		mark.Close()
		if told, err := os.ReadFile(path); err != nil || string(told) != strconv.Itoa(os.Getpid())+"\n" {
			t.Fatalf("the pid file of process %d holds %q (%v)", os.Getpid(), told, err)
		}
		if err := os.Remove(owner); err != nil {
			t.Fatal(err)
		}
		if err := p.remove(); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println(taken, "turns taken")
}
