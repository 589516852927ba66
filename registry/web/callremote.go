package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"co2/methods/wire"
)

// Bounds of what a satellite tells of itself.
const (
	askTime     = 8 * time.Second // for all questions of one page
	maxNames    = 1000
	maxNameText = 255
	maxHelpText = 8 << 10
	maxShapes   = 500
	maxShaping  = 16 // shapes within shapes
)

// A remotePage lists the methods that a satellite tells of.
type remotePage struct {
	Satellite
	NoAsking string // why it is not asked
	Ask      bool   // it is asked when that is wanted
	Names    []remoteName
	Left     int // names that are not shown
	Trouble  string
	Took     time.Duration
}

// A remoteName is a method of a satellite and its page.
type remoteName struct{ Name, Path string }

// satelliteMethods lists the methods of a satellite, by asking it.
func (s server) satelliteMethods(w http.ResponseWriter, r *http.Request) {
	d, ok := s.site.Network.Satellite(r.PathValue("host"))
	if !ok {
		s.noSatellite(w, r)
		return
	}
	p := remotePage{Satellite: d.Satellite, NoAsking: s.noAsking(r)}
	switch {
	case p.NoAsking != "":
	case fromElsewhere(r):
		p.Ask = true
	default:
		p.ask(r.Context(), s.satelliteCaller(d.HostID))
	}
	s.show(w, r, "callmethods", page{Title: "Methods of " + d.Name(), Section: "/satellites", Data: p})
}

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

func (p *remotePage) ask(ctx context.Context, call caller) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	began := time.Now()
	var names []string
	err := call.first(ctx, []string{"sys.listMethods", "system.listMethods", "co2.get_method_names"}, &names)
	p.Took = time.Since(began)
	if err != nil {
		p.Trouble = err.Error()
		return
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if len(p.Names) == maxNames || name == "" || len(name) > maxNameText {
			p.Left++
			continue
		}
		p.Names = append(p.Names, remoteName{name, remotePath(p.HostID, name)})
	}
}

// remotePath is the page of a method of a satellite. Its name may hold
// anything.
func remotePath(hostID, name string) string {
	if strings.Trim(name, ".") == "" { // a browser would take it for a way up
		name = strings.ReplaceAll(name, ".", "%2E")
		return pathOf(hostID) + "/methods/" + name
	}
	return pathOf(hostID) + "/methods/" + url.PathEscape(name)
}

// first calls the first of several methods that is not answered by a fault. If
// all are, it returns the first fault that says more than that there is no
// such method.
func (c caller) first(ctx context.Context, names []string, into any, args ...any) error {
	var telling error
	for _, name := range names {
		doc, err := wire.AppendCall(nil, name, args...)
		if err != nil {
			return err
		}
		answer, charset, err := c(ctx, doc)
		if err != nil {
			return err
		}
		err = wire.ParseResponse(answer, charset, wire.Limits{}, into)
		fault, ok := errors.AsType[*wire.Fault](err)
		if !ok {
			return err
		}
		if telling == nil || fault.Code != wire.MethodNotFound {
			telling = err
		}
	}
	return telling
}

// satelliteMethod is the page of a method of a satellite.
func (s server) satelliteMethod(w http.ResponseWriter, r *http.Request) {
	d, ok := s.site.Network.Satellite(r.PathValue("host"))
	if !ok {
		s.noSatellite(w, r)
		return
	}
	name := r.PathValue("name")
	if name == "" || len(name) > maxNameText {
		s.nothing(w, r)
		return
	}
	p := callPage{Host: d.HostID, Nick: d.Name(), NoForm: s.noAsking(r), Method: Method{Name: name, Signature: name}}
	call := s.satelliteCaller(d.HostID)
	switch {
	case p.NoForm != "":
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
	err := c.first(ctx, []string{"sys.methodHelp", "system.methodHelp", "co2.get_method_help"}, &m.Help, name)
	if m.Help = cutText(m.Help, maxHelpText); err != nil {
		m.Help = "It does not tell what this method does: " + cutText(err.Error(), maxShownText)
	}
	var told any
	if c.first(ctx, []string{"sys.methodSignature", "co2.get_method_signature", "system.methodSignature"}, &told, name) != nil {
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
