package binding_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"co2/discovery/binding"
)

const requestToken = `{"Command": "Request-token", "Args": {"uid": %d}}`

// owner fails the test unless a file belongs to a user and has a mode.
func owner(t *testing.T, path string, uid uint32, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Error(err)
		return
	}
	if got := info.Sys().(*syscall.Stat_t).Uid; got != uid || info.Mode() != mode {
		t.Errorf("%s: uid %d and mode %v, want %d and %v", path, got, info.Mode(), uid, mode)
	}
}

// Anybody may ask for anybody's token: it is in a file that only the user can
// read, never in the reply, and a file that is there is never replaced.
func TestRequestToken(t *testing.T) { // 4.2, 4.3, D39, D55
	needsRoot(t)
	d := open(t, doorConfig(t), &services{})
	c := d.tls(t)
	tokens := map[string]uint32{}
	for _, uid := range []uint32{alice, bob, me()} {
		path := d.tokenPath(uid)
		if got := c.ask(fmt.Sprintf(requestToken, uid)); got != `{"OK": 0}` {
			t.Fatalf("the first reply is %s, want OK 0", got)
		}
		first, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tokens[string(first)] = uid
		owner(t, path, uid, 0o600)
		owner(t, filepath.Dir(path), uid, fs.ModeDir|0o755)
		if got := c.ask(fmt.Sprintf(requestToken, uid)); got != `{"OK": 1}` {
			t.Errorf("the second reply is %s, want OK 1", got)
		}
		if again, err := os.ReadFile(path); err != nil || string(again) != string(first) {
			t.Errorf("the token changed from %q to %q, %v", first, again, err)
		}
		if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
			t.Errorf("beside the token there is %v, %v", names, err)
		}
	}
	for token, uid := range tokens {
		request := fmt.Sprintf(`{"Command": "Publish", "Args": {"token": %q, "service": "a"}}`, token)
		who, _ := d.users.ByUID(uid)
		if got, want := c.ask(request), fmt.Sprintf(`{"OK": "%s:a"}`, who.Name); got != want {
			t.Errorf("with the token of uid %d: %s, want %s", uid, got, want)
		}
	}
	// What an original Polo left stays, although its user is refused with it.
	old := strings.Repeat("o", 44)
	if err := os.WriteFile(d.tokenPath(bob), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := c.ask(fmt.Sprintf(requestToken, bob)); got != `{"OK": 1}` {
		t.Errorf("with an old token file: %s, want OK 1", got)
	}
	if got, _ := os.ReadFile(d.tokenPath(bob)); string(got) != old {
		t.Errorf("the old token became %q", got)
	}
	wants(t, "the old token", c.ask(with(`{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, old)), `{"Error": "Bad token"}`)
}

// Nothing that a user puts into his home makes the door write anywhere else,
// or what is not his.
func TestTokenTraps(t *testing.T) { // 10
	needsRoot(t)
	refused := `{"Error": "Could not write token file"}`
	traps := []struct {
		name, want string
		lay        func(home, victim string) error // victim is a folder of root
	}{
		{".polo is a link to a folder of root", refused, func(home, victim string) error {
			return os.Symlink(victim, filepath.Join(home, ".polo"))
		}},
		{".polo is a link to a folder of the user", refused, func(home, _ string) error {
			if err := os.Mkdir(filepath.Join(home, "mine"), 0o755); err != nil {
				return err
			}
			return os.Symlink("mine", filepath.Join(home, ".polo"))
		}},
		{".polo is a dangling link", refused, func(home, victim string) error {
			return os.Symlink(filepath.Join(victim, "new"), filepath.Join(home, ".polo"))
		}},
		{".polo is a file", refused, func(home, _ string) error {
			return os.WriteFile(filepath.Join(home, ".polo"), nil, 0o644)
		}},
		{".polo is a pipe", refused, func(home, _ string) error {
			return syscall.Mkfifo(filepath.Join(home, ".polo"), 0o644)
		}},
		{".polo belongs to root", refused, func(home, _ string) error {
			dir := filepath.Join(home, ".polo")
			return errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o777))
		}},
		{"token is a link to a file of root", `{"OK": 1}`, func(home, victim string) error {
			return inPolo(home, func(dir string) error { return os.Symlink(filepath.Join(victim, "file"), filepath.Join(dir, "token")) })
		}},
		{"token is a dangling link", `{"OK": 1}`, func(home, victim string) error {
			return inPolo(home, func(dir string) error { return os.Symlink(filepath.Join(victim, "new"), filepath.Join(dir, "token")) })
		}},
		{"token is a folder", `{"OK": 1}`, func(home, _ string) error {
			return inPolo(home, func(dir string) error { return os.Mkdir(filepath.Join(dir, "token"), 0o777) })
		}},
		{"token is a pipe", `{"OK": 1}`, func(home, _ string) error {
			return inPolo(home, func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "token"), 0o666) })
		}},
		{"the home belongs to root", refused, func(home, _ string) error { return os.Chown(home, 0, 0) }},
		{"the home is gone", refused, func(home, _ string) error { return os.RemoveAll(home) }},
		{"nothing can be written", refused, func(home, _ string) error {
			return inPolo(home, func(dir string) error { return os.Chmod(dir, 0o555) })
		}},
	}
	d := open(t, doorConfig(t), &services{})
	c := d.tls(t)
	for _, tt := range traps {
		t.Run(tt.name, func(t *testing.T) {
			who, _ := d.users.ByUID(alice)
			if err := errors.Join(os.RemoveAll(who.Home), os.Mkdir(who.Home, 0o755), os.Chown(who.Home, alice, alice)); err != nil {
				t.Fatal(err)
			}
			victim := t.TempDir()
			if err := errors.Join(os.Chmod(victim, 0o777), os.WriteFile(filepath.Join(victim, "file"), []byte("precious"), 0o666)); err != nil {
				t.Fatal(err)
			}
			if err := tt.lay(who.Home, victim); err != nil {
				t.Fatal(err)
			}
			if got := c.ask(fmt.Sprintf(requestToken, alice)); got != tt.want {
				t.Errorf("reply %s, want %s", got, tt.want)
			}
			left, err := os.ReadDir(victim)
			content, _ := os.ReadFile(filepath.Join(victim, "file"))
			if err != nil || len(left) != 1 || string(content) != "precious" {
				t.Errorf("the folder of root holds %v with %q, %v", left, content, err)
			}
			if mine, _ := os.ReadDir(filepath.Join(who.Home, "mine")); len(mine) > 0 {
				t.Errorf("a link was followed: %v", mine)
			}
		})
	}
}

// inPolo makes the folder .polo of alice and lays a trap there.
func inPolo(home string, lay func(dir string) error) error {
	dir := filepath.Join(home, ".polo")
	return errors.Join(os.Mkdir(dir, 0o755), lay(dir), os.Chown(dir, alice, alice))
}

// The tokens of an original Polo are made anew once; nobody else gets one.
func TestReissueTokens(t *testing.T) { // D55
	needsRoot(t)
	d := open(t, doorConfig(t), &services{})
	good := d.tokenOf(t, alice)
	d.tokenOf(t, bob)
	old := strings.Repeat("o", 44)
	if err := os.WriteFile(d.tokenPath(bob), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	d.tokenOf(t, me())
	if err := os.WriteFile(d.tokenPath(me()), []byte(good), 0o600); err != nil { // somebody else's
		t.Fatal(err)
	}
	names := []string{"alice", "bob", "admin", "me", "homeless"}
	renewed, err := binding.ReissueTokens(d.cfg.SecretFile, d.users, names)
	if err != nil || !slices.Equal(renewed, []string{"bob", "me"}) {
		t.Errorf("ReissueTokens = %v, %v, want bob and me", renewed, err)
	}
	owner(t, d.tokenPath(bob), bob, 0o600)
	if got, _ := os.ReadFile(d.tokenPath(alice)); string(got) != good {
		t.Error("a good token was changed")
	}
	if _, err := os.Stat(d.tokenPath(admin)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("who had no token has one now (%v)", err)
	}
	c := d.tls(t)
	for uid, name := range map[uint32]string{alice: "alice", bob: "bob", me(): "me"} {
		request := with(`{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, d.tokenOf(t, uid))
		wants(t, name, c.ask(request), fmt.Sprintf(`{"OK": "%s:a"}`, name))
	}
	renewed, err = binding.ReissueTokens(d.cfg.SecretFile, d.users, names)
	if err != nil || len(renewed) > 0 {
		t.Errorf("the second ReissueTokens = %v, %v, want nobody", renewed, err)
	}
	if _, err := binding.ReissueTokens(d.cfg.SecretFile, d.users, []string{"nobody"}); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("ReissueTokens of an unknown user = %v, want an error that names him", err)
	}
	// A token that is a link is not read, nor what it leads to changed.
	if err := errors.Join(os.Remove(d.tokenPath(bob)), os.Symlink(d.cfg.SecretFile, d.tokenPath(bob))); err != nil {
		t.Fatal(err)
	}
	if renewed, err := binding.ReissueTokens(d.cfg.SecretFile, d.users, []string{"bob"}); err != nil || len(renewed) > 0 {
		t.Errorf("ReissueTokens of a link = %v, %v, want nobody", renewed, err)
	}
}
