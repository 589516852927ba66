package main_test

import (
	"encoding/json"
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
