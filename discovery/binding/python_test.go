package binding_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"co2/discovery"
	"co2/discovery/binding"
)

// missing skips the test, or fails it where everything must be there.
func missing(t testing.TB, what string, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v", what, err)
}

// openPolo runs a Polo on loopback that offers a store, with a door to it, and
// returns the door, the store and the port of the Polo.
func openPolo(t *testing.T, cfg binding.DoorConfig) (d *openDoor, store *discovery.Store, port int) {
	t.Helper()
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = socket.LocalAddr().(*net.UDPAddr).Port
	socket.Close()

	u := testUsers(t)
	store = newStore(t, cfg, u)
	heard := make(chan error, 16)
	polo := discovery.NewPolo(discovery.PoloConfig{
		Port: uint16(port), Hostname: "polohost",
		Changed: func(s discovery.PoloStats) { heard <- s.Trouble },
	}, store, nil)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- polo.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	if err := <-heard; err != nil {
		missing(t, "multicast on loopback", err)
	}
	return openWith(t, cfg, store, u), store, port
}

// newStore has its files beside those of the door.
func newStore(t *testing.T, cfg binding.DoorConfig, u *users) *discovery.Store {
	t.Helper()
	dir := filepath.Join(filepath.Dir(cfg.SecretFile), "services")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	store := discovery.NewStore(discovery.StoreConfig{Dir: dir, Accounts: u}, nil)
	if err := store.Reload(); err != nil {
		t.Fatal(err)
	}
	return store
}

// What a program of the original's time does with a Polo, by its own hands:
// nothing but python3, the bytes of the bindings, and one read for a reply.
func TestPython(t *testing.T) { // 2.2, 2.3, 4, D26
	d, _, port := openPolo(t, doorConfig(t))
	for name, uid := range map[string]uint32{"me": me(), "alice": alice} {
		t.Run(name, func(t *testing.T) {
			python, attr := "python3", (*syscall.SysProcAttr)(nil)
			if uid != me() {
				needsRoot(t)
				// The first one in the path may be where others may not enter.
				python, attr = "/usr/bin/python3", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			}
			if _, err := exec.LookPath(python); err != nil {
				missing(t, "python3", err)
			}
			root := `{"raised": "PoloException", "text": "Error in publishing r: 'Permission denied'"}`
			if d.users.byUID[uid].Privileged {
				root = `"r"`
			}
			full := name + ":a"
			steps := []struct{ call, want string }{
				{`["marco", {}]`, `["127.0.0.1", {"Command": "Polo", "Params": {"hostname": "polohost"}}]`},
				{`["publish_service", "a", {"params": {"port": 9100, "color": true, "name": "impresión"}}]`, `"` + full + `"`},
				{`["request_for", "` + full + `", {}]`, `["127.0.0.1", {"Command": "OK", "Params": {"port": 9100, "color": true, "name": "impresión"}}]`},
				{`["request_for", "` + full + `", {"group": "224.0.0.113"}]`, `["127.0.0.1", {"Command": "OK", "Params": {"port": 9100, "color": true, "name": "impresión"}}]`},
				{`["publish_service", "a", {}]`, `{"raised": "PoloException", "text": "Error in publishing a: 'Service already exists'"}`},
				{`["publish_service", "r", {"root": true}]`, root},
				{`["publish_service", "b", {"multicast_groups": ["10.0.0.1"]}]`, `{"raised": "PoloException", "text": "Error in publishing b: 'Invalid multicast group address '10.0.0.1': IP is not of class D'"}`},
				{`["send", "{\"Command\": \"Dance\"}", {}]`, `{"Error": "Malformed request. Commands missing"}`},
				{`["publish_service", "p", {"permanent": true, "multicast_groups": ["224.0.0.112"]}]`, `"` + name + `:p"`},
				{`["request_for", "` + name + `:p", {}]`, `["127.0.0.1", {"Command": "OK", "Params": {}}]`},
				{`["unpublish_service", "` + name + `:p", {"delete_file": true, "multicast_groups": ["224.0.0.112"]}]`, `0`},
				{`["unpublish_service", "` + full + `", {}]`, `0`},
				{`["unpublish_service", "` + full + `", {}]`, `{"raised": "PoloException", "text": "Error in unpublishing ` + full + `: 'Could not find service'"}`},
				{`["request_for", "` + full + `", {"timeout": 0.3}]`, `null`},
				{`["request_for", "` + name + `:p", {"timeout": 0.3}]`, `null`},
			}
			args := []string{"-I", "-", strconv.Itoa(d.Addr().(*net.TCPAddr).Port), strconv.Itoa(port), d.users.byUID[uid].Home}
			for _, s := range steps {
				args = append(args, s.call)
			}
			script, err := os.Open("../../testdata/clients/polo_binding.py")
			if err != nil {
				t.Fatal(err)
			}
			defer script.Close()
			cmd := exec.CommandContext(t.Context(), python, args...)
			cmd.Stdin, cmd.SysProcAttr, cmd.Dir = script, attr, "/"
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			for i, s := range steps {
				if i >= len(lines) || !json.Valid([]byte(lines[i])) {
					t.Fatalf("%s: no result: %q", s.call, lines)
				}
				wants(t, s.call, lines[i], s.want)
			}
		})
	}
}
