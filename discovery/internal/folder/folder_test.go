package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func anything(fs.FileInfo) error { return nil }

func open(t *testing.T) (*Dir, string) {
	t.Helper()
	path := t.TempDir()
	d, err := OpenFollowing(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, path
}

func file(data string) File {
	return File{Data: []byte(data), Perm: 0o640, UID: uint32(os.Geteuid()), GID: uint32(os.Getegid())}
}

func TestWalk(t *testing.T) {
	d, path := open(t)
	if _, err := d.Walk("a/b", false, anything); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Walk = %v, want ErrNotExist", err)
	}
	sub, err := d.Walk("a/b", true, anything)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	if err := sub.Create("x", file("x")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(path, "a/b/x")); err != nil || string(data) != "x" {
		t.Errorf("a/b/x has %q, %v", data, err)
	}
	refusal := errors.New("not this one")
	seen := 0
	_, err = d.Walk("a/b", false, func(fs.FileInfo) error {
		if seen++; seen == 2 {
			return refusal
		}
		return nil
	})
	if !errors.Is(err, refusal) {
		t.Errorf("Walk = %v, want what the test said of the second folder", err)
	}
	for name, target := range map[string]string{"link": "a", "self": ".", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
		if sub, err := d.Walk(name, true, anything); err == nil {
			sub.Close()
			t.Errorf("Walk followed the link %s", name)
		}
	}
}

func TestNames(t *testing.T) {
	_, path := open(t)
	for _, name := range []string{"b", "a", "B", "ü", ".a", "sub/x"} {
		full := filepath.Join(path, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	visible := func(name string) bool { return !strings.HasPrefix(name, ".") }
	for most, want := range map[int]struct {
		names []string
		more  bool
	}{4: {[]string{"B", "a", "b", "ü"}, false}, 2: {[]string{"B", "a"}, true}, 0: {[]string{}, true}} {
		again, err := OpenFollowing(path)
		if err != nil {
			t.Fatal(err)
		}
		names, more, err := again.Names(most, visible)
		if err != nil || !slices.Equal(names, want.names) || more != want.more {
			t.Errorf("Names(%d) = %q, %t, %v, want %q, %t", most, names, more, err, want.names, want.more)
		}
		again.Close()
	}
}

func TestCreateAndReplace(t *testing.T) {
	d, path := open(t)
	if err := d.Create("x", file("one")); err != nil {
		t.Fatal(err)
	}
	if err := d.Create("x", file("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a file = %v, want ErrExist", err)
	}
	if err := os.Symlink(filepath.Join(path, "nowhere"), filepath.Join(path, "link")); err != nil {
		t.Fatal(err)
	}
	if err := d.Create("link", file("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create over a link = %v, want ErrExist", err)
	}
	if err := d.Replace("x", file("three")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(path, "x"))
	info, statErr := os.Stat(filepath.Join(path, "x"))
	if err != nil || statErr != nil || string(data) != "three" || info.Mode() != 0o640 {
		t.Errorf("x has %q, mode %v, %v", data, info.Mode(), errors.Join(err, statErr))
	}
	for _, name := range []string{"", "no/folder", strings.Repeat("n", 300)} {
		if err := d.Create(name, file("")); err == nil {
			t.Errorf("Create(%q) = nil", name)
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != 2 {
		t.Errorf("left in the folder: %v, %v, want x and link", entries, err)
	}
}

// Of many who make one file, one does, and who reads it finds it whole.
func TestCreateAtOnce(t *testing.T) {
	d, path := open(t)
	var made atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch err := d.Create("x", file(strings.Repeat("x", 10_000))); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, fs.ErrExist):
				t.Errorf("Create = %v", err)
			}
			if data, err := os.ReadFile(filepath.Join(path, "x")); err != nil || len(data) != 10_000 {
				t.Errorf("x has %d bytes, %v, want 10000", len(data), err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("%d made the file, want 1", made.Load())
	}
}

func TestOpenTakesRegularFilesOnly(t *testing.T) {
	d, path := open(t)
	if err := os.Mkdir(filepath.Join(path, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Open("folder"); !errors.Is(err, ErrNotRegular) {
		t.Errorf("Open of a folder = %v, want ErrNotRegular", err)
	}
	if err := d.Create("large", file(strings.Repeat("x", MaxFile+1))); err != nil {
		t.Fatal(err)
	}
	f, _, err := d.Open("large")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Read(f); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Read = %v, want ErrTooLarge", err)
	}
}
