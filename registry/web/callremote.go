package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"co2/methods/wire"
)

// Bounds of what a satellite tells of itself.
const (
	askTime     = 8 * time.Second // for all questions of one page
	helpTime    = 2 * time.Second // of these, for the help of the methods in a list
	maxNames    = 1000
	maxHelps    = 200 // methods of a list whose help is asked for at once
	maxHelpAsks = 50  // and one by one
	maxNameText = 255
	maxSentence = 160
	maxHelpText = 8 << 10
	maxShapes   = 500
	maxShaping  = 16 // shapes within shapes
)

// noAsking says why the reader's questions are not passed on to satellites.
func (s server) noAsking(r *http.Request) string {
	switch {
	case s.site.CallSatellite == nil:
		return "these pages make no calls to satellites"
	case !s.site.operator(r):
		return "only operators may have the relay call a satellite: those who come from the relay’s own host"
	}
	return ""
}

// fromElsewhere reports whether another site's page led here. It must not
// make the relay call anybody.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

func (s server) satelliteCaller(hostID string) caller {
	return func(ctx context.Context, doc []byte) ([]byte, string, error) {
		return s.site.CallSatellite(ctx, hostID, doc)
	}
}

// remotePath is the page of a method of a satellite. Its name may hold
// anything. A browser takes . and .. for a way, however they are spelled, so
// they have a slash behind them; names that have one already get another.
func remotePath(hostID, name string) string {
	if isDots(name) {
		name += "/"
	}
	return pathOf(hostID) + "/methods/" + url.PathEscape(name)
}

// remoteMethod is the name in the path of such a page.
func remoteMethod(r *http.Request) string {
	name := r.PathValue("name")
	if less, ok := strings.CutSuffix(name, "/"); ok && isDots(less) {
		return less
	}
	return name
}

// isDots reports whether name is . or .. with any number of slashes behind.
func isDots(name string) bool {
	name = strings.TrimRight(name, "/")
	return name == "." || name == ".."
}

// first calls the first of several methods that is not answered by a fault,
// and says which that was. If all are, it returns the first fault that says
// more than that there is no such method. Without an answer the error is a
// [*noAnswer].
func (c caller) first(ctx context.Context, names []string, into any, args ...any) (answered string, err error) {
	var telling *wire.Fault
	for _, name := range names {
		doc, err := wire.AppendCall(nil, name, args...)
		if err != nil {
			return "", err
		}
		answer, charset, err := c(ctx, doc)
		if err != nil {
			return "", &noAnswer{err}
		}
		err = wire.ParseResponse(answer, charset, wire.Limits{}, into)
		fault, ok := errors.AsType[*wire.Fault](err)
		if !ok {
			return name, err
		}
		if telling == nil || telling.Code == wire.MethodNotFound {
			telling = fault
		}
	}
	return "", telling
}

// satelliteMethod is the page of a method of a satellite.
func (s server) satelliteMethod(w http.ResponseWriter, r *http.Request) {
	d, ok := s.site.Network.Satellite(r.PathValue("host"))
	if !ok {
		s.noSatellite(w, r)
		return
	}
	name := remoteMethod(r)
	if name == "" || len(name) > maxNameText {
		s.nothing(w, r)
		return
	}
	p := callPage{Host: d.HostID, Nick: d.Name(), NoForm: s.noAsking(r), Method: Method{Name: name, Signature: name}}
	call := s.satelliteCaller(d.HostID)
	switch {
	case p.NoForm != "":
	case d.Paused:
		p.NoForm, p.Paused = pausedWords, true
	case fromElsewhere(r):
		p.NoForm = "another site led here; open it from the page of the satellite"
	default:
		p.Method = call.describe(r.Context(), name)
		p.NoForm = neverSent(name)
	}
	s.form(w, r, page{Title: cutText(name, maxNameText), Section: "/satellites"}, p, d.CalledAddress, call)
}

// describe asks what a method does and takes.
func (c caller) describe(ctx context.Context, name string) Method {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	m := Method{Name: name, Signature: name, Untold: true}
	_, err := c.first(ctx, []string{"sys.methodHelp", "system.methodHelp", "co2.get_method_help"}, &m.Help, name)
	if m.Help = cutText(m.Help, maxHelpText); err != nil {
		m.Help = "It does not tell what this method does: " + cutText(plainTrouble(err), maxShownText)
	}
	var told any
	if _, err := c.first(ctx, []string{"sys.methodSignature", "co2.get_method_signature", "system.methodSignature"}, &told, name); err != nil {
		return m
	}
	t := shapeTeller{left: maxShapes}
	switch told := told.(type) {
	case map[string]any:
		t.fromStruct(told, &m)
	case []any:
		t.fromLists(told, &m)
	}
	return m
}
