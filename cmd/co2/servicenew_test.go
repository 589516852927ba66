package main_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The file of a service is made by answers; what cannot be is asked again.
func TestServiceNewStdout(t *testing.T) {
	t.Parallel()
	answers := strings.Join([]string{
		"nobody", "host", // whose
		"", "a/b", ".a", strings.Repeat("x", 31), "lamp", // id
		"word", "n:=one", "port:=9100", "color:=true", "port:=9101", "name=a <b>", "", // params
		"10.0.0.1", "224.0.0.112 224.0.0.113", // groups
	}, "\n") + "\n"
	got := runWith(t, cleanEnv(t), answers, "service", "new", "--stdout").ok(t)
	want := "{\n  \"id\": \"lamp\",\n  \"params\": {\n    \"color\": true,\n    \"name\": \"a <b>\",\n    \"port\": 9101\n  },\n" +
		"  \"groups\": [\n    \"224.0.0.112\",\n    \"224.0.0.113\"\n  ],\n  \"disabled\": false\n}\n"
	if got.out != want {
		t.Errorf("printed %s, want %s", got.out, want)
	}
	for _, said := range []string{"answer host or me", "an id is needed", "no / and no dot", "31 characters, at most 30", `"word" is not KEY=VALUE`, "no value of JSON", "IP is not of class D"} {
		if !strings.Contains(got.err, said) {
			t.Errorf("said %s, want %q", got.err, said)
		}
	}
	runWith(t, cleanEnv(t), "host\n", "service", "new", "--stdout").wants(t, 1, "the answers ended before the questions did")
	run(t, "service").wants(t, 2, "see co2 service --help")
}

// Where no Polo is, the file is put where one looks at its start, and only if
// that one would take it (D9, D10, D14).
func TestServiceNewWithoutPolo(t *testing.T) {
	t.Parallel()
	here := newNamespace(t) // no Polo, whatever runs on this host
	dir := t.TempDir()
	write(t, filepath.Join(dir, "other"), `{"id": "taken"}`)
	for _, c := range []struct {
		answers, out, err string
	}{
		{"host\nlamp\nport:=9.10\n-\n239.1.2.3\n", "written to " + filepath.Join(dir, "lamp"), "no Polo on this host can be reached"},
		{"host\nlamp\n-\nall\n", "", "already exists"},
		{"host\ntaken\n-\nall\n", "", "Service taken already exists"},
		{"me\nmy lamp\n-\nall\n", "", "does not look for a service of"},
		{"host\ndesk~\n-\nall\n", "", "cannot be the name of a file"},
		{"me\ndesk\n-\nall\n", "written to " + filepath.Join(dir, "desk"), ""},
	} {
		got := here.answer(c.answers, "service", "new", "--dir", dir)
		if (got.code == 0) != (c.out != "") || !strings.Contains(got.out, c.out) || !strings.Contains(got.err, c.err) {
			t.Errorf("%q: ended with %d, printed %q, said %q", c.answers, got.code, got.out, got.err)
		}
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 3 {
		t.Errorf("the folder has %v, %v", names, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "lamp"))
	if want := "{\n  \"id\": \"lamp\",\n  \"params\": {\n    \"port\": 9.10\n  },\n" +
		"  \"groups\": [\n    \"239.1.2.3\"\n  ],\n  \"disabled\": false\n}\n"; err != nil || string(text) != want {
		t.Errorf("the file is %s, %v", text, err)
	}
}

// Where no Polo is, its configuration is read as far as that may be, and what it
// says of the groups is told.
func TestServiceNewTellsGroups(t *testing.T) {
	t.Parallel()
	here := newNamespace(t)
	const nobody = 65534
	for _, c := range []struct {
		config string
		mode   os.FileMode
		groups string
		says   []string // none: nothing of groups
	}{
		{"[polo]\nmulticast_addrs = 239.1.2.3\n", 0o600, "239.1.2.3", nil},
		{"[polo]\nmulticast_addrs = 239.1.2.3\n", 0o600, "all", nil},
		{"[polo]\nmulticast_addrs = 239.1.2.3\n", 0o600, "239.1.2.3 224.0.0.112 239.1.2.4",
			[]string{"polo.cfg has 239.1.2.3: it does not offer the service in 224.0.0.112 and 239.1.2.4, until multicast_addrs"}},
		{"", 0o600, "239.1.2.3", []string{"without", "a Polo has 224.0.0.112 and 224.0.0.113: it does not offer the service in 239.1.2.3"}},
		{"[polo]\nmulticast_addrs = 239.1.2.3\n", 0, "239.1.2.3", []string{"permission denied", "without", "does not offer the service in 239.1.2.3"}},
	} {
		dir := openFolder(t)
		config := filepath.Join(dir, "co2", "polo", "polo.cfg")
		write(t, filepath.Join(dir, "co2", "polo", "services", "other"), "{}")
		if c.config != "" {
			write(t, config, c.config)
			if err := os.Chmod(config, c.mode); err != nil {
				t.Fatal(err)
			}
		}
		err := filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
			return errors.Join(err, os.Chown(path, nobody, nobody))
		})
		if err != nil {
			t.Fatal(err)
		}
		as := append(asUser(t, nobody), "service", "new")
		got := runProgram(t, cleanEnv(t, "XDG_CONFIG_HOME="+dir), "host\nlamp\n-\n"+c.groups+"\n", "ip", here.inside(as[0], as[1:]...)...).ok(t)
		if !strings.Contains(got.out, "written to "+filepath.Join(dir, "co2", "polo", "services", "lamp")) {
			t.Errorf("%q: printed %q", c.groups, got.out)
		}
		for _, said := range c.says {
			if !strings.Contains(got.err, said) {
				t.Errorf("%q in %q: said %q, want %q", c.groups, c.config, got.err, said)
			}
		}
		if c.says == nil && strings.Contains(got.err, "offer the service in") {
			t.Errorf("%q in %q: said %q, want nothing of groups", c.groups, c.config, got.err)
		}
	}
}

// What was made is kept and offered by the Polo, at once and after its restart.
func TestServiceNew(t *testing.T) {
	t.Parallel()
	p := startPolo(t, t.TempDir())
	p.answer("host\nlamp\nport:=9100\n-\nall\n", "service", "new").ok(t)
	p.finds("lamp", true)
	var file struct {
		ID     string
		Params map[string]any
	}
	text, err := os.ReadFile(filepath.Join(p.dir, "services", "lamp"))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil || file.ID != "lamp" || file.Params["port"] != 9100.0 {
		t.Errorf("file %s, %v", text, err)
	}
	p.answer("host\nlamp\n-\nall\n", "service", "new").wants(t, 3, "already exists")
}
