package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestReadmeProgram builds the Go program of the README as it stands there,
// in a main of its own, and ends it as a person does: it deregisters.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("the README has no Go program")
	}
	relay := startRelay(t)
	bob := listen(t, nil).register(t, relay)
	body := strings.ReplaceAll(string(block[1]), "http://127.0.0.1:2003", relay.url)
	body = strings.Replace(body, "Nick:    \"bob\",", "Nick: \"bob\", AnyPort: true,", 1)
	imports := "import (\n\"context\"\n\"encoding/json\"\n\"fmt\"\n\"log\"\n\"os\"\n\"os/signal\"\n\n\"co2/satellite\"\n)\n"
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "bob")
	if err := os.WriteFile(source, []byte("package main\n"+imports+"func main() {\n"+body+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p := startWith(t, cleanEnv(t), program)
	if got := bob.hears(t); !strings.Contains(got.data, "tempo") {
		t.Errorf("it sent %s, want tempo", got.data)
	}
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 0 {
		t.Errorf("it ended with %d: %s", code, &p.err)
	}
	if n := must[int64](t, relay, "relay.get_num_satellites"); n != 1 {
		t.Errorf("%d satellites are registered once it has ended, want 1", n)
	}
}
