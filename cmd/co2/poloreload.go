package main

import (
	"context"
	"os"

	"co2/discovery"
)

// A runningPolo is a Polo that can be replaced by one with another
// configuration while it runs; both offer the same services.
type runningPolo struct {
	first *discovery.Polo
	next  chan *discovery.Polo
}

func newRunningPolo(first *discovery.Polo) *runningPolo {
	return &runningPolo{first, make(chan *discovery.Polo)}
}

// Run runs one Polo after another until ctx ends.
func (r *runningPolo) Run(ctx context.Context) error {
	for polo := r.first; ; {
		next, err := r.until(ctx, polo)
		if next == nil {
			return err
		}
		polo = next
	}
}

// until runs a Polo until there is a next one, nil if ctx ends or the Polo
// does. Its sockets are closed then.
func (r *runningPolo) until(ctx context.Context, polo *discovery.Polo) (next *discovery.Polo, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- polo.Run(ctx) }()
	select {
	case err := <-ended:
		return nil, err
	case next = <-r.next:
	}
	stop()
	return next, <-ended
}

// replace has the next Polo run.
func (r *runningPolo) replace(ctx context.Context, next *discovery.Polo) {
	select {
	case r.next <- next:
	case <-ctx.Done():
	}
}

// A poloReload brings what has changed in the files of a Polo to the running
// one.
type poloReload struct {
	cmd   *poloCmd
	set   poloSettings // as they hold now
	store *discovery.Store
	polo  *runningPolo
	log   daemonLog
}

// Run reloads at each signal until ctx ends.
func (r *poloReload) Run(ctx context.Context, signals <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
		}
		r.log.reopen()
		r.reload(ctx)
	}
}

// reload takes what can be taken without a restart. The services are read again
// also where the configuration cannot be.
func (r *poloReload) reload(ctx context.Context) {
	set, next, err := r.read()
	if err != nil {
		r.log.Error("configuration not reloaded, that of before holds", "code", "POLO-NOCONFIG", "err", err)
	}
	if err := r.store.ReloadFor(set.Groups); err != nil {
		r.log.Error("services not reloaded, those of before stay, and the configuration with them", "code", "POLO-NORELOAD", "err", err)
		return
	}
	if next != nil {
		r.polo.replace(ctx, next)
	}
	r.log.setLevel(set.Log)
	logChanges(r.log.Logger, r.cmd.changes(r.set, set))
	r.set = r.set.taking(set)
	r.log.Info("services reloaded", "code", "POLO-RELOAD", "services", len(r.store.List()))
}

// read reads the configuration again, and makes the Polo that it asks for: nil
// if the running one is as it should be.
func (r *poloReload) read() (poloSettings, *discovery.Polo, error) {
	set, err := r.cmd.settings(r.set.folders)
	if err != nil {
		return r.set, nil, err
	}
	warnOfConfig(r.log.Logger, set.warnings)
	if !anyChanged(r.cmd.poloKeys(r.set, set)) {
		return set, nil, nil
	}
	next := discovery.NewPolo(r.cmd.polo(set), r.store, r.log.Logger)
	if err := next.Check(); err != nil {
		return r.set, nil, err
	}
	return set, next, nil
}

// changes are all keys with an effect.
func (c *poloCmd) changes(was, now poloSettings) []configKey {
	return append(c.poloKeys(was, now),
		configKey{"logging_level", was.Log.Level, now.Log.Level, false},
		configKey{"logging_dir", was.Log.Dir, now.Log.Dir, true},
		configKey{"polo_binding_port", was.BindingPort, now.BindingPort, true},
		configKey{"services_dir", was.ServicesDir, now.ServicesDir, true},
		configKey{"polo_user_dir", was.UserDir, now.UserDir, true},
		configKey{"verify_regexp", pattern(was.UserID), pattern(now.UserID), true},
		configKey{"secret_file", was.SecretFile, now.SecretFile, true},
		configKey{"group_name", was.GroupName, now.GroupName, true},
		configKey{"debug", was.Debug, now.Debug, true},
	)
}

// poloKeys are those that another Polo brings about.
func (c *poloCmd) poloKeys(was, now poloSettings) []configKey {
	_, before, _ := c.reach(was)
	_, after, _ := c.reach(now)
	return []configKey{
		{"multicast_addrs", was.Groups, now.Groups, false},
		{"port", was.Port, now.Port, false},
		{"interfaces", before, after, false},
		{"answers", was.Answers, now.Answers, false},
		{"source_answers", was.SourceAnswers, now.SourceAnswers, false},
		{"retries", was.Retries, now.Retries, false},
		{"polo_params", was.Params, now.Params, false},
	}
}

// taking returns the settings of now with what is taken of next.
func (set poloSettings) taking(next poloSettings) poloSettings {
	set.configured, set.warnings = next.configured, next.warnings
	set.Groups, set.Port, set.Interfaces = next.Groups, next.Port, next.Interfaces
	set.Answers, set.SourceAnswers = next.Answers, next.SourceAnswers
	set.Retries, set.Params, set.Log.Level = next.Retries, next.Params, next.Log.Level
	return set
}
