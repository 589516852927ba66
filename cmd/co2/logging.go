package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"co2/registry/door"
)

// logFormat says how lines of a log look.
type logFormat string

// The formats.
const (
	logAuto logFormat = "auto" // text for a person at a terminal, JSON for a program
	logText logFormat = "text"
	logJSON logFormat = "json"
)

// UnmarshalText implements [encoding.TextUnmarshaler].
func (f *logFormat) UnmarshalText(text []byte) error {
	switch *f = logFormat(text); *f {
	case logAuto, logText, logJSON:
		return nil
	}
	return fmt.Errorf("%q is not text, json or auto", text)
}

// handler writes the lines of a log to w.
func (f logFormat) handler(w io.Writer, level slog.Leveler) slog.Handler {
	opts := &slog.HandlerOptions{Level: level}
	if f.isText(w) {
		return slog.NewTextHandler(w, opts)
	}
	return slog.NewJSONHandler(w, opts)
}

// isText reports whether what is written to w is for people.
func (f logFormat) isText(w io.Writer) bool {
	return f == logText || f != logJSON && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// logged is how a program that goes on writes down what happens.
type logged struct {
	LogFormat logFormat `arg:"--log-format,env:CO2_LOG_FORMAT" default:"auto" placeholder:"WORD" help:"of logs: text, json, or auto: text on a terminal, else JSON"`
}

// events is a log of what happens. Its handler's Run tells what was left out.
func (l logged) events(w io.Writer, level slog.Leveler) (*slog.Logger, *thinHandler) {
	thin := newThinHandler(l.LogFormat.handler(w, level))
	return slog.New(thin), thin
}

// orDebug is the level of a log whose reader wants to see all, or not.
func orDebug(level slog.Level, verbose bool) slog.Level {
	if verbose {
		return slog.LevelDebug
	}
	return level
}

// logging says what a relay writes down, and where.
type logging struct {
	logged
	AccessLog string `arg:"--access-log,env:CO2_ACCESS_LOG" default:"off" placeholder:"FILE" help:"a line for each request; - is standard output, off is none; a file is opened again at SIGHUP"`
	Verbose   bool   `arg:"-v,--verbose,env:CO2_VERBOSE" help:"log every failed call and delivery"`
}

// An accessLog has a line for each request. A nil one has none.
type accessLog struct {
	log  *slog.Logger
	file *logFile // nil: standard output
}

// access opens the access log.
func (l *logging) access(t terminal) (*accessLog, error) {
	switch l.AccessLog {
	case "off", "":
		return nil, nil
	case "-":
		return &accessLog{log: slog.New(l.LogFormat.handler(t.out, slog.LevelInfo))}, nil
	}
	f := &logFile{path: l.AccessLog, instead: io.Discard}
	if err := f.reopen(); err != nil {
		return nil, fmt.Errorf("%w; name another with --access-log FILE", err)
	}
	return &accessLog{slog.New(l.LogFormat.handler(f, slog.LevelInfo)), f}, nil
}

// Bounds of what strangers choose in a line.
const (
	mostPath   = 100
	mostMethod = 64
)

// request writes the line of a request: never its query, headers or body.
func (a *accessLog) request(e door.Ended) {
	attrs := []slog.Attr{
		slog.String("remote", e.Remote.String()), slog.String("verb", short(e.Verb, mostMethod)), slog.String("path", short(e.Path, mostPath)),
		slog.Int("status", e.Status), slog.Int64("bytes", e.Sent), slog.Float64("seconds", float64(e.Took.Microseconds())/1e6),
	}
	if e.Call != "" {
		attrs = append(attrs, slog.String("call", short(e.Call, mostMethod)))
	}
	if e.Failed {
		attrs = append(attrs, slog.Int("fault", e.Fault))
	}
	a.log.LogAttrs(context.Background(), slog.LevelInfo, "request", attrs...)
}

// short makes text of strangers fit for a line.
func short(s string, most int) string {
	if len(s) > most {
		s = s[:most] + "…"
	}
	q := strconv.QuoteToASCII(s)
	return q[1 : len(q)-1]
}

// reopen opens the file again, for who has moved it away, and says what came
// of it in a word.
func (a *accessLog) reopen(log *slog.Logger) string {
	if a == nil || a.file == nil {
		return "none"
	}
	if err := a.file.reopen(); err != nil {
		log.Error("the access log cannot be opened again; it goes on in the old file", "code", "LOG-FAIL", "err", err)
		return "failed"
	}
	log.Info("the access log was opened again", "code", "LOG-REOPEN", "file", a.file.path)
	return "opened"
}
