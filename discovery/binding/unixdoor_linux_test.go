package binding_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"co2/discovery/binding"
)

// askAs sends a request to the Unix door as another user, and returns the
// reply.
func (d *openDoor) askAs(t *testing.T, uid uint32, request string) string {
	t.Helper()
	needsRoot(t)
	type result struct {
		conn net.Conn
		err  error
	}
	dialled := make(chan result)
	go func() {
		runtime.LockOSThread() // for ever: the thread ends as the other user
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			dialled <- result{nil, errno}
			return
		}
		conn, err := net.Dial("unix", d.cfg.Socket)
		dialled <- result{conn, err}
	}()
	r := <-dialled
	if r.err != nil {
		t.Fatalf("as uid %d: %v", uid, r.err)
	}
	defer r.conn.Close()
	return program{t, r.conn}.ask(request)
}

// The kernel says who is at the Unix door, so that no token is needed; one that
// is given counts as at the other door.
func TestUnixDoor(t *testing.T) { // D54, 10
	needsRoot(t)
	s := &services{}
	d := open(t, unixConfig(t), s)
	token := d.tokenOf(t, bob)
	for _, tt := range []struct {
		uid           uint32
		request, want string
	}{
		{alice, `{"Command": "Publish", "Args": {"service": "a"}}`, `{"OK": "alice:a"}`},
		{alice, `{"Command": "Publish", "Args": {"service": "a", "token": ""}}`, `{"OK": "alice:a"}`},
		{alice, `{"Command": "Publish", "Args": {"service": "a", "token": null}}`, `{"OK": "alice:a"}`},
		{alice, with(`{"Command": "Publish", "Args": {"service": "a", "token": "<token>"}}`, token), `{"OK": "bob:a"}`},
		{alice, `{"Command": "Publish", "Args": {"service": "a", "token": "x"}}`, `{"Error": "Bad token"}`},
		{alice, `{"Command": "Publish", "Args": {"service": "a", "uid": 0}}`, `{"OK": "alice:a"}`},
		{alice, `{"Command": "Reload"}`, `{"Error": "Permission denied"}`},
		{admin, `{"Command": "Reload"}`, `{"OK": 0}`},
		{0, `{"Command": "Reload"}`, `{"OK": 0}`},
		{nobody, `{"Command": "Publish", "Args": {"service": "a"}}`, `{"Error": "wrong user"}`},
		{nobody, has, hasNot},
		{nobody, `hello`, `{"Error": "Malformed JSON"}`},
	} {
		if got := d.askAs(t, tt.uid, tt.request); got != tt.want {
			t.Errorf("uid %d: %s answered by %s, want %s", tt.uid, tt.request, got, tt.want)
		}
	}
}

// Over the Unix door a user has his own token made anew, and of others only
// what is missing.
func TestRenewToken(t *testing.T) { // D55
	needsRoot(t)
	d := open(t, unixConfig(t), &services{})
	d.tokenOf(t, alice)
	d.tokenOf(t, bob)
	old := strings.Repeat("o", 44)
	for _, tt := range []struct {
		uid     uint32
		request string
		ok      int
		renewed bool
	}{
		{alice, `{"Command": "Request-token", "Args": {"uid": 54321}}`, 0, true},
		{alice, `{"Command": "Request-token"}`, 0, true},
		{bob, `{"Command": "Request-token", "Args": {"uid": 54321}}`, 1, false},
		{0, `{"Command": "Request-token", "Args": {"uid": 54321}}`, 1, false},
	} {
		if err := os.WriteFile(d.tokenPath(alice), []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, want := d.askAs(t, tt.uid, tt.request), fmt.Sprintf(`{"OK": %d}`, tt.ok); got != want {
			t.Errorf("uid %d: %s answered by %s, want %s", tt.uid, tt.request, got, want)
		}
		if got, err := os.ReadFile(d.tokenPath(alice)); err != nil || (string(got) != old) != tt.renewed {
			t.Errorf("uid %d: %s: the token of alice is %q, %v; want it renewed: %t", tt.uid, tt.request, got, err, tt.renewed)
		}
		owner(t, d.tokenPath(alice), alice, 0o600)
	}
	// A token that is a link is replaced, not followed.
	victim := filepath.Join(t.TempDir(), "file")
	if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o666), os.Remove(d.tokenPath(alice)), os.Symlink(victim, d.tokenPath(alice))); err != nil {
		t.Fatal(err)
	}
	if got := d.askAs(t, alice, `{"Command": "Request-token"}`); got != `{"OK": 0}` {
		t.Errorf("with a link for a token: %s, want OK 0", got)
	}
	owner(t, d.tokenPath(alice), alice, 0o600)
	if got, _ := os.ReadFile(victim); string(got) != "precious" {
		t.Errorf("what the link led to holds %q", got)
	}
}

// Everybody may use the socket, whose folder only root or its owner may change;
// it is removed in the end.
func TestSocket(t *testing.T) { // 10
	cfg := unixConfig(t)
	if err := os.Remove(filepath.Dir(cfg.Socket)); err != nil {
		t.Fatal(err)
	}
	cfg.NoTLS = true
	d := open(t, cfg, &services{})
	owner(t, cfg.Socket, me(), fs.ModeSocket|0o666)
	owner(t, filepath.Dir(cfg.Socket), me(), fs.ModeDir|0o755)
	if d.Addr() != nil {
		t.Errorf("without TLS the address is %v", d.Addr())
	}
	c := d.unix(t)
	wants(t, "request", c.ask(has), hasNot)
	d.stop()
	c.ended()
	if _, err := os.Lstat(cfg.Socket); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there (%v)", err)
	}
}

func TestSocketsThatAreThere(t *testing.T) { // 10
	t.Run("stale", func(t *testing.T) {
		cfg := unixConfig(t)
		left, err := net.ListenUnix("unix", &net.UnixAddr{Name: cfg.Socket})
		if err != nil {
			t.Fatal(err)
		}
		left.SetUnlinkOnClose(false)
		left.Close()
		wants(t, "request", open(t, cfg, &services{}).unix(t).ask(has), hasNot)
	})
	t.Run("used", func(t *testing.T) {
		cfg := unixConfig(t)
		first := open(t, cfg, &services{})
		refusesToOpen(t, cfg, "another Polo listens at "+cfg.Socket)
		wants(t, "the first, afterwards", first.unix(t).ask(has), hasNot)
	})
	t.Run("no socket", func(t *testing.T) {
		cfg := unixConfig(t)
		if err := os.WriteFile(cfg.Socket, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		refusesToOpen(t, cfg, "is there and no socket")
		if got, err := os.ReadFile(cfg.Socket); err != nil || string(got) != "precious" {
			t.Errorf("the file holds %q, %v", got, err)
		}
	})
	t.Run("in a folder of all", func(t *testing.T) {
		cfg := unixConfig(t)
		if err := os.Chmod(filepath.Dir(cfg.Socket), 0o777); err != nil {
			t.Fatal(err)
		}
		refusesToOpen(t, cfg, "can be written by others (mode 0777)")
	})
	t.Run("in a folder of another", func(t *testing.T) {
		needsRoot(t)
		cfg := unixConfig(t)
		if err := os.Chown(filepath.Dir(cfg.Socket), alice, alice); err != nil {
			t.Fatal(err)
		}
		refusesToOpen(t, cfg, "belongs to uid 54321")
	})
	t.Run("with a long name", func(t *testing.T) {
		cfg := unixConfig(t)
		cfg.Socket += strings.Repeat("x", 108)
		refusesToOpen(t, cfg, "at most 107")
	})
}

// Of many that start at once one has the socket, and it works.
func TestSocketRace(t *testing.T) {
	cfg := unixConfig(t)
	cfg.NoTLS = true
	results := make(chan error)
	doors := make([]*binding.Door, 8)
	for i := range doors {
		doors[i] = binding.NewDoor(cfg, &services{}, testUsers(t), nil)
		go func() { results <- doors[i].Listen() }()
	}
	opened := 0
	for range doors {
		if err := <-results; err == nil {
			opened++
		} else if !strings.Contains(err.Error(), "another Polo") {
			t.Error(err)
		}
	}
	if opened != 1 {
		t.Errorf("%d of %d doors opened, want one", opened, len(doors))
	}
	conn, err := net.Dial("unix", cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, d := range doors {
		d.Run(ctx) // closes what is open
	}
}
