package main

import (
	"encoding/json"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
)

// D14: a service file that claims to be the relay neither keeps it from
// starting nor is believed.
func TestRelayIsBeforeServiceFiles(t *testing.T) {
	state := t.TempDir()
	dir := filepath.Join(state, "services")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"x": `{"id": "co2-relay", "params": {"port": 1}}`, "y": `{"id": "y"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := netip.MustParseAddrPort("127.0.0.1:2003")
	p, err := newRelayPolo(at, "http", 1337, filepath.Join(state, "socket"), state, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := p.store.Info(poloService); !ok || i.Params["port"] != json.Number("2003") {
		t.Errorf("Info(%q) = %+v, want the relay's own port", poloService, i)
	}
	if _, ok := p.store.Info("y"); !ok {
		t.Error("the other service file is not offered")
	}
}
