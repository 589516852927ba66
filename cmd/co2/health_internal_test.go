package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"co2/registry"
	"co2/relay"
)

// unwritable is a store that nothing can be written to.
type unwritable struct{ crowded }

func (unwritable) Try() error { return errors.New("open /secret/place: read-only file system") }

// TestReady goes through what makes a relay ready and what does not, as text,
// as JSON and with HEAD.
func TestReady(t *testing.T) {
	for _, tt := range []struct {
		name              string
		store             relay.Store
		accepts           bool
		serving, stopping bool
		status            int
		want              string
	}{
		{"all is well", crowded(0), false, true, false, 200, "ok\ndump: written\nlistener: open\nstopping: no\n"},
		{"unwritable", unwritable{}, false, true, false, 503, "unavailable\ndump: cannot be written\nlistener: open\nstopping: no\n"},
		{"unwritable but accepted", unwritable{}, true, true, false, 200, "ok\ndump: not written, accepted without\nlistener: open\nstopping: no\n"},
		{"not listening", crowded(0), false, false, false, 503, "unavailable\ndump: written\nlistener: not open\nstopping: no\n"},
		{"stopping", crowded(0), false, true, true, 503, "unavailable\ndump: written\nlistener: open\nstopping: yes\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := slog.New(slog.DiscardHandler)
			r, err := relay.New(t.Context(), relay.Config{AcceptWithoutDisk: tt.accepts}, tt.store, deaf{}, log)
			if err != nil {
				t.Fatal(err)
			}
			server, err := registry.New(registry.Config{}, log)
			if err != nil {
				t.Fatal(err)
			}
			h := &health{relay: r, server: server, accepts: tt.accepts}
			h.serving.Store(tt.serving)
			h.stopping.Store(tt.stopping)
			text := httptest.NewRecorder()
			h.ready(text, httptest.NewRequest("GET", "/readyz", nil))
			if text.Code != tt.status || text.Body.String() != tt.want {
				t.Errorf("%d %q, want %d %q", text.Code, text.Body, tt.status, tt.want)
			}
			asked := httptest.NewRequest("GET", "/readyz", nil)
			asked.Header.Set("Accept", "application/json")
			in := httptest.NewRecorder()
			h.ready(in, asked)
			var got struct {
				Status string
				Checks map[string]struct {
					OK    bool
					Words string
				}
			}
			if err := json.Unmarshal(in.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v in %q", err, in.Body)
			}
			if in.Code != tt.status || got.Status != strings.SplitN(tt.want, "\n", 2)[0] || len(got.Checks) != 3 || got.Checks["listener"].OK != tt.serving {
				t.Errorf("as JSON: %d %+v, want what the text says", in.Code, got)
			}
			alive := httptest.NewRecorder()
			h.alive(alive, httptest.NewRequest("HEAD", "/healthz", nil))
			if alive.Code != 200 {
				t.Errorf("/healthz: %d, want 200", alive.Code)
			}
		})
	}
}
