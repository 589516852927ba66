package main

import (
	"log/slog"
	"reflect"
	"regexp"
	"slices"
)

// A configKey is a key of a configuration file before and after a reload.
type configKey struct {
	name     string
	was, now any
	restart  bool // it holds from the next start on
}

// logChanges says of each key that has changed what became of it.
func logChanges(log *slog.Logger, keys []configKey) {
	for _, k := range keys {
		switch {
		case reflect.DeepEqual(k.was, k.now):
		case k.restart:
			log.Warn("configuration changed, this key takes a restart", "code", "CONFIG-RESTART", "key", k.name, "now", k.was, "configured", k.now)
		default:
			log.Info("configuration changed, this key holds from now on", "code", "CONFIG-TAKEN", "key", k.name, "was", k.was, "now", k.now)
		}
	}
}

// anyChanged reports whether one of the keys has.
func anyChanged(keys []configKey) bool {
	return slices.ContainsFunc(keys, func(k configKey) bool { return !reflect.DeepEqual(k.was, k.now) })
}

// pattern is a pattern as it is written, or "" for the default.
func pattern(p *regexp.Regexp) string {
	if p == nil {
		return ""
	}
	return p.String()
}
