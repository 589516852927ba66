package discovery_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"co2/discovery"
)

// people are accounts of a test, which counts the lookups.
type people struct {
	mu      sync.Mutex
	byName  map[string]discovery.Account
	lookups int
	broken  bool // the server of the accounts is out of reach
}

func (p *people) ByName(name string) (discovery.Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lookups++
	if p.broken {
		return discovery.Account{}, errors.New("no answer")
	}
	if a, ok := p.byName[name]; ok {
		return a, nil
	}
	return discovery.Account{}, fmt.Errorf("user %q: %w", name, discovery.ErrNoAccount)
}

func (p *people) ByUID(uid uint32) (discovery.Account, error) {
	for _, a := range p.byName {
		if a.UID == uid {
			return a, nil
		}
	}
	return discovery.Account{}, discovery.ErrNoAccount
}

// newPeople makes users with homes. As root they have uids of their own, which
// own their homes; else they are all the user who runs the test.
func newPeople(t testing.TB, names ...string) *people {
	t.Helper()
	top := t.TempDir()
	for dir := top; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := &people{byName: make(map[string]discovery.Account)}
	for i, name := range names {
		a := discovery.Account{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), Name: name}
		if a.UID == 0 {
			a.UID, a.GID = uint32(54321+i), uint32(54321+i)
		}
		a.Home = filepath.Join(top, name)
		if err := os.Mkdir(a.Home, 0o700); err != nil {
			t.Fatal(err)
		}
		own(t, a, a.Home)
		p.byName[name] = a
	}
	return p
}

// own gives a file or link to a user.
func own(t testing.TB, a discovery.Account, path string) {
	t.Helper()
	if err := os.Lchown(path, int(a.UID), int(a.GID)); err != nil {
		t.Fatal(err)
	}
}

// writeFor makes a file below a home, with its folders, as the user.
func writeFor(t testing.TB, a discovery.Account, path, text string) {
	t.Helper()
	path = filepath.Join(a.Home, path)
	write(t, path, text)
	for ; path != a.Home; path = filepath.Dir(path) {
		own(t, a, path)
	}
}

// asRoot skips what only root can try.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("this test needs files of several users, so it must run as root")
	}
	t.Skip("needs files of several users: run as root")
}
