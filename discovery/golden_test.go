package discovery_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"co2/discovery"
)

var update = flag.Bool("update", false, "renew the replies in testdata/datagrams")

const datagrams = "../testdata/datagrams"

// golden returns the datagrams of a folder by name.
func golden(t testing.TB, folder, kind string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(datagrams, folder, "*"+kind))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s files in %s: %v", kind, folder, err)
	}
	files := make(map[string]string)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), kind)] = string(data)
	}
	return files
}

// offered returns the services of the Polo that the golden replies come from.
func offered(t testing.TB) *discovery.Store {
	t.Helper()
	store := discovery.NewStore(discovery.StoreConfig{}, nil)
	for _, s := range []discovery.Service{
		{ID: "printer", Params: map[string]any{"port": 9100, "color": true}},
		{ID: "bare"},
		{ID: "exact", Params: map[string]any{
			"one": json.Number("1.0"), "big": json.Number("12345678901234567890"), "tiny": 1e-7,
		}},
		{ID: "señal 🔔", Params: map[string]any{"text": `a, b: "c" <ñ>`, "none": nil}},
	} {
		_, err := store.Publish(root, discovery.Publication{Service: s.ID, Params: s.Params, Root: true})
		if err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestPoloAnswersGoldenRequests(t *testing.T) {
	replies := golden(t, "answered", ".reply")
	for name, request := range golden(t, "answered", ".request") {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := askPolo(t, request)
				if len(got) != 1 {
					t.Fatalf("Polo sent %d replies to %q, want 1", len(got), request)
				}
				if *update {
					renew(t, name, got[0].data)
				} else if got[0].data != replies[name] {
					t.Errorf("reply to %.80q = %s, want %s", request, got[0].data, replies[name])
				}
			})
		})
	}
}

func TestPoloIsSilent(t *testing.T) {
	for name, request := range golden(t, "silent", ".request") {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := askPolo(t, request); len(got) != 0 {
					t.Errorf("Polo answered %.80q with %s, want silence", request, got[0].data)
				}
			})
		})
	}
}

func TestFindHearsGoldenReplies(t *testing.T) {
	for name, reply := range golden(t, "heard", ".reply") {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var net network
				answerWith(t, &net, "10.0.0.7", reply)
				nodes := find(t, &net, discovery.Query{Service: "printer"})
				if got, want := len(nodes) == 1, strings.HasPrefix(name, "ok-"); got != want {
					t.Errorf("Find kept the node: %t, want %t, after %.80q", got, want, reply)
				}
				if len(nodes) == 1 && nodes[0].Params == nil {
					t.Error("Params is nil, want an empty map at least")
				}
			})
		})
	}
}

func renew(t *testing.T, name, reply string) {
	path := filepath.Join(datagrams, "answered", name+".reply")
	if err := os.WriteFile(path, []byte(reply), 0o644); err != nil {
		t.Fatal(err)
	}
}
