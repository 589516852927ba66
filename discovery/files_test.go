package discovery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"co2/discovery"
)

const serviceFiles = "../testdata/services"

// write makes a file with its folders.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// logTo returns a log that can be read again.
func logTo() (*slog.Logger, *bytes.Buffer) {
	var lines bytes.Buffer
	return slog.New(slog.NewTextHandler(&lines, nil)), &lines
}

func reload(t *testing.T, s *discovery.Store) {
	t.Helper()
	if err := s.Reload(); err != nil {
		t.Fatalf("Reload = %v", err)
	}
}

// identifiers returns what is offered, with "!" before what is disabled.
func identifiers(s *discovery.Store) []string {
	ids := []string{}
	for _, i := range s.List() {
		if i.Disabled {
			i.Identifier = "!" + i.Identifier
		}
		ids = append(ids, i.Identifier)
	}
	return ids
}

func wantIdentifiers(t *testing.T, s *discovery.Store, want ...string) {
	t.Helper()
	if got := identifiers(s); !slices.Equal(got, want) {
		t.Errorf("List = %q, want %q", got, want)
	}
}

// 5.2, 5.3, D4, D9, D11, D12, D13: each example file is offered, disabled, or
// skipped, and the log names what is odd.
func TestExampleServiceFiles(t *testing.T) {
	for folder, want := range map[string]struct{ offered, known, told bool }{
		"offered":  {true, true, false},
		"disabled": {false, true, false},
		"odd":      {true, true, true},
		"skipped":  {false, false, true},
	} {
		paths, err := filepath.Glob(filepath.Join(serviceFiles, folder, "*"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files in %s: %v", folder, err)
		}
		for _, path := range paths {
			t.Run(folder+"/"+filepath.Base(path), func(t *testing.T) {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				dir := t.TempDir()
				write(t, filepath.Join(dir, "the-file"), string(text))
				log, lines := logTo()
				s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, log)
				reload(t, s)
				list := s.List()
				if got := len(list) == 1; got != want.known {
					t.Fatalf("List = %+v, known want %t", list, want.known)
				}
				if want.known {
					if _, ok := s.Reply(unicast, list[0].Identifier); ok != want.offered || list[0].Disabled == want.offered {
						t.Errorf("offered: %t, want %t; %+v", ok, want.offered, list[0])
					}
					if !list[0].Static || list[0].Permanent {
						t.Errorf("Info = %+v, want static, not permanent", list[0])
					}
				}
				if got := strings.Contains(lines.String(), "the-file"); got != want.told {
					t.Errorf("log names the file: %t, want %t: %s", got, want.told, lines)
				}
			})
		}
	}
}

// D11: numbers stay exactly as they are written.
func TestFileParamsAreKept(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(serviceFiles, "offered", "exact"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir+"/x", string(text))
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, nil)
	reload(t, s)
	got, _ := s.Reply(groupA, "exact")
	want := `{"Command": "OK", "Params": {"big": 12345678901234567890, "none": null, "one": 1.0, "tiny": 1e-7, "\u00f1": "se\u00f1al"}}`
	if string(got) != want {
		t.Errorf("Reply = %s, want %s", got, want)
	}
}

// 5.2, D4, D12: groups of a file decide where a service is offered.
func TestFileGroups(t *testing.T) {
	for _, c := range []struct {
		groups string
		a, b   bool
	}{
		{`null`, true, true},
		{`[]`, true, true},
		{`["224.0.0.112"]`, true, false},
		{`["224.0.0.113", "224.0.0.112"]`, true, true},
		{`["224.0.0.113", "239.9.9.9", "not an address", "224.0.0.113"]`, false, true},
		{`["239.9.9.9"]`, false, false},
		{`["224.0.0.112x"]`, false, false},
	} {
		dir := t.TempDir()
		write(t, dir+"/x", `{"id": "x", "groups": `+c.groups+`}`)
		s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, nil)
		reload(t, s)
		_, a := s.Reply(groupA, "x")
		_, b := s.Reply(groupB, "x")
		_, any := s.Reply(unicast, "x")
		if a != c.a || b != c.b || any != (a || b) {
			t.Errorf("groups %s: offered in A %t, in B %t, by unicast %t, want %t and %t", c.groups, a, b, any, c.a, c.b)
		}
		_, inList := strings.CutPrefix(string(s.ServicesReply(groupA)), `{"Command": "OK", "Params": [{"id": "x"`)
		if inList != c.a {
			t.Errorf("groups %s: listed in A %t, want %t", c.groups, inList, c.a)
		}
	}
}

// 5.3, D14, D15: which files count, in which order.
func TestFileNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".hidden", "back-up~", "token", "any name.json", "UPPER", "sub/inner"} {
		write(t, filepath.Join(dir, name), fmt.Sprintf(`{"id": %q}`, filepath.Base(name)))
	}
	write(t, dir+"/twice-b", `{"id": "twice", "params": {"from": "b"}}`)
	write(t, dir+"/twice-a", `{"id": "twice", "params": {"from": "a"}}`)
	write(t, dir+"/Twice-c", `{"id": "twice", "params": {"from": "C"}}`)
	log, lines := logTo()
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, log)
	reload(t, s)
	wantIdentifiers(t, s, "UPPER", "any name.json", "token", "twice")
	if i, _ := s.Info("twice"); i.Params["from"] != "C" {
		t.Errorf("Info = %+v, want that of the first file in byte order", i)
	}
	if got := strings.Count(lines.String(), "Twice-c already"); got != 2 {
		t.Errorf("%d warnings with both names of a duplicate, want 2:\n%s", got, lines)
	}
}

// 5.3: links in the folder of root services are the administrator's, and are
// followed, to regular files only.
func TestLinksAmongRootFiles(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	write(t, other+"/far", `{"id": "far"}`)
	for name, target := range map[string]string{"link": other + "/far", "folder": other, "dangling": other + "/none"} {
		if err := os.Symlink(target, dir+"/"+name); err != nil {
			t.Fatal(err)
		}
	}
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, nil)
	reload(t, s)
	wantIdentifiers(t, s, "far")
}

// 10, D19: limits on number and size, told in the log.
func TestFileLimits(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/huge", `{"id": "huge"}`+strings.Repeat(" ", 64<<10))
	write(t, dir+"/just", `{"id": "just"}`+strings.Repeat(" ", 64<<10-14))
	write(t, dir+"/no-reply-holds-it", fmt.Sprintf(`{"id": "x", "params": {"x": "%s"}}`, strings.Repeat("x", discovery.MaxReply)))
	log, lines := logTo()
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, log)
	reload(t, s)
	wantIdentifiers(t, s, "just")
	for _, name := range []string{"huge", "no-reply-holds-it"} {
		if !strings.Contains(lines.String(), name) {
			t.Errorf("the log does not name %s:\n%s", name, lines)
		}
	}
}

// 5.4, D3, D4, D5, D6, D14: a reload builds anew.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	log, lines := logTo()
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, log)
	write(t, dir+"/a", `{"id": "a", "params": {"v": 1}}`)
	write(t, dir+"/b", `{"id": "b"}`)
	wantIdentifiers(t, s)
	reload(t, s)
	publish(t, s, root, discovery.Publication{Service: "dyn", Root: true})
	write(t, dir+"/a", `{"id": "a", "params": {"v": 2}}`)
	write(t, dir+"/b", `{"id": "b", "disabled": true}`)
	write(t, dir+"/c", `{"id": "dyn", "params": {"from": "file"}}`)
	write(t, dir+"/bad", `{`)
	wantIdentifiers(t, s, "a", "b", "dyn")
	reload(t, s)
	wantIdentifiers(t, s, "a", "!b", "dyn")
	if i, _ := s.Info("a"); i.Params["v"] != json.Number("2") {
		t.Errorf("Info = %+v, want what the file says now", i)
	}
	if _, ok := s.Reply(groupA, "b"); ok {
		t.Error("a disabled service is offered after a reload")
	}
	// The dynamic one wins over the file until it is unpublished.
	if i, _ := s.Info("dyn"); i.Static {
		t.Errorf("Info = %+v, want the dynamic one", i)
	}
	refused(t, "Unpublish", s.Unpublish(root, discovery.Withdrawal{Service: "dyn"}), "")
	if i, ok := s.Info("dyn"); !ok || !i.Static {
		t.Errorf("Info = %+v, %t, want the static one", i, ok)
	}
	if strings.Count(lines.String(), "/bad") != 1 {
		t.Errorf("want one warning of the bad file:\n%s", lines)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	reload(t, s)
	wantIdentifiers(t, s)
}

// D6: what cannot be read changes nothing.
func TestReloadThatFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "services")
	s := discovery.NewStore(discovery.StoreConfig{Dir: dir}, nil)
	write(t, dir+"/a", `{"id": "a"}`)
	reload(t, s)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a file")
	if err := s.Reload(); err == nil {
		t.Error("Reload = nil with a file for a folder")
	}
	wantIdentifiers(t, s, "a")
}

// 5.2: what we write is what we read.
func TestServiceFileRoundTrip(t *testing.T) {
	f := discovery.ServiceFile{
		Service:  discovery.Service{ID: "ñ \"x\"", Params: map[string]any{"n": json.Number("1.50"), "t": "<&>", "z": nil}},
		Groups:   []string{"224.0.0.112"},
		Disabled: true,
	}
	text, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, odd, err := discovery.ParseServiceFile(text)
	if err != nil || len(odd) > 0 || !reflect.DeepEqual(got, f) || !strings.Contains(string(text), "<&>") {
		t.Errorf("ParseServiceFile(%s) = %+v, %v, %v, want %+v", text, got, odd, err, f)
	}
	if _, err := (discovery.ServiceFile{}).Encode(); err == nil {
		t.Error("Encode of a file without id = nil error")
	}
}

// What the parser takes can be offered, and survives being written and read.
func FuzzServiceFile(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join(serviceFiles, "*", "*"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no service files: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, _, err := discovery.ParseServiceFile(data)
		if err != nil {
			if !reflect.DeepEqual(file, discovery.ServiceFile{}) {
				t.Errorf("ParseServiceFile(%q) = %+v with error %v", data, file, err)
			}
			return
		}
		if !json.Valid(data) {
			t.Errorf("ParseServiceFile took %q", data)
		}
		if reply, err := (discovery.Reply{Command: discovery.CommandOK, Params: file.Params}).Encode(); err != nil {
			t.Errorf("ParseServiceFile(%q): no reply holds it: %v (%d bytes)", data, err, len(reply))
		}
		text, err := file.Encode()
		if err != nil {
			t.Fatalf("Encode of what was read from %q: %v", data, err)
		}
		again, odd, err := discovery.ParseServiceFile(text)
		if len(text) <= 64<<10 && (err != nil || len(odd) > 0 || !reflect.DeepEqual(again, file)) {
			t.Errorf("%q read as %+v, written as %s, then read as %+v, %v, %v", data, file, text, again, odd, err)
		}
	})
}
