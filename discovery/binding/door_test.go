package binding_test

import (
	"crypto/tls"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"co2/discovery/binding"
)

// refusesToOpen fails the test unless the door does not open, for a reason.
func refusesToOpen(t *testing.T, cfg binding.DoorConfig, want string) {
	t.Helper()
	d := binding.NewDoor(cfg, &services{}, testUsers(t), nil)
	if err := d.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Run = %v, want an error with %q", err, want)
	}
}

func TestDoorsThatDoNotOpen(t *testing.T) { // 10
	t.Run("none wanted", func(t *testing.T) {
		cfg := doorConfig(t)
		cfg.NoTLS = true
		refusesToOpen(t, cfg, "neither a TLS nor a Unix door")
	})
	t.Run("reached by others", func(t *testing.T) {
		cfg := doorConfig(t)
		cfg.Addr = "0.0.0.0:0"
		refusesToOpen(t, cfg, "reached from other hosts")
	})
	t.Run("a name", func(t *testing.T) {
		cfg := doorConfig(t)
		cfg.Addr = "localhost:0"
		refusesToOpen(t, cfg, "address of the TLS door")
	})
	t.Run("taken", func(t *testing.T) {
		cfg := doorConfig(t)
		first := open(t, cfg, &services{})
		cfg.Addr = first.Addr().String()
		d := binding.NewDoor(cfg, &services{}, testUsers(t), nil)
		if err := d.Run(t.Context()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("Run = %v, want the address in use", err)
		}
	})
	for _, secret := range []string{"key of tokens", "TLS key"} {
		t.Run(secret+" that others may read", func(t *testing.T) {
			cfg := doorConfig(t)
			open(t, cfg, &services{}).stop()
			path := map[string]string{"key of tokens": cfg.SecretFile, "TLS key": cfg.KeyFile}[secret]
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			refusesToOpen(t, cfg, "others may read (mode 0644)")
		})
	}
}

// A door that did not open as a whole is not open in part.
func TestDoorOpensWhole(t *testing.T) {
	cfg := doorConfig(t)
	cfg.Socket = "/proc/none/polo.sock"
	d := binding.NewDoor(cfg, &services{}, testUsers(t), nil)
	if err := d.Listen(); err == nil {
		t.Fatal("Listen = nil, want an error")
	}
	if d.Addr() != nil {
		t.Errorf("the TLS door is open at %v", d.Addr())
	}
}

// At the end who waits is sent away, and tokens are good at the next start.
func TestDoorCloses(t *testing.T) {
	cfg := doorConfig(t)
	d := open(t, cfg, &services{})
	token := d.tokenOf(t, me())
	idle, half := d.tls(t), d.tls(t)
	half.send(has[:10])
	d.stop()
	idle.ended()
	half.ended()
	if _, err := tls.Dial("tcp", d.Addr().String(), &tls.Config{InsecureSkipVerify: true}); err == nil {
		t.Error("the door is still open")
	}
	again := open(t, cfg, &services{})
	wants(t, "the token of the first", again.tls(t).ask(with(`{"Command": "Publish", "Args": {"token": "<token>", "service": "a"}}`, token)), `{"OK": "me:a"}`)
}
