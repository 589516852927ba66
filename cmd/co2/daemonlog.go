package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"co2/discovery"
)

// A daemonLog is where a daemon logs to: a file, or what stands for it.
type daemonLog struct {
	*slog.Logger
	thin    *thinHandler
	file    *logFile // nil: none
	level   *slog.LevelVar
	verbose bool
}

// daemon opens the log that a configuration file names. A file that cannot be
// written is told, and instead of it is used: no daemon stays away for that.
func (l logged) daemon(to discovery.LogFile, verbose bool, instead io.Writer) daemonLog {
	level := new(slog.LevelVar)
	level.Set(orDebug(to.Level, verbose))
	log := func(w io.Writer, file *logFile) daemonLog {
		events, thin := l.events(w, level)
		return daemonLog{events, thin, file, level, verbose}
	}
	if to.Dir == "" {
		return log(instead, nil)
	}
	f := &logFile{path: filepath.Join(to.Dir, to.Name), instead: instead}
	if err := f.reopen(); err != nil {
		log := log(instead, nil)
		log.Warn("the log file of the configuration cannot be written, logging to standard error", "code", "LOG-INSTEAD", "err", err)
		return log
	}
	return log(f, f)
}

// setLevel has it log from now on as much as a configuration file says.
func (l daemonLog) setLevel(to discovery.LogFile) { l.level.Set(orDebug(to.Level, l.verbose)) }

// reopen makes the file anew if it was moved away.
func (l daemonLog) reopen() {
	if l.file == nil {
		return
	}
	if err := l.file.reopen(); err != nil {
		l.Warn("the log file cannot be opened again", "code", "LOG-FAIL", "err", err)
	}
}

// A logFile is appended to. It may be moved away and opened again.
type logFile struct {
	path    string
	instead io.Writer // when the disk takes no more

	mu   sync.Mutex
	file *os.File // guarded by mu
}

func (l *logFile) reopen() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o755); err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("log file: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
	}
	l.file = f
	return nil
}

// Write implements [io.Writer].
func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.file.Write(line)
	if err != nil {
		return l.instead.Write(line)
	}
	return n, nil
}
