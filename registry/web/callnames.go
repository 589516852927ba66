package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"co2/methods/wire"
)

// A remotePage lists the methods that a satellite tells of.
type remotePage struct {
	Satellite
	NoAsking string // why it is not asked
	Ask      bool   // it is asked when that is wanted
	Names    []remoteName
	Left     int         // names that are not shown
	Fault    *wire.Fault // its answer, instead of a list
	Trouble  string      // why there is no answer, or none that is a list
	Took     time.Duration
}

// A remoteName is a method of a satellite and its page.
type remoteName struct {
	Name, Path string
	About      string // the first sentence of its help; empty: not told
}

const pausedWords = "it is paused, and is not called until it is resumed"

// satelliteMethods lists the methods of a satellite, by asking it, or leads to
// the one that is named.
func (s server) satelliteMethods(w http.ResponseWriter, r *http.Request) {
	d, ok := s.site.Network.Satellite(r.PathValue("host"))
	if !ok {
		s.noSatellite(w, r)
		return
	}
	if name := r.URL.Query().Get("method"); name != "" && len(name) <= maxNameText {
		w.Header().Set("Location", remotePath(d.HostID, name))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	p := remotePage{Satellite: d.Satellite, NoAsking: s.noAsking(r)}
	switch {
	case p.NoAsking != "":
	case p.Paused:
		p.NoAsking = pausedWords
	case fromElsewhere(r):
		p.Ask = true
	default:
		p.ask(r.Context(), s.satelliteCaller(d.HostID))
	}
	s.show(w, r, "callmethods", page{Title: "Methods of " + d.Name(), Section: "/satellites", Data: p})
}

func (p *remotePage) ask(ctx context.Context, call caller) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	began := time.Now()
	var names []string
	lister, err := call.first(ctx, []string{"sys.listMethods", "system.listMethods", "co2.get_method_names"}, &names)
	p.Took = time.Since(began)
	if err != nil {
		if fault, ok := errors.AsType[*wire.Fault](err); ok {
			p.Fault = fault
		} else {
			p.Trouble = plainTrouble(err)
		}
		return
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if len(p.Names) == maxNames || name == "" || len(name) > maxNameText {
			p.Left++
			continue
		}
		p.Names = append(p.Names, remoteName{Name: name, Path: remotePath(p.HostID, name)})
	}
	p.askHelp(ctx, call, helpers[lister])
}

// helpers tell what a method does, by the method that lists them.
var helpers = map[string]string{"sys.listMethods": "sys.methodHelp", "system.listMethods": "system.methodHelp", "co2.get_method_names": "co2.get_method_help"}

// askHelp asks what the methods of the list do: all at once where the
// satellite can, else one by one. What is not told in time is left out.
func (p *remotePage) askHelp(ctx context.Context, call caller, helper string) {
	ctx, cancel := context.WithTimeout(ctx, helpTime)
	defer cancel()
	if slices.ContainsFunc(p.Names, func(n remoteName) bool { return n.Name == "system.multicall" }) {
		some := p.Names[:min(len(p.Names), maxHelps)]
		entries := make([]any, len(some))
		for i, n := range some {
			entries[i] = map[string]any{"methodName": helper, "params": []any{n.Name}}
		}
		var told []any
		if _, err := call.first(ctx, []string{"system.multicall"}, &told, entries); err != nil {
			return
		}
		for i, one := range told[:min(len(told), len(some))] {
			if result, ok := one.([]any); ok && len(result) == 1 {
				help, _ := result[0].(string)
				some[i].About = firstSentence(help)
			}
		}
		return
	}
	for i := range p.Names[:min(len(p.Names), maxHelpAsks)] {
		var help string
		_, err := call.first(ctx, []string{helper}, &help, p.Names[i].Name)
		if _, ok := errors.AsType[*noAnswer](err); ok {
			return
		}
		p.Names[i].About = firstSentence(help)
	}
}

// firstSentence is the beginning of a help text.
func firstSentence(help string) string {
	help, _, _ = strings.Cut(strings.TrimSpace(help), "\n")
	if at := strings.Index(help, ". "); at >= 0 {
		help = help[:at+1]
	}
	if short := cutText(help, maxSentence); short != help {
		return strings.TrimSpace(short) + "…"
	}
	return help
}

// AnswersPings reports whether ping is among its methods, which the relay
// calls whatever a satellite lists.
func (p remotePage) AnswersPings() bool { return p.Ping.Count > p.Ping.Fails }
