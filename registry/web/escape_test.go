package web_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/web"
)

// evilText is text that is markup wherever it is not escaped, and says where it
// was put.
func evilText(where string) string {
	return `</title></textarea></pre>--><x-evil ` + where + `>'"` + "`"
}

// fill puts evil text into every string of v, two of all that can be many, and
// something into the rest. Words of our own, which are types, stay as they are.
func fill(v reflect.Value, where string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(now.Add(-time.Hour)))
	case v.Type() == reflect.TypeFor[string]():
		v.SetString(evilText(where))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), where)
		}
	case v.CanInt():
		v.SetInt(3)
	case v.CanUint():
		v.SetUint(3)
	case v.CanFloat():
		v.SetFloat(1.5)
	}
}

func filled[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), reflect.TypeFor[T]().Name())
	return v
}

// evilNetwork is a network that tells evil text alone.
type evilNetwork struct {
	*fakeNetwork
	one web.Details
}

func (n evilNetwork) Satellite(string) (web.Details, bool) { return n.one, true }

// newEvilNetwork returns one whose satellites have nicks, or one without, and
// without discovery.
func newEvilNetwork(nicks bool) evilNetwork {
	n := evilNetwork{&fakeNetwork{
		overview: filled[web.Overview](), satellites: filled[[]web.Satellite](), messages: filled[[]web.Message](),
		events: filled[[]web.Event](), discovery: filled[web.Discovery](),
	}, filled[web.Details]()}
	n.messages[0].HasPayload = true
	n.messages[1].Sender = n.satellites[0].HostID // it is here
	for i := range n.satellites {
		n.satellites[i].Nick += string(rune('a' + i))
		n.satellites[i].State = web.StateDown
	}
	if nicks {
		n.discovery.Off = "" // nothing else would be shown
		return n
	}
	n.one.Nick, n.overview.OldestFor = "", n.satellites[0].HostID
	for i := range 2 {
		n.satellites[i].Nick, n.messages[i].Nick, n.events[i].Nick = "", "", ""
	}
	return n
}

// A telling satellite or server answers calls with evil text.
type telling string

func (how telling) answer(doc []byte) ([]byte, error) {
	call, err := wire.ParseCall(doc, "", wire.Limits{})
	if err != nil {
		return nil, err
	}
	shape := func(where, kind string, more map[string]any) map[string]any {
		s := map[string]any{"name": evilText(where + ".name"), "type": kind, "doc": evilText(where + ".doc")}
		maps.Copy(s, more)
		return s
	}
	members := func(where string) map[string]any {
		return map[string]any{"members": []any{
			shape(where+".member", "string", nil), shape(where+".long", "undef", nil), shape(where+".yes", "boolean", nil), shape(where+".number", "int", nil),
			shape(where+".group", "struct", nil), shape(where+".list", "array", map[string]any{"item": shape(where+".item", "int", nil)}),
		}}
	}
	switch method := call.Method; {
	case how == "faults" || how == "lists" && method != "sys.listMethods" && !strings.HasPrefix(method, "sys.method"):
		return wire.AppendFault(nil, wire.Fault{Code: 1, String: evilText("fault")}), nil
	case how == "fails":
		return nil, errors.New(evilText("error"))
	case method == "sys.listMethods":
		return wire.AppendResponse(nil, []string{evilText("listed")})
	case method == "sys.methodHelp":
		return wire.AppendResponse(nil, evilText("help"))
	case method == "sys.methodSignature":
		return wire.AppendResponse(nil, map[string]any{
			"params": []any{shape("param", "struct", members("param")), shape("any", "undef", nil)}, "result": shape("result", "struct", members("result")),
		})
	case how == "plain":
		return wire.AppendResponse(nil, evilText("plain answer"))
	}
	return wire.AppendResponse(nil, map[string]any{evilText("answer.name"): []any{evilText("answer.item")}, evilText("answer.group"): map[string]any{evilText("answer.inner"): 1}})
}

// evilSite is a site in which all that comes from elsewhere is evil.
func evilSite(how telling, operator bool) web.Site {
	s := relaySite(0)
	s.Network = newEvilNetwork(operator) // two are enough for both
	s.Operator = func(*http.Request) bool { return operator }
	s.Properties = func() []web.Property { return filled[[]web.Property]() }
	s.Methods = func() []web.Method {
		m := web.Method{
			Name: evilText("Method.Name"), Signature: evilText("Method.Signature"), Help: evilText("Method.Help"), Access: evilText("Method.Access"), Aliases: []string{evilText("Method.Aliases")},
			Params: []methods.Shape{{Name: evilText("Shape.Name"), Type: "int", Doc: evilText("Shape.Doc")}}, Result: methods.Shape{Type: "string", Doc: evilText("Result.Doc")},
		}
		return []web.Method{m}
	}
	s.Call = func(_ context.Context, doc []byte) []byte {
		answer, err := how.answer(doc)
		if err != nil {
			return []byte(err.Error())
		}
		return answer
	}
	s.CallSatellite = func(_ context.Context, _ string, doc []byte) ([]byte, string, error) {
		answer, err := how.answer(doc)
		return answer, "", err
	}
	s.Address = func(*http.Request) string { return "http://" + evilText("address") + "/RPC2" }
	return s
}

// evilPages are all pages, with evil text in their addresses too, and forms.
func evilPages() []*http.Request {
	text, name := url.QueryEscape(evilText("query")), url.PathEscape(evilText("Method.Name"))
	var list []*http.Request
	one := "/satellites/" + url.PathEscape(evilText("path"))
	for _, at := range []string{
		"/", "/satellites", "/messages?payloads=1", "/events", "/discovery", "/methods", "/methods/" + name, "/nope",
		"/satellites?q=" + text, "/messages?q=" + text, "/events?q=" + text, "/?span=" + text, "/satellites?sort=" + text + "&state=" + text, "/?done=" + text,
		one, one + "/methods", one + "/methods/" + name, one + "/pause", one + "/remove", one + "?done=" + text,
	} {
		list = append(list, httptest.NewRequest("GET", at, nil))
	}
	form := func(at string, values url.Values) {
		r := httptest.NewRequest("POST", at, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		list = append(list, r)
	}
	form(one+"/pause", url.Values{"reason": {evilText("reason")}})
	for _, at := range []string{"/methods/" + name, one + "/methods/" + name} {
		form(at, url.Values{"do": {"call"}})
		form(at, url.Values{"do": {"call"}, "v.p0": {"7"}, "v.p0.0": {evilText("typed")}, "v.p0.1": {evilText("typed long")}, "v.p0.2": {"true"}, "v.p0.3": {"7"}, "v.p1": {evilText("typed any")}})
		wrong := url.Values{"do": {"call"}, "v.p0": {evilText("typed int")}}
		for _, field := range []string{".0", ".1", ".2", ".3", ".4.0", ".5.0"} {
			wrong.Set("v.p0"+field, evilText("typed"+field))
			wrong.Set("k.p0"+field, evilText("key"+field))
			wrong.Set("t.p0"+field, evilText("type"+field))
		}
		form(at, wrong)
		form(at, url.Values{"do": {"show"}, "t.p0.1": {"json"}, "s.p0.1": {"string"}, "v.p0.1": {evilText("kept")}, "t.p1": {"struct"}, "s.p1": {"string"}, "v.p1": {evilText("kept any")}})
		form(at, url.Values{"do": {"call"}, "t.p1": {"json"}, "s.p1": {"json"}, "v.p1": {`{"<x-evil twice>": 1, "<x-evil twice>": 2}`}}) // its trouble quotes it
		form(at, url.Values{"do": {"raw"}, "xml": {evilText("xml")}})
		form(at, url.Values{"do": {"raw"}, "xml": {`<methodCall><methodName>x</methodName></methodCall>`}})
	}
	for _, r := range list {
		r.Header.Set("Accept", "text/html")
	}
	return list
}

// TestNothingOfStrangersIsMarkup puts evil text wherever strangers can: into
// each string that the pages' data has, by reflection, so that those to come are
// tried too, into what is asked for and typed, and into all that satellites
// answer. Every page shows it as text, and each of these fields is on one.
func TestNothingOfStrangersIsMarkup(t *testing.T) {
	seen := map[string]bool{}
	for _, how := range []telling{"answers", "plain", "lists", "faults", "fails"} {
		for _, operator := range []bool{true, false} {
			h := web.Handler(evilSite(how, operator))
			for _, r := range evilPages() {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if !strings.Contains(w.Body.String(), "</html>") && w.Code != http.StatusSeeOther {
					t.Errorf("%s %s = %d", r.Method, r.URL, w.Code)
				}
				for _, where := range evilsOf(t, r.Method+" "+r.URL.Path, w.Body.String()) {
					seen[where] = true
				}
			}
		}
	}
	for _, want := range append(fieldsOf(), "fault", "error", "listed", "help", "param.name", "param.doc", "param.member.name", "param.long.doc", "param.group.name", "param.list.doc",
		"any.name", "result.doc", "result.member.name", "result.member.doc", "result.group.doc", "result.list.name", "answer.name", "answer.item", "answer.group", "answer.inner", "plain answer",
		"Method.Name", "Method.Signature", "Method.Help", "Method.Access", "Method.Aliases", "Shape.Name", "Shape.Doc", "Result.Doc",
		"query", "reason", "typed", "typed long", "typed int", "typed.3", "key.4.0", "kept any", "xml", "address") {
		if !seen[want] {
			t.Errorf("no page shows %s", want)
		}
	}
}

// evilsOf fails the test for evil text that is markup, and tells where that
// which is text was put.
func evilsOf(t *testing.T, page, body string) (where []string) {
	t.Helper()
	read := func(text string) {
		for {
			_, after, ok := strings.Cut(text, "<x-evil ")
			if !ok {
				return
			}
			name, rest, _ := strings.Cut(after, ">")
			where, text = append(where, name), rest
		}
	}
	z := html.NewTokenizer(strings.NewReader(body))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		if tok.Type == html.TextToken {
			read(tok.Data)
			continue
		}
		if tok.Data == "x-evil" || tok.Type == html.CommentToken {
			t.Errorf("%s: what was put into %v is markup", page, tok.Attr)
		}
		for _, a := range tok.Attr {
			if strings.Contains(a.Key, "evil") || strings.Contains(a.Key, "<") {
				t.Errorf("%s: <%s> has the attribute %s", page, tok.Data, a.Key)
			}
			read(a.Val)
		}
	}
	if n := strings.Count(body, "</title>"); n != strings.Count(body, "<title>") {
		t.Errorf("%s: %d titles end", page, n)
	}
	return where
}

// fieldsOf are the strings of all that a network tells.
func fieldsOf() []string {
	fields := map[string]bool{}
	var add func(t reflect.Type, where string)
	add = func(t reflect.Type, where string) {
		switch {
		case t == reflect.TypeFor[string]():
			fields[where] = true
		case t.Kind() == reflect.Slice:
			add(t.Elem(), where)
		case t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]():
			for i := range t.NumField() {
				add(t.Field(i).Type, t.Name()+"."+t.Field(i).Name)
			}
		}
	}
	for _, v := range []any{web.Overview{}, web.Details{}, web.Message{}, web.Event{}, web.Discovery{}, web.Property{}} {
		add(reflect.TypeOf(v), "")
	}
	return slices.Sorted(maps.Keys(fields))
}
