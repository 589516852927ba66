package registry_test

import (
	"compress/gzip"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const captures = "../testdata/rpc/clients/"

// A capture is one request of a client, as it came over the wire.
type capture struct{ client, call string }

func (c capture) path() string { return captures + c.client + "/" + c.call + ".http" }

// ownReply is where the answer is when it is another than the other clients'.
func (c capture) ownReply() string { return captures + c.client + "/" + c.call + ".reply.xml" }

func (c capture) sharedReply() string { return captures + c.call + ".reply.xml" }

// TestCaptures plays what the clients of TestInterop sent, and what Apache's
// would, and compares the answers octet by octet. Clients that send the same
// value in their own words get the same answer.
func TestCaptures(t *testing.T) {
	s := serve(t, frozen())
	answers := map[capture]string{}
	for _, c := range everyCapture(t) {
		t.Run(c.client+"/"+c.call, func(t *testing.T) {
			octets, err := os.ReadFile(c.path())
			if err != nil {
				t.Fatal(err)
			}
			got := s.exchange(t, string(octets))
			if got.StatusCode != 200 {
				t.Fatalf("answer to %s: status %d %s, want 200", c.path(), got.StatusCode, got.body)
			}
			answers[c] = unzipped(t, got)
			if *update {
				return
			}
			want, err := os.ReadFile(c.ownReply())
			if os.IsNotExist(err) {
				want, err = os.ReadFile(c.sharedReply())
			}
			if err != nil {
				t.Fatal(err)
			}
			if answers[c] != string(want) {
				t.Errorf("answer to %s = %s, want %s", c.path(), answers[c], want)
			}
		})
	}
	if *update {
		renewReplies(t, answers)
	}
}

func everyCapture(t *testing.T) []capture {
	t.Helper()
	paths, err := filepath.Glob(captures + "*/*.http")
	if err != nil || len(paths) < 200 {
		t.Fatalf("%d calls in %s, %v; want those of every client", len(paths), captures, err)
	}
	var all []capture
	for _, path := range paths {
		dir, file := filepath.Split(path)
		all = append(all, capture{filepath.Base(dir), strings.TrimSuffix(file, ".http")})
	}
	return all
}

func unzipped(t *testing.T, a answer) string {
	t.Helper()
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.body
	}
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// renewReplies writes the answer that most clients get as the shared one, and
// others beside their calls.
func renewReplies(t *testing.T, answers map[capture]string) {
	t.Helper()
	for _, pattern := range []string{"*.reply.xml", "*/*.reply.xml"} {
		old, err := filepath.Glob(captures + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	votes := map[string]map[string]int{} // by call and answer
	for c, answer := range answers {
		if votes[c.call] == nil {
			votes[c.call] = map[string]int{}
		}
		votes[c.call][answer]++
	}
	for c, answer := range answers {
		path := c.sharedReply()
		if answer != elected(votes[c.call]) || votes[c.call][answer] == 1 {
			path = c.ownReply()
		}
		if err := os.WriteFile(path, []byte(answer), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// elected is the answer with most votes, of equals the first.
func elected(votes map[string]int) string {
	return slices.MaxFunc(slices.Sorted(maps.Keys(votes)), func(a, b string) int { return votes[a] - votes[b] })
}
