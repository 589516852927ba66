package registry_test

import (
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "renew the replies in testdata/rpc and the table in docs/reference/conformance.md")

// TestGolden plays testdata/rpc/*.call.xml and compares the answers, octet by
// octet, with *.reply.xml.
func TestGolden(t *testing.T) {
	s := serve(t, frozen())
	calls, err := filepath.Glob("../testdata/rpc/*.call.xml")
	if err != nil || len(calls) < 20 {
		t.Fatalf("%d calls in testdata/rpc, %v; want the pairs of the built-in methods", len(calls), err)
	}
	for _, path := range calls {
		name := strings.TrimSuffix(path, ".call.xml")
		t.Run(filepath.Base(name), func(t *testing.T) {
			got := play(t, "http://"+s.addr+"/RPC2", path)
			if *update {
				if err := os.WriteFile(name+".reply.xml", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".reply.xml")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("answer to %s = %s, want %s", path, got, want)
			}
		})
	}
}

// play posts the document in a file and returns the answer.
func play(t *testing.T, url, path string) string {
	t.Helper()
	call, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer call.Close()
	info, err := call.Stat()
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, call)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = info.Size()
	req.Header.Set("Content-Type", "text/xml")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("answer to %s: status %d, %v, want 200", path, res.StatusCode, err)
	}
	return string(answer)
}
