package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"co2/satellite"
)

// A satellite says once that its relay is away, and once that it is back,
// however often it tries.
func TestNotesOfAwayRelay(t *testing.T) {
	t.Parallel()
	refused := errors.New("connection refused")
	registered := satellite.Status{HostID: "192.0.2.1:2004", Listen: 2004}
	away := satellite.Status{HostID: "192.0.2.1:2004", Err: refused, Retry: time.Second}
	unregistered := satellite.Status{Err: refused, Retry: time.Second}
	known := registered
	known.Known = true
	for _, tt := range []struct {
		heard []satellite.Status
		want  []string // a part of each line
	}{
		{[]satellite.Status{unregistered, unregistered, unregistered, registered}, []string{"cannot register with", "registered with"}},
		{[]satellite.Status{registered, away, away, away, known, away, known}, []string{
			"registered with", "does not answer", "answers again and still knows 192.0.2.1:2004", "does not answer", "answers again"}},
		{[]satellite.Status{registered, away, unregistered, unregistered, registered}, []string{"registered with", "does not answer", "registered with"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // so that nobody asks for the way back
		var said strings.Builder
		notes := newNotes(ctx, &said)
		var err error
		if notes.node, err = satellite.New(satellite.Config{Relay: "http://192.0.2.9:2003"}); err != nil {
			t.Fatal(err)
		}
		for _, s := range tt.heard {
			notes.state(s)
		}
		notes.checks.Wait()
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		if len(lines) != len(tt.want) {
			t.Errorf("said %q, want %q", lines, tt.want)
			continue
		}
		for i, want := range tt.want {
			if !strings.Contains(lines[i], want) {
				t.Errorf("said %q, want %q", lines[i], want)
			}
		}
	}
}
