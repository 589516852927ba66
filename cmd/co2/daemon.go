package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"co2/discovery"
)

// A daemon is what a Polo and a Marco have in common while they run.
type daemon struct {
	log     daemonLog
	reloads chan os.Signal
	pid     *pidFile // nil: none
}

// beginDaemon takes the pid file, unless there is to be none, "". From then on
// a signal to reload does not end the process.
func beginDaemon(log daemonLog, pidFile string) (*daemon, error) {
	d := &daemon{log: log, reloads: make(chan os.Signal, 1)}
	signal.Notify(d.reloads, syscall.SIGHUP, syscall.SIGUSR1)
	if pidFile == "" {
		return d, nil
	}
	var err error
	if d.pid, err = takePidFile(pidFile); err != nil {
		signal.Stop(d.reloads)
		return nil, fmt.Errorf("%w; stop the other one, or name another with --pid-file FILE", err)
	}
	return d, nil
}

// end gives back what beginDaemon took, and logs what was not told yet.
func (d *daemon) end(ctx context.Context) error {
	d.log.thin.tell(context.WithoutCancel(ctx))
	signal.Stop(d.reloads)
	if d.pid == nil {
		return nil
	}
	return d.pid.remove()
}

// daemonPidFile is where the number of a daemon is kept: with the original's
// tools in mind for root, in the folder of this session for others. Without
// such a folder there is none, "".
func daemonPidFile(named, usual string) string {
	switch runtime := os.Getenv("XDG_RUNTIME_DIR"); {
	case named != "":
		return named
	case os.Geteuid() == 0:
		return filepath.Join("/run/marcopolo", usual)
	case filepath.IsAbs(runtime):
		return filepath.Join(runtime, "co2", usual)
	}
	return ""
}

// signalReload tells a running daemon to reload.
func signalReload(t terminal, pidFile string) error {
	if pidFile == "" {
		return usagef("there is no $XDG_RUNTIME_DIR with a pid file; name that with --pid-file FILE")
	}
	pid, err := runningPid(pidFile)
	if err != nil {
		return fmt.Errorf("reload: %w", err)
	}
	if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
		return fmt.Errorf("reload: process %d: %w", pid, err)
	}
	fmt.Fprintf(t.out, "process %d was told to reload; its log says what became of it\n", pid)
	return nil
}

// warnOfConfig logs what is wrong with a configuration file.
func warnOfConfig(log *slog.Logger, warnings []discovery.ConfigWarning) {
	for _, w := range warnings {
		log.Warn("configuration", "code", "CONFIG-BAD", "file", w.File, "line", w.Line, "err", w.Text)
	}
}

// groupFlags reads the groups of a command line, each once.
func groupFlags(texts []string) ([]netip.Addr, error) {
	var groups []netip.Addr
	for _, text := range texts {
		group, err := discovery.ParseGroup(text)
		if err != nil {
			return nil, usagef("--group: %w", err)
		}
		if !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
	}
	if len(groups) > discovery.MaxGroups {
		return nil, usagef("%d groups, at most %d", len(groups), discovery.MaxGroups)
	}
	return groups, nil
}

func groupWords(groups []netip.Addr) string {
	words := make([]string, len(groups))
	for i, g := range groups {
		words[i] = g.String()
	}
	return strings.Join(words, " and ")
}
