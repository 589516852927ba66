package binding_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"co2/discovery"
	"co2/discovery/binding"
)

// dial goes to a door's TLS side with the token of whoever runs the tests, or
// to its Unix side.
func (d *openDoor) dial(t testing.TB, network string) *binding.Polo {
	t.Helper()
	cfg := binding.Config{Addr: d.Addr().String(), CertFile: d.cfg.CertFile, TokenFile: d.tokenPath(me()), Timeout: time.Minute}
	if network == "unix" {
		cfg.Socket = d.cfg.Socket
	}
	p, err := binding.Dial(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// misused fails the test unless err is a MisuseError with this reason.
func misused(t testing.TB, what string, err error, reason string) {
	t.Helper()
	if misuse, ok := errors.AsType[*binding.MisuseError](err); !ok || misuse.Reason != reason {
		t.Errorf("%s: %v (%T), want a MisuseError with %q", what, err, err, reason)
	}
}

// internal fails the test unless err is an InternalError that says so.
func internal(t testing.TB, what string, err error, want string) {
	t.Helper()
	if _, ok := errors.AsType[*binding.InternalError](err); !ok || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v (%T), want an InternalError with %q", what, err, err, want)
	}
}

// Each function of the Go binding, through both doors.
func TestPolo(t *testing.T) { // 7.1, D38
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			s := &services{known: map[string]discovery.Information{
				"printer": {Identifier: "printer", Params: map[string]any{"port": json.Number("9100")}, Groups: discovery.DefaultGroups(), Permanent: true},
				"me:off":  {Identifier: "me:off", Groups: []netip.Addr{}, Disabled: true},
			}}
			d := open(t, unixConfig(t), s)
			p := d.dial(t, network)
			group := []string{"224.0.0.112"}

			id, err := p.PublishService("a", map[string]any{"n": 1.5, "t": "x"}, group, true, false)
			if id != "me:a" || err != nil {
				t.Errorf("PublishService = %q, %v, want me:a", id, err)
			}
			if id, err := p.PublishService("b", nil, nil, false, true); id != "b" || err != nil {
				t.Errorf("PublishService of root = %q, %v, want b", id, err)
			}
			if err := p.UnpublishService("me:a", group, true); err != nil {
				t.Errorf("UnpublishService = %v", err)
			}
			if err := p.SetPermanent("me:a", true); err != nil {
				t.Errorf("SetPermanent = %v", err)
			}
			want := []call{
				{"me", discovery.Publication{Service: "a", Params: map[string]any{"n": json.Number("1.5"), "t": "x"}, Groups: group, Permanent: true}},
				{"me", discovery.Publication{Service: "b", Params: map[string]any{}, Groups: []string{}, Root: true}},
				{"me", discovery.Withdrawal{Service: "me:a", Groups: group, DeleteFile: true}},
				{"me", permanence{"me:a", true}},
			}
			if got := s.asked(); !reflect.DeepEqual(got, want) {
				t.Errorf("the services were asked %+v, want %+v", got, want)
			}

			for id, offered := range map[string]bool{"printer": true, "me:off": false, "none": false} {
				if has, err := p.HasService(id); has != offered || err != nil {
					t.Errorf("HasService(%s) = %t, %v, want %t", id, has, err, offered)
				}
			}
			got, err := p.Service("printer")
			information := binding.Information{Identifier: "printer", Params: map[string]any{"port": json.Number("9100")}, Groups: discovery.DefaultGroups(), Permanent: true}
			if err != nil || !reflect.DeepEqual(got, information) {
				t.Errorf("Service = %+v, %v, want %+v", got, err, information)
			}
			_, err = p.Service("none")
			misused(t, "Service of none", err, "Could not find service")

			privileged := d.users.byUID[me()].Privileged
			if err := p.ReloadServices(); (err == nil) != privileged {
				t.Errorf("ReloadServices = %v; privileged: %t", err, privileged)
			}
			if created, err := p.RequestToken(); created != (network == "unix") || err != nil {
				t.Errorf("RequestToken = %t, %v, want a fresh one at the Unix door only", created, err)
			}
		})
	}
}

// What cannot be is refused without asking, in the words of the Polo.
func TestVerifyParameters(t *testing.T) { // 7.1
	s := &services{}
	d := open(t, doorConfig(t), s)
	p := d.dial(t, "tcp")
	for _, tt := range []struct {
		service string
		groups  []string
		reason  string
	}{
		{"a", nil, ""},
		{"a", []string{"224.0.0.112", "239.255.255.255"}, ""},
		{"", nil, "The name of the service  is invalid: Must be larger than 1"},
		{"", []string{"x"}, "The name of the service  is invalid: Must be larger than 1"},
		{"a", []string{"224.0.0.112", "localhost"}, "Invalid multicast group address 'localhost': Wrong IP format"},
		{"a", []string{"192.168.1.1"}, "Invalid multicast group address '192.168.1.1': The IP is not in the multicast range"},
		{"a", []string{"10.0.0.1"}, "Invalid multicast group address '10.0.0.1': IP is not of class D"},
	} {
		calls := map[string]error{"VerifyParameters": p.VerifyParameters(tt.service, tt.groups)}
		if tt.reason != "" {
			_, calls["PublishService"] = p.PublishService(tt.service, nil, tt.groups, false, false)
			calls["UnpublishService"] = p.UnpublishService(tt.service, tt.groups, false)
			if tt.groups == nil {
				_, calls["HasService"] = p.HasService(tt.service)
				_, calls["Service"] = p.Service(tt.service)
				calls["SetPermanent"] = p.SetPermanent(tt.service, true)
			}
		}
		for name, err := range calls {
			if tt.reason != "" {
				misused(t, fmt.Sprintf("%s(%q, %q)", name, tt.service, tt.groups), err, tt.reason)
			} else if err != nil {
				t.Errorf("%s(%q, %q) = %v", name, tt.service, tt.groups, err)
			}
		}
	}
	_, err := p.PublishService("a", map[string]any{"f": func() {}}, nil, false, false)
	misused(t, "params that are no JSON", err, "json: unsupported type: func()")
	_, err = p.PublishService("a", map[string]any{"x": strings.Repeat("x", binding.MaxRequest)}, nil, false, false)
	misused(t, "params too long for a request", err, "longer than 65536 bytes")
	if calls := s.asked(); len(calls) > 0 {
		t.Errorf("the services were asked %v", calls)
	}
}

// A refusal of the Polo is misuse, with its words.
func TestPoloRefuses(t *testing.T) { // 7.1
	d := open(t, doorConfig(t), &services{err: &discovery.Refusal{Text: "Service already exists"}})
	p := d.dial(t, "tcp")
	_, err := p.PublishService("a", nil, nil, false, false)
	misused(t, "PublishService", err, "Service already exists")
	if got := err.Error(); got != "publish a: Service already exists" {
		t.Errorf("the error says %q", got)
	}
}

// fakePolo answers each line of what it is sent by the next of its replies; an
// empty reply ends the connection, and "silence" is none.
func fakePolo(t *testing.T, replies ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	door, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	go func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			in := json.NewDecoder(bufio.NewReader(conn))
			for request := (json.RawMessage)(nil); len(replies) > 0 && in.Decode(&request) == nil; {
				var reply string
				if reply, replies = replies[0], replies[1:]; reply == "" {
					break
				} else if reply != "silence" {
					fmt.Fprint(conn, reply)
				}
			}
			conn.Close()
		}
	}()
	return path
}

// What is no reply, or none in time, is an internal error, and the next call
// goes over a new connection.
func TestPoloAnswersNonsense(t *testing.T) { // 7.1
	for reply, want := range map[string]string{
		`hello`:                   "malformed JSON",
		`[]`:                      "no object",
		`{}`:                      "neither OK nor Error",
		`{"OK": null}`:            "neither OK nor Error",
		`{"Error": 5}`:            "neither OK nor Error",
		`{"OK": "yes"}`:           "not as expected",
		`{"ok": true}`:            "neither OK nor Error",
		`{"Error": "` + "\xff\"}": "malformed JSON",
		`{"OK": "` + strings.Repeat("x", binding.MaxRequest): "longer than",
	} {
		p, err := binding.Dial(t.Context(), binding.Config{Socket: fakePolo(t, reply, `{"OK": true}`), Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.HasService("a")
		internal(t, fmt.Sprintf("reply %.20q", reply), err, want)
		p.Close()
	}
	p, err := binding.Dial(t.Context(), binding.Config{Socket: fakePolo(t, "silence", `{"OK": true}`), Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, err = p.HasService("a")
	internal(t, "silence", err, "timeout")
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silence is %v, want a deadline", err)
	}
}

// A connection that was closed while it was idle is opened again, once.
func TestPoloReconnects(t *testing.T) {
	p, err := binding.Dial(t.Context(), binding.Config{Socket: fakePolo(t, `{"OK": true}`, "", `{"OK": true}`, "", "", `{"OK": true}`), Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i, works := range []bool{true, true, false, true} {
		has, err := p.HasService("a")
		if has != works || (err == nil) != works {
			t.Errorf("call %d: %t, %v, want it to work: %t", i, has, err, works)
		}
	}

	d := open(t, unixConfig(t), &services{})
	for _, network := range []string{"tcp", "unix"} {
		p := d.dial(t, network)
		if _, err := p.PublishService("a", nil, nil, false, false); err != nil {
			t.Fatal(err)
		}
	}
	polos := []*binding.Polo{d.dial(t, "tcp"), d.dial(t, "unix")}
	addr := d.Addr().String()
	d.stop()
	for _, p := range polos {
		_, err := p.HasService("a")
		internal(t, "without a Polo", err, "connect")
	}
	cfg := d.cfg
	cfg.Addr = addr
	open(t, cfg, &services{})
	for i, p := range polos {
		if has, err := p.HasService("a"); has || err != nil {
			t.Errorf("%d: after a restart of the Polo: %t, %v", i, has, err)
		}
	}
}

func TestPoloClosed(t *testing.T) {
	p := open(t, doorConfig(t), &services{}).dial(t, "tcp")
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	_, err := p.HasService("a")
	if internal(t, "after Close", err, "closed"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v, want net.ErrClosed", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("the second Close = %v", err)
	}
}

// Each of many callers gets the reply to his own request.
func TestPoloConcurrently(t *testing.T) {
	known := map[string]discovery.Information{}
	for i := range 20 {
		id := fmt.Sprint("s", i)
		known[id] = discovery.Information{Identifier: id}
	}
	d := open(t, unixConfig(t), &services{known: known})
	for _, network := range []string{"tcp", "unix"} {
		p := d.dial(t, network)
		var callers sync.WaitGroup
		for id := range known {
			callers.Go(func() {
				for range 20 {
					if got, err := p.Service(id); err != nil || got.Identifier != id {
						t.Errorf("Service(%s) = %+v, %v", id, got, err)
						return
					}
				}
			})
		}
		callers.Wait()
	}
}

// The token file is read, asked for if it is missing, and read again when the
// Polo has a new key.
func TestPoloToken(t *testing.T) { // 4.3, D55
	s := &services{}
	d := open(t, doorConfig(t), s)
	p := d.dial(t, "tcp")
	path := d.tokenPath(me())
	publish := func() error {
		_, err := p.PublishService("a", nil, nil, false, false)
		return err
	}
	if err := publish(); err != nil {
		t.Errorf("without a token file: %v", err)
	}
	token, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("o", 44)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := publish()
	misused(t, "with an original token", refused, "Bad token")
	if stale, ok := errors.AsType[*binding.TokenError](refused); !ok || stale.File != path || !strings.Contains(refused.Error(), path) {
		t.Errorf("with an original token: %v, want a TokenError with %s", refused, path)
	}
	if stale, ok := errors.AsType[*binding.TokenError](p.ReloadServices()); !ok || stale.File != path {
		t.Errorf("ReloadServices with an original token: %v, want a TokenError with %s", stale, path)
	}
	if err := os.WriteFile(path, append(token, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := publish(); err != nil {
		t.Errorf("with an edited token file: %v", err)
	}
	d.users.remove(me())
	misused(t, "without an account", publish(), "wrong user")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	misused(t, "without an account and token", publish(), "User not found")
}

// A program that listens in place of the Polo does not get a token.
func TestPoloKnowsItsDoor(t *testing.T) { // 10
	d := open(t, doorConfig(t), &services{})
	other := open(t, doorConfig(t), &services{})
	_, err := binding.Dial(t.Context(), binding.Config{Addr: d.Addr().String(), CertFile: other.cfg.CertFile, TokenFile: d.tokenPath(me())})
	internal(t, "a door with another certificate", err, "another program may be listening")
	_, err = binding.Dial(t.Context(), binding.Config{Addr: d.Addr().String(), CertFile: other.cfg.CertFile + "x"})
	internal(t, "without the certificate", err, "no such file")
	_, err = binding.Dial(t.Context(), binding.Config{Socket: d.cfg.CertFile + ".sock"})
	internal(t, "without a Polo", err, "does a Polo run on this host?")
}

// The first Unix door that is there is taken: the user's own, or root's.
func TestDefaultSocket(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	want := filepath.Join(dir, "co2", "polo.sock")
	if me() == 0 {
		want = "/run/marcopolo/polo.sock"
	}
	if got := binding.DefaultSocket(); got != want {
		t.Errorf("DefaultSocket() = %s, want %s", got, want)
	}
	if me() != 0 {
		for _, none := range []string{"", "relative"} {
			t.Setenv("XDG_RUNTIME_DIR", none)
			if got := binding.DefaultSocket(); got != "" {
				t.Errorf("with XDG_RUNTIME_DIR=%q: DefaultSocket() = %s, want none", none, got)
			}
		}
	}
}

func ExampleDial() {
	polo, err := binding.Dial(context.Background(), binding.Config{})
	if err != nil {
		fmt.Println(err) // connect: … (does a Polo run on this host?)
		return
	}
	defer polo.Close()
	id, err := polo.PublishService("printer", map[string]any{"port": 9100}, nil, false, false)
	if misuse, ok := errors.AsType[*binding.MisuseError](err); ok {
		fmt.Println(misuse.Reason) // Service already exists
		return
	}
	if err != nil {
		fmt.Println(err) // the Polo could not be talked to
		return
	}
	fmt.Println("offered as", id) // alice:printer
	defer polo.UnpublishService(id, nil, false)
}
