package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How many lines that are alike are written in a stretch of time, and how many
// kinds of them are told apart.
const (
	thinLines = 10
	thinTime  = 10 * time.Second
	thinKinds = 1024
)

// A thinHandler keeps lines that repeat out of a log: of those with the same
// code about the same satellite, service or file ten are written in ten
// seconds, then how many more there were, with the latest. Debug lines, which somebody asked for, all
// are. It is safe for concurrent use.
type thinHandler struct {
	next slog.Handler
	with string // the code that With added, if any
	kept *thinKept
}

// thinKept is what a thinHandler and those derived from it share.
type thinKept struct {
	mu    sync.Mutex
	lines map[alike]*thinnedRun // guarded by mu: of this stretch
}

// alike is what makes two lines alike.
type alike struct{ code, about, message string }

// A thinnedRun is what came of one kind in a stretch.
type thinnedRun struct {
	came    int
	last    slog.Record  // of those left out, without what it says of others
	next    slog.Handler // that would have written it
	leftOut int64        // before last, with those that whoever wrote them had left out
}

// leftOutKey is what a line says of others like it that were not written.
const leftOutKey = "left_out"

func newThinHandler(next slog.Handler) *thinHandler {
	return &thinHandler{next: next, kept: &thinKept{lines: map[alike]*thinnedRun{}}}
}

// Enabled implements [slog.Handler].
func (h *thinHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// WithAttrs implements [slog.Handler].
func (h *thinHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	code := h.with
	for _, a := range attrs {
		if a.Key == "code" {
			code = a.Value.String()
		}
	}
	return &thinHandler{h.next.WithAttrs(attrs), code, h.kept}
}

// WithGroup implements [slog.Handler].
func (h *thinHandler) WithGroup(name string) slog.Handler {
	return &thinHandler{h.next.WithGroup(name), h.with, h.kept}
}

// Handle implements [slog.Handler].
func (h *thinHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelInfo && h.kept.leaveOut(h.kind(r), r, h.next) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

func (h *thinHandler) kind(r slog.Record) alike {
	k := alike{code: h.with, message: r.Message}
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "code":
			k.code = a.Value.String()
		case "satellite", "service", "file":
			k.about = a.Value.String()
		}
		return true
	})
	return k
}

// leaveOut reports whether a line of this kind is one too many.
func (t *thinKept) leaveOut(k alike, r slog.Record, next slog.Handler) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	run := t.lines[k]
	if run == nil {
		if len(t.lines) >= thinKinds { // the others are told apart by their code alone
			k.about = ""
			run = t.lines[k]
		}
		if run == nil {
			run = new(thinnedRun)
			t.lines[k] = run
		}
	}
	run.came++
	if run.came <= thinLines {
		return false
	}
	if run.came > thinLines+1 {
		run.leftOut++
	}
	run.last, run.next = slog.NewRecord(r.Time, r.Level, r.Message, r.PC), next
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == leftOutKey && a.Value.Kind() == slog.KindInt64 {
			run.leftOut += a.Value.Int64()
		} else {
			run.last.AddAttrs(a)
		}
		return true
	})
	return true
}

// tell writes what was left out, and begins another stretch.
func (h *thinHandler) tell(ctx context.Context) {
	h.kept.mu.Lock()
	lines := h.kept.lines
	h.kept.lines = map[alike]*thinnedRun{}
	h.kept.mu.Unlock()
	for _, run := range lines {
		if run.came > thinLines {
			run.last.AddAttrs(slog.Int64(leftOutKey, run.leftOut))
			run.next.Handle(ctx, run.last)
		}
	}
}

// Run tells every ten seconds what was left out, and the rest when ctx ends.
func (h *thinHandler) Run(ctx context.Context) error {
	tick := time.NewTicker(thinTime)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
		h.tell(context.WithoutCancel(ctx))
	}
	return nil
}
