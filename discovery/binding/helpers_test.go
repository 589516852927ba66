package binding_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

// Users of the tests. The one who runs them owns their home; only root can
// make files for the others.
const (
	alice    = 54321
	bob      = 54322
	admin    = 54323 // member of the group marcopolo
	nobody   = 54399 // no account
	homeless = 54324 // an account without a home
)

// users are accounts.
type users struct {
	mu    sync.Mutex
	byUID map[uint32]discovery.Account // guarded by mu
}

func (u *users) ByUID(uid uint32) (discovery.Account, error) {
	return u.first(func(who discovery.Account) bool { return who.UID == uid })
}

func (u *users) ByName(name string) (discovery.Account, error) {
	return u.first(func(who discovery.Account) bool { return who.Name == name })
}

func (u *users) first(is func(discovery.Account) bool) (discovery.Account, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, who := range u.byUID {
		if is(who) {
			return who, nil
		}
	}
	return discovery.Account{}, fmt.Errorf("look up: %w", discovery.ErrNoAccount)
}

func (u *users) remove(uid uint32) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.byUID, uid)
}

// me is the user who runs the tests.
func me() uint32 { return uint32(os.Geteuid()) }

func testUsers(t testing.TB) *users {
	t.Helper()
	homes, err := os.MkdirTemp("", "co2homes") // not t.TempDir, where others may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(homes) })
	if err := os.Chmod(homes, 0o755); err != nil {
		t.Fatal(err)
	}
	u := &users{byUID: map[uint32]discovery.Account{}}
	for uid, name := range map[uint32]string{alice: "alice", bob: "bob", admin: "admin", me(): "me"} {
		home := filepath.Join(homes, name)
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(home, int(uid), int(uid)); err != nil {
				t.Fatal(err)
			}
		}
		u.byUID[uid] = discovery.Account{UID: uid, GID: uid, Name: name, Home: home, Privileged: uid == admin || uid == 0}
	}
	u.byUID[homeless] = discovery.Account{UID: homeless, GID: homeless, Name: "homeless", Home: filepath.Join(homes, "none")}
	return u
}

// A call is what the door asked of its services.
type call struct {
	Who  string
	Args any
}

// permanence are the arguments of SetPermanent.
type permanence struct {
	Service   string
	Permanent bool
}

// services note what they are asked, and answer as they are told.
type services struct {
	err   error // of all changes
	known map[string]discovery.Information

	mu    sync.Mutex
	calls []call // guarded by mu
}

func (s *services) note(who discovery.Account, args any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call{who.Name, args})
	return s.err
}

func (s *services) Publish(who discovery.Account, p discovery.Publication) (string, error) {
	id := p.Service
	if !p.Root {
		id = who.Name + ":" + id
	}
	return id, s.note(who, p)
}

func (s *services) Unpublish(who discovery.Account, w discovery.Withdrawal) error {
	return s.note(who, w)
}

func (s *services) SetPermanent(who discovery.Account, id string, permanent bool) error {
	return s.note(who, permanence{id, permanent})
}

func (s *services) Reload() error { return s.note(discovery.Account{}, "reload") }

func (s *services) Info(id string) (discovery.Information, bool) {
	i, ok := s.known[id]
	return i, ok
}

// asked returns what was asked since the last time.
func (s *services) asked() []call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// An open door.
type openDoor struct {
	*binding.Door
	cfg      binding.DoorConfig
	services binding.Services
	users    *users
	log      *safeBuffer
	stop     func()
}

// safeBuffer is a log that goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// doorConfig has all files in a new folder.
func doorConfig(t testing.TB) binding.DoorConfig {
	t.Helper()
	dir, err := os.MkdirTemp("", "co2door") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return binding.DoorConfig{
		Addr:       "127.0.0.1:0",
		CertFile:   filepath.Join(dir, "crt"),
		KeyFile:    filepath.Join(dir, "key"),
		SecretFile: filepath.Join(dir, "secret"),
	}
}

// unixConfig has a Unix door, too, where there can be one.
func unixConfig(t testing.TB) binding.DoorConfig {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the Unix door is for Linux")
	}
	cfg := doorConfig(t)
	cfg.Socket = filepath.Join(filepath.Dir(cfg.SecretFile), "run", "polo.sock")
	if err := os.Mkdir(filepath.Dir(cfg.Socket), 0o755); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// open runs a door until the test ends.
func open(t testing.TB, cfg binding.DoorConfig, s binding.Services) *openDoor {
	t.Helper()
	return openWith(t, cfg, s, testUsers(t))
}

func openWith(t testing.TB, cfg binding.DoorConfig, s binding.Services, u *users) *openDoor {
	t.Helper()
	d := &openDoor{cfg: cfg, services: s, users: u, log: &safeBuffer{}}
	d.Door = binding.NewDoor(cfg, s, d.users, slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err := d.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
	t.Cleanup(d.stop)
	return d
}

// A program has an original binding's way of talking: what one read of 1024
// bytes brings is the whole reply.
type program struct {
	testing.TB
	net.Conn
}

func (d *openDoor) tls(t testing.TB) program {
	t.Helper()
	conn, err := tls.Dial("tcp", d.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return program{t, conn}
}

func (d *openDoor) unix(t testing.TB) program {
	t.Helper()
	conn, err := net.Dial("unix", d.cfg.Socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return program{t, conn}
}

func (c program) send(text string) {
	c.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.Fatalf("send %.100q: %v", text, err)
	}
}

// hear returns what one read brings.
func (c program) hear() string {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(time.Minute)) // so that a missing reply is told
	buf := make([]byte, 1024)
	n, err := c.Read(buf)
	if err != nil {
		c.Fatalf("read a reply: %v", err)
	}
	return string(buf[:n])
}

// ask sends a request and returns the reply.
func (c program) ask(request string) string {
	c.Helper()
	c.send(request)
	return c.hear()
}

// ended fails the test unless the door ends the connection, with nothing more
// to read.
func (c program) ended() {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(time.Minute))
	rest, err := io.ReadAll(c)
	if timeout := (net.Error)(nil); len(rest) > 0 || errors.As(err, &timeout) && timeout.Timeout() {
		c.Errorf("the connection goes on with %q, %v, want its end", rest, err)
	}
}

// wants compares a reply as JSON.
func wants(t testing.TB, what, got, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Errorf("%s: reply %q is no JSON, want %s", what, got, want)
		return
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%s: reply %s, want %s", what, got, want)
	}
}

// tokenOf has the door make a user's token and reads it.
func (d *openDoor) tokenOf(t testing.TB, uid uint32) string {
	t.Helper()
	if uid != me() && os.Geteuid() != 0 {
		needsRoot(t)
	}
	reply := d.tls(t).ask(fmt.Sprintf(`{"Command": "Request-token", "Args": {"uid": %d}}`, uid))
	if reply != `{"OK": 0}` && reply != `{"OK": 1}` {
		t.Fatalf("Request-token of %d: %s", uid, reply)
	}
	token, err := os.ReadFile(d.tokenPath(uid))
	if err != nil {
		t.Fatal(err)
	}
	return string(token)
}

func (d *openDoor) tokenPath(uid uint32) string {
	who, err := d.users.ByUID(uid)
	if err != nil {
		panic(err)
	}
	return filepath.Join(who.Home, ".polo", "token")
}

// needsRoot skips what only root can do: acting for several users.
func needsRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("this test must run as root where CI=true")
	}
	t.Skip("needs root, to act for several users")
}
