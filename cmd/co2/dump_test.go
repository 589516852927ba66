package main_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A relay that finds a bad dump starts, with the satellites of the generation
// before, and says so where people look.
func TestRelayOnBadDump(t *testing.T) {
	t.Parallel()
	r := startRelay(t, "--ping-interval", "0")
	a := listen(t, nil).register(t, r)
	listen(t, nil).register(t, r)
	r.kill()
	path := filepath.Join(r.state, "dump.xml")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, lay := range map[string]func() error{
		"cut":    func() error { return os.WriteFile(path, good[:len(good)/2], 0o600) },
		"a flip": func() error { return os.WriteFile(path, append([]byte{good[0] ^ 1}, good[1:]...), 0o600) },
		"newer": func() error {
			return os.WriteFile(path, bytes.Replace(good, []byte(`version="2"`), []byte(`version="3"`), 1), 0o600)
		},
		"a pipe":     func() error { return syscall.Mkfifo(path, 0o600) },
		"a folder":   func() error { return os.Mkdir(path, 0o700) },
		"a gibibyte": func() error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 1<<30)) },
	} {
		if err := errors.Join(os.RemoveAll(path), lay()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r.process = start(t, "serve", "--listen", r.addr(), "--state", r.state, "--no-polo", "--ping-interval", "0")
		line := r.printed("TROUBLE")
		r.printed("TROUBLE    dump.xml.1 is used")
		r.printed("Next, in another terminal")
		t.Logf("%s: listening after %v; %s", name, time.Since(began), line)
		r.said("DUMP-BAD")
		if got := must[[]string](t, r, "relay.get_satellites"); len(got) != 1 || got[0] != a.hostID {
			t.Errorf("%s: satellites = %v, want %s", name, got, a.hostID)
		}
		r.kill()
	}
	if aside, err := filepath.Glob(path + ".bad-*"); err != nil || len(aside) != 6 {
		t.Errorf("set aside: %v, %v", aside, err)
	}
}

func TestDumpCheck(t *testing.T) {
	t.Parallel()
	r := startRelay(t)
	for range 3 {
		listen(t, nil).register(t, r)
	}
	run(t, "dump", "check", r.state).ok(t) // beside the running relay
	r.stop()
	path := filepath.Join(r.state, "dump.xml")
	if got := run(t, "dump", "check", path).ok(t); !strings.Contains(got.out, path+": good\n  version     2\n") || !strings.Contains(got.out, "satellites  3\n  checksum    fits\n") {
		t.Errorf("dump check said %q", got.out)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := bytes.Replace(good, []byte("</satellite>"), []byte("<message_info>perhaps</message_info><notify_pass>s3cret&</notify_pass></satellite>"), 2)
	edited = bytes.Replace(edited, []byte("s3cret&"), []byte("s3cret"), 1)
	if err := os.WriteFile(path, edited, 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, "dump", "check", path)
	got.wants(t, 1, path+" is bad")
	for _, want := range []string{": bad\n", "does not fit", "changed by hand", "line 3: satellite 1 (127.0.0.1:", "message_info cannot be perhaps", "line 4: this is not well-formed"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("dump check said %q, want %q in it", got.out, want)
		}
	}
	if strings.Contains(got.out+got.err, "s3cret") {
		t.Errorf("dump check told a secret: %q %q", got.out, got.err)
	}
	got = run(t, "dump", "check", r.state)
	got.wants(t, 1, "dump.xml is bad")
	if lines := strings.Split(got.out, "\n"); len(lines) != 5 || !strings.Contains(lines[1], "bad: ") || !strings.HasSuffix(lines[2], "good") {
		t.Errorf("dump check of the folder said %q", got.out)
	}
	if err := os.Rename(path, path+".kept"); err != nil {
		t.Fatal(err)
	}
	got = run(t, "dump", "check", r.state)
	got.wants(t, 1, "dump.xml is bad")
	if lines := strings.Split(got.out, "\n"); len(lines) != 5 || !strings.HasPrefix(lines[1], "dump.xml ") || !strings.HasSuffix(lines[1], "bad: it is missing") {
		t.Errorf("dump check of a folder whose newest dump is missing said %q", got.out)
	}
	if err := os.Rename(path+".kept", path); err != nil {
		t.Fatal(err)
	}
	got = run(t, "dump", "check", "--json", path)
	got.wants(t, 1)
	if !strings.HasPrefix(got.out, `[{"file":"`+path+`","good":false,"version":2,`) || !strings.Contains(got.out, `"line":4,`) {
		t.Errorf("dump check --json said %q", got.out)
	}
	link := filepath.Join(r.state, "link")
	if err := os.Symlink(path+".1", link); err != nil {
		t.Fatal(err)
	}
	if got := run(t, "dump", "check", link); got.code != 1 || !strings.Contains(got.out, "link is a link, which is not followed") {
		t.Errorf("dump check of a link said %q", got.out)
	}
	run(t, "dump", "check", filepath.Join(r.state, "nothing")).wants(t, 1, "no such file")
	run(t, "dump", "check", t.TempDir()).wants(t, 1, "no dump")
	run(t, "dump").wants(t, 2, "co2 dump --help")
	run(t, "dump", "check").wants(t, 2, "co2 dump check --help")
}
