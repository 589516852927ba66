//go:build unix

package discovery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"co2/discovery"
)

// Section 10: nothing below a home leads to what is not the user's own.
func TestHostileHomes(t *testing.T) {
	const secret = `{"id": "secret"}`
	for _, c := range []struct {
		what    string
		prepare func(t *testing.T, alice, bob discovery.Account, outside string)
		offered bool
		needs   func(*testing.T) // what not every machine can try
	}{
		{what: "nothing odd", offered: true, prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, ".polo/x", secret)
		}},
		{what: "a link to a file", prepare: func(t *testing.T, alice, _ discovery.Account, outside string) {
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			symlink(t, alice, outside+"/x", ".polo/x")
		}},
		{what: "a link to an own file", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, "x", secret)
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			symlink(t, alice, alice.Home+"/x", ".polo/x")
		}},
		{what: ".polo is a link", prepare: func(t *testing.T, alice, _ discovery.Account, outside string) {
			symlink(t, alice, outside, ".polo")
		}},
		{what: ".polo is a link to an own folder", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, "real/x", secret)
			symlink(t, alice, "real", ".polo")
		}},
		{what: ".polo/services is a link", prepare: func(t *testing.T, alice, _ discovery.Account, outside string) {
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			symlink(t, alice, outside, ".polo/services")
		}},
		{what: "the home is a link to a folder of another", needs: asRoot,
			prepare: func(t *testing.T, alice, bob discovery.Account, _ string) {
				writeFor(t, bob, ".polo/x", secret)
				relink(t, alice.Home, bob.Home)
			}},
		{what: "the home is a link to a folder of root", needs: asRoot,
			prepare: func(t *testing.T, alice, _ discovery.Account, outside string) {
				write(t, outside+"/.polo/x", secret)
				relink(t, alice.Home, outside)
			}},
		{what: "the home is a link to an own folder", offered: true,
			prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
				moved := alice
				moved.Home += "-moved"
				writeFor(t, moved, ".polo/x", secret)
				own(t, alice, moved.Home)
				relink(t, alice.Home, moved.Home)
			}},
		{what: "the file is another's", needs: asRoot, prepare: func(t *testing.T, alice, bob discovery.Account, _ string) {
			writeFor(t, alice, ".polo/x", secret)
			own(t, bob, alice.Home+"/.polo/x")
		}},
		{what: "the file is root's", needs: asRoot, offered: true, prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, ".polo/x", secret)
			own(t, root, alice.Home+"/.polo/x")
		}},
		{what: "the file is root's, and the user may not read it", needs: asRoot,
			prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
				writeFor(t, alice, ".polo/x", secret)
				own(t, root, alice.Home+"/.polo/x")
				chmod(t, alice.Home+"/.polo/x", 0o600)
			}},
		{what: "a hard link to a file of root's", needs: asRoot, prepare: func(t *testing.T, alice, _ discovery.Account, outside string) {
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			if err := os.Link(outside+"/x", alice.Home+"/.polo/x"); err != nil {
				t.Fatal(err)
			}
		}},
		{what: "the folder is another's", needs: asRoot, prepare: func(t *testing.T, alice, bob discovery.Account, _ string) {
			writeFor(t, alice, ".polo/x", secret)
			own(t, bob, alice.Home+"/.polo")
		}},
		{what: "the folder is root's, and the user may not enter it", needs: asRoot,
			prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
				writeFor(t, alice, ".polo/x", secret)
				own(t, root, alice.Home+"/.polo")
				chmod(t, alice.Home+"/.polo", 0o700)
			}},
		{what: "a pipe", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			mknod(t, alice, ".polo/x", unix.S_IFIFO)
		}},
		{what: "a socket", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, ".polo/y", `{"id": "y"}`)
			mknod(t, alice, ".polo/x", unix.S_IFSOCK)
		}},
		{what: ".polo is a pipe", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			mknod(t, alice, ".polo", unix.S_IFIFO)
		}},
		{what: "the home is a pipe", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			if err := os.Remove(alice.Home); err != nil {
				t.Fatal(err)
			}
			mknod(t, alice, "", unix.S_IFIFO)
		}},
		{what: "a huge file", prepare: func(t *testing.T, alice, _ discovery.Account, _ string) {
			writeFor(t, alice, ".polo/x", secret)
			if err := os.Truncate(alice.Home+"/.polo/x", 1<<40); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.needs != nil {
				c.needs(t)
			}
			p := newPeople(t, "alice", "bob")
			alice := p.byName["alice"]
			outside := filepath.Join(filepath.Dir(alice.Home), "outside")
			write(t, outside+"/x", secret)
			c.prepare(t, alice, p.byName["bob"], outside)
			s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
			if got := asked(s, "alice:secret"); (got != "") != c.offered {
				t.Errorf("UserReply = %q, want one: %t", got, c.offered)
			}
			if _, ok := s.Info("alice:y"); !ok && strings.HasPrefix(c.what, "a ") && c.what != "a huge file" {
				t.Error("what is beside it is not offered") // D8
			}
			// Publishing and unpublishing get no further.
			_, _ = s.Publish(alice, discovery.Publication{Service: "new", Permanent: true})
			_ = s.Unpublish(alice, discovery.Withdrawal{Service: "alice:secret", DeleteFile: true})
			_ = s.Unpublish(alice, discovery.Withdrawal{Service: "alice:new", DeleteFile: true})
			if text, err := os.ReadFile(outside + "/x"); err != nil || string(text) != secret {
				t.Errorf("the file outside has %q, %v", text, err)
			}
			if _, err := os.Stat(outside + "/new"); err == nil {
				t.Error("a file was made outside")
			}
			if _, err := os.Stat(outside + "/.polo/new"); err == nil {
				t.Error("a file was made outside")
			}
		})
	}
}

// relink puts a link of root's in place of a home.
func relink(t *testing.T, home, target string) {
	t.Helper()
	if err := os.RemoveAll(home); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, home); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func mknod(t *testing.T, a discovery.Account, path string, kind uint32) {
	t.Helper()
	path = filepath.Join(a.Home, path)
	if err := unix.Mknod(path, kind|0o644, 0); err != nil {
		t.Skipf("cannot make such a file here: %v", err)
	}
	own(t, a, path)
}

// Section 10: a permanent service is never written where the user may not.
func TestPermanentFilesStayInTheHome(t *testing.T) {
	asRoot(t)
	for what, prepare := range map[string]func(t *testing.T, alice discovery.Account, outside string){
		".polo is a link": func(t *testing.T, alice discovery.Account, outside string) { symlink(t, alice, outside, ".polo") },
		"the home is a link": func(t *testing.T, alice discovery.Account, outside string) {
			relink(t, alice.Home, outside)
		},
		"the home is root's": func(t *testing.T, alice discovery.Account, _ string) {
			own(t, root, alice.Home)
			chmod(t, alice.Home, 0o755)
		},
		".polo is root's": func(t *testing.T, alice discovery.Account, _ string) {
			writeFor(t, alice, ".polo/y", "{}")
			own(t, root, alice.Home+"/.polo")
		},
		".polo is root's, for all to write": func(t *testing.T, alice discovery.Account, _ string) {
			writeFor(t, alice, ".polo/y", "{}")
			own(t, root, alice.Home+"/.polo")
			chmod(t, alice.Home+"/.polo", 0o777)
		},
	} {
		t.Run(what, func(t *testing.T) {
			p := newPeople(t, "alice")
			alice := p.byName["alice"]
			outside := filepath.Join(filepath.Dir(alice.Home), "outside")
			if err := os.Mkdir(outside, 0o777); err != nil {
				t.Fatal(err)
			}
			chmod(t, outside, 0o777)
			prepare(t, alice, outside)
			s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
			_, err := s.Publish(alice, discovery.Publication{Service: "x", Permanent: true})
			refused(t, "Publish", err, "Could not write service file x")
			wantFiles(t, outside)
			for _, path := range []string{alice.Home + "/.polo/x", outside + "/.polo"} {
				if _, err := os.Lstat(path); err == nil {
					t.Errorf("%s was made", path)
				}
			}
			if got := identifiers(s); len(got) > 0 {
				t.Errorf("List = %q after a refusal", got)
			}
		})
	}
}

// Section 10: a folder that is changed while it is read never lets anything
// through.
func TestHomeIsChangedWhileRead(t *testing.T) {
	p := newPeople(t, "alice")
	alice := p.byName["alice"]
	outside := filepath.Join(filepath.Dir(alice.Home), "outside")
	write(t, outside+"/x", `{"id": "secret"}`)
	writeFor(t, alice, "real/x", `{"id": "x"}`)
	writeFor(t, alice, "real/services/z", `{"id": "z"}`)
	real, err := os.OpenRoot(alice.Home + "/real")
	if err != nil {
		t.Fatal(err)
	}
	defer real.Close()
	stop := make(chan struct{})
	var changes sync.WaitGroup
	change := func(do func()) {
		changes.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					do()
				}
			}
		})
	}
	polo := alice.Home + "/.polo"
	change(func() {
		_ = os.Rename(alice.Home+"/real", polo)
		for range 50 {
			_, _ = os.Stat(polo)
		}
		_ = os.Rename(polo, alice.Home+"/real")
		_ = os.Symlink(outside, polo)
		_ = os.Remove(polo)
	})
	change(func() {
		_ = real.Remove("x")
		_ = real.Symlink(outside+"/x", "x")
		_ = real.Remove("x")
		_ = real.WriteFile("x", []byte(`{"id": "x"}`), 0o644)
		_ = real.Lchown("x", int(alice.UID), int(alice.GID))
	})
	offered := 0
	for i := range 500 {
		s := discovery.NewStore(discovery.StoreConfig{Accounts: p}, nil)
		if got := asked(s, "alice:secret"); got != "" {
			t.Errorf("round %d: what is outside is offered: %s", i, got)
		}
		if len(s.List()) > 0 {
			offered++
		}
		if i%10 == 0 {
			_, _ = s.Publish(alice, discovery.Publication{Service: fmt.Sprintf("p%d", i), Permanent: true})
			_ = s.Unpublish(alice, discovery.Withdrawal{Service: fmt.Sprintf("alice:p%d", i), DeleteFile: true})
		}
	}
	close(stop)
	changes.Wait()
	wantFiles(t, outside, "x")
	t.Logf("%d of 500 rounds found services", offered)
}
