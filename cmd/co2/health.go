package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"co2/registry"
	"co2/relay"
)

// A health answers those who watch whether the relay is to be restarted, or
// sent work. It tells in fixed words what is wrong, since anybody may ask; why
// is in the log. It is safe for concurrent use.
type health struct {
	relay    *relay.Relay // set, as the next two, before anybody asks
	server   *registry.Server
	accepts  bool // also what cannot be written (--accept-without-disk)
	serving  atomic.Bool
	stopping atomic.Bool
}

// A check is one thing that has to be right.
type check struct {
	name, words string
	ok          bool
}

// alive answers /healthz: whoever reads the answer knows that the process
// answers.
func (h *health) alive(w http.ResponseWriter, r *http.Request) {
	answerChecks(w, r, []check{{"process", "alive", true}})
}

// ready answers /readyz.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	answerChecks(w, r, []check{h.dump(), h.listener(), h.going()})
}

func (h *health) dump() check {
	switch failing := h.relay.StoreTrouble().Failed > 0; {
	case failing && h.accepts:
		return check{"dump", "not written, accepted without", true}
	case failing:
		return check{"dump", "cannot be written", false}
	}
	return check{"dump", "written", true}
}

func (h *health) listener() check {
	switch {
	case !h.serving.Load():
		return check{"listener", "not open", false}
	case h.server.Door().AcceptFails > 0:
		return check{"listener", "accepting fails", false}
	}
	return check{"listener", "open", true}
}

func (h *health) going() check {
	if h.stopping.Load() {
		return check{"stopping", "yes", false}
	}
	return check{"stopping", "no", true}
}

// answerChecks answers 200 if all is well and else 503, as JSON if that is
// asked for.
func answerChecks(w http.ResponseWriter, r *http.Request, checks []check) {
	status, word := http.StatusOK, "ok"
	for _, c := range checks {
		if !c.ok {
			status, word = http.StatusServiceUnavailable, "unavailable"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if strings.Contains(r.Header.Get("Accept"), "application/json") || r.URL.Query().Get("format") == "json" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		writeChecksJSON(w, word, checks)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, word)
	for _, c := range checks {
		fmt.Fprintf(w, "%s: %s\n", c.name, c.words)
	}
}

func writeChecksJSON(w http.ResponseWriter, word string, checks []check) {
	type told struct {
		OK    bool   `json:"ok"`
		Words string `json:"words"`
	}
	all := map[string]told{}
	for _, c := range checks {
		all[c.name] = told{c.ok, c.words}
	}
	json.NewEncoder(w).Encode(map[string]any{"status": word, "checks": all}) // to memory: it cannot fail
}
