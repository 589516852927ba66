package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"co2/registry/door"
)

// A reload is what a relay does at SIGHUP, which never ends it: it opens its
// access log again, and reads its certificate and service files.
type reload struct {
	hups        chan os.Signal
	access      *accessLog        // nil: none
	certificate *door.Certificate // nil: none
	polo        *relayPolo        // nil: none
}

// newReload takes SIGHUP from now on, until close. One that comes before Run
// is obeyed then.
func newReload() *reload {
	r := &reload{hups: make(chan os.Signal, 1)}
	signal.Notify(r.hups, syscall.SIGHUP)
	// With its terminal may go whoever reads its log by a pipe, and the next
	// line would be its end.
	signal.Ignore(syscall.SIGPIPE)
	return r
}

func (r *reload) close() { signal.Stop(r.hups) }

// run reads again at each SIGHUP until ctx ends.
func (r *reload) run(ctx context.Context, log *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.hups:
			r.once(log)
		}
	}
}

func (r *reload) once(log *slog.Logger) {
	log.Info("SIGHUP: what can be read again was", "code", "SERVE-RELOAD",
		"access_log", r.access.reopen(log), "certificate", r.readCertificate(), "services", r.polo.reload(log))
}

// readCertificate says in a word what came of it.
func (r *reload) readCertificate() string {
	if r.certificate == nil {
		return "none"
	}
	switch changed, err := r.certificate.Refresh(); {
	case err != nil:
		return "failed"
	case changed:
		return "read"
	}
	return "unchanged"
}
