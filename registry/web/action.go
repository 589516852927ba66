package web

import (
	"errors"
	"net/http"

	"co2/methods/wire"
)

// An action is something that an operator does to a satellite. Its page says
// what will happen, and does it when its form is sent. It is a call like any
// other.
type action struct {
	Name   string // last word of its path
	Title  string // what the button says
	Method string // of the relay; it takes host_id
	What   string // will happen
	Done   string // what has happened
	Asks   bool   // for a reason
	Grave  bool
}

// Actions are all actions.
func actions() []action {
	return []action{
		{Name: "ping", Title: "Ping now", Method: "relay.send_ping", What: "The relay pings it now, besides its turn. Its page shows the answer when it has come.", Done: "The satellite is being pinged; load this page again to see its answer."},
		{Name: "pause", Title: "Pause", Method: "relay.pause", What: "It is neither called nor pinged, and messages wait for it, until it is resumed. That holds also when it registers again and when the relay starts anew.", Done: "The satellite is paused.", Asks: true},
		{Name: "resume", Title: "Resume", Method: "relay.resume", What: "Its pause ends. It is pinged at once, and what has waited is delivered.", Done: "The satellite is no longer paused."},
		{Name: "pin", Title: "Pin", Method: "relay.pin", What: "The relay never removes it by itself, however long it is down.", Done: "The satellite is pinned."},
		{Name: "unpin", Title: "Unpin", Method: "relay.unpin", What: "The relay may remove it again when it stays down, if it is set to do so.", Done: "The satellite is no longer pinned."},
		{Name: "remove", Title: "Remove", Method: "relay.remove", What: "It leaves the network, and the messages waiting for it are given up. If it is alive it notices within about a minute and registers again; to keep it out, pause it.", Done: "The satellite was removed.", Asks: true, Grave: true},
	}
}

func findAction(name string) (action, bool) {
	for _, a := range actions() {
		if a.Name == name {
			return a, true
		}
	}
	return action{}, false
}

// doneWords tell what an action has done, for the page that comes after it.
func doneWords(name string) string {
	a, _ := findAction(name)
	return a.Done
}

// An actionPage is the page of an action.
type actionPage struct {
	action
	Satellite
	Why     string // the reason, as it was typed
	Trouble string
}

// action shows what an action will do, or does it.
func (s server) action(w http.ResponseWriter, r *http.Request) {
	a, ok := findAction(r.PathValue("action"))
	if !ok || s.site.Call == nil {
		s.nothing(w, r)
		return
	}
	d, ok := s.site.Network.Satellite(r.PathValue("host"))
	if !ok {
		s.noSatellite(w, r)
		return
	}
	p := actionPage{action: a, Satellite: d.Satellite}
	at := page{Title: a.Title, Section: "/satellites"}
	if r.Method == http.MethodPost {
		if at.status, p.Trouble = s.act(r, &p); p.Trouble == "" {
			to := pathOf(d.HostID)
			if a.Grave {
				to = "/satellites"
			}
			w.Header().Set("Location", to+"?done="+a.Name)
			w.WriteHeader(http.StatusSeeOther)
			return
		}
	}
	if at.Data = p; p.Trouble != "" {
		at.Title = "Not done: " + a.Title
	}
	s.show(w, r, "action", at)
}

// act does what p says, and tells why not if it fails.
func (s server) act(r *http.Request, p *actionPage) (status int, trouble string) {
	sent, trouble := sentForm(r)
	if trouble != "" {
		return http.StatusBadRequest, trouble
	}
	params := map[string]any{"host_id": p.HostID}
	if p.Why = sent.Get("reason"); p.Why != "" && p.Asks {
		params["reason"] = p.Why
	}
	doc, err := wire.AppendCall(nil, p.Method, params)
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	err = wire.ParseResponse(s.site.Call(r.Context(), doc), "", wire.Limits{}, nil)
	if err == nil {
		return http.StatusOK, ""
	}
	if fault, ok := errors.AsType[*wire.Fault](err); ok {
		if fault.Code == wire.NotPermitted {
			return http.StatusForbidden, fault.String
		}
		return http.StatusConflict, fault.String
	}
	return http.StatusInternalServerError, err.Error()
}

func (s server) noSatellite(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, "unknown", page{Title: "No such satellite", Section: "/satellites", Data: r.PathValue("host"), status: http.StatusNotFound})
}
