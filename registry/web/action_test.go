package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"co2/methods/wire"
	"co2/registry/web"
)

// actionSite is a relay with anna, whose methods answer with answer, and what
// was called.
func actionSite(operator bool, answer func(call string) []byte) (h http.Handler, calls *[]string) {
	calls = new([]string)
	s := site(anna)
	s.Operator = func(*http.Request) bool { return operator }
	s.Call = func(_ context.Context, call []byte) []byte {
		*calls = append(*calls, string(call))
		return answer(string(call))
	}
	return web.Handler(s), calls
}

func ok(string) []byte {
	doc, _ := wire.AppendResponse(nil, "OK") // a string has a spelling
	return doc
}

// TestActions asks for each, then does it.
func TestActions(t *testing.T) {
	const anna = "/satellites/192.0.2.7:2004"
	tests := []struct{ name, method, reason, to string }{
		{"ping", "relay.send_ping", "", anna + "?done=ping"},
		{"pause", "relay.pause", "because <b>", anna + "?done=pause"},
		{"resume", "relay.resume", "", anna + "?done=resume"},
		{"pin", "relay.pin", "", anna + "?done=pin"},
		{"unpin", "relay.unpin", "", anna + "?done=unpin"},
		{"remove", "relay.remove", "", "/satellites?done=remove"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, calls := actionSite(true, ok)
			asked := get(h, "GET", anna+"/"+tt.name)
			inspect(t, anna+"/"+tt.name, asked.Body.String())
			if asked.Code != 200 || len(*calls) > 0 || !strings.Contains(asked.Body.String(), `<form class="call" method="post"`) {
				t.Errorf("GET: %d, calls %q, want a form and none", asked.Code, *calls)
			}
			done := send(h, anna+"/"+tt.name, form("reason", tt.reason))
			want := map[string]any{"host_id": "192.0.2.7:2004"}
			if tt.reason != "" {
				want["reason"] = tt.reason
			}
			doc, err := wire.AppendCall(nil, tt.method, want)
			if err != nil {
				t.Fatal(err)
			}
			if done.Code != http.StatusSeeOther || done.Header().Get("Location") != tt.to || len(*calls) != 1 || (*calls)[0] != string(doc) {
				t.Errorf("POST: %d to %q, calls %q, want 303 to %q and %s", done.Code, done.Header().Get("Location"), *calls, tt.to, doc)
			}
			after := get(h, "GET", tt.to).Body.String()
			inspect(t, tt.to, after)
			if !strings.Contains(after, `<p class="done" role="status">The satellite `) || strings.Contains(after, "In the address:") {
				t.Errorf("GET %s does not say what was done:\n%s", tt.to, after)
			}
		})
	}
}

// TestActionsThatFail says why, and does nothing where that is due.
func TestActionsThatFail(t *testing.T) {
	fault := func(code int) func(string) []byte {
		return func(string) []byte { return wire.AppendFault(nil, wire.Fault{Code: code, String: evil}) }
	}
	const path = "/satellites/192.0.2.7:2004/pause"
	tests := map[string]struct {
		operator bool
		answer   func(string) []byte
		status   int
	}{
		"not permitted": {false, fault(wire.NotPermitted), 403},
		"a fault":       {true, fault(1), 409},
		"no answer":     {true, func(string) []byte { return []byte("<html>") }, 500},
	}
	for name, tt := range tests {
		h, _ := actionSite(tt.operator, tt.answer)
		w := send(h, path, form("reason", evil))
		inspect(t, name, w.Body.String())
		if w.Code != tt.status || !strings.Contains(w.Body.String(), "It was not done") || strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: %d, want %d and why:\n%s", name, w.Code, tt.status, w.Body)
		}
	}
	h, _ := actionSite(false, ok)
	for _, path := range []string{path, "/satellites/192.0.2.7:2004"} {
		page := get(h, "GET", path).Body.String()
		inspect(t, path, page)
		if strings.Contains(page, `method="post"`) || strings.Contains(page, "/remove") {
			t.Errorf("GET %s offers an action to those who may not", path)
		}
	}
	h, calls := actionSite(true, ok)
	for _, path := range []string{"/satellites/192.0.2.9:1/pause", "/satellites/192.0.2.7:2004/explode", "/satellites/192.0.2.7:2004/pause/now"} {
		for _, verb := range []string{"GET", "POST"} {
			w := get(h, verb, path)
			if w.Code != 404 || len(*calls) > 0 {
				t.Errorf("%s %s = %d, calls %q, want 404 and none", verb, path, w.Code, *calls)
			}
		}
	}
	if page := get(h, "GET", "/?done="+url.QueryEscape(evil)).Body.String(); strings.Contains(page, "<script>") || strings.Contains(page, `class="done"`) {
		t.Error("an address says what was done")
	}
}

// remote answers for a satellite. What it does not know is a fault.
func remote(t *testing.T, answers map[string]any) (func(context.Context, string, []byte) ([]byte, string, error), *[]string) {
	var called []string
	return func(_ context.Context, hostID string, call []byte) ([]byte, string, error) {
		c, err := wire.ParseCall(call, "", wire.Limits{})
		if err != nil || hostID != anna.HostID {
			t.Fatalf("the call to %s %q: %v", hostID, call, err)
		}
		called = append(called, c.Method)
		v, ok := answers[c.Method]
		if !ok {
			return wire.AppendFault(nil, wire.Fault{Code: wire.MethodNotFound, String: "no " + evil}), "", nil
		}
		doc, err := wire.AppendResponse(nil, v)
		return doc, "", err
	}, &called
}

// TestMethodsOfASatellite asks servers of several kinds what they can do.
func TestMethodsOfASatellite(t *testing.T) {
	type list = []any
	type dict = map[string]any
	names := list{"ping", "tempo.set", "notify", "../x", "a/b", "", strings.Repeat("x", 300), evil}
	tests := map[string]struct {
		answers map[string]any
		want    string // a field of tempo.set
	}{
		"ours": {dict{
			"sys.listMethods": names, "sys.methodHelp": "Sets " + evil,
			"sys.methodSignature": dict{"params": list{dict{"name": evil, "type": "struct", "doc": evil, "members": list{dict{"name": "tempo", "type": "int", "doc": "in beats"}, dict{"name": evil, "type": "int", "optional": true}}}}, "result": dict{"type": "struct", "doc": evil, "members": list{dict{"name": evil, "type": "string", "doc": evil}}}},
		}, `<code>tempo</code> <span class="small">int</span>`},
		"co2 of 2003": {dict{
			"co2.get_method_names": names, "co2.get_method_help": "Sets it.",
			"co2.get_method_signature": dict{"args": list{"param_dict"}, "args_d": dict{"param_dict": dict{}}, "args_v": list{}, "args_kw": list{}},
		}, `<code>param_dict</code> <span class="small">string, optional</span>`},
		"most others": {dict{
			"system.listMethods": names, "system.methodHelp": "", "system.methodSignature": list{list{"string", "int"}, list{"string", "int", "double"}},
		}, `<code>param 2</code> <span class="small">double, optional</span>`},
		"one without signatures": {dict{"system.listMethods": names, "system.methodSignature": "undef"}, `<code>params</code>`},
		"one that lies": {dict{
			"sys.listMethods": names, "sys.methodHelp": strings.Repeat("x", 1<<20),
			"sys.methodSignature": dict{"params": list{5, dict{"type": evil, "name": 7, "members": "x"}, nil, dict{"type": "array", "item": list{}}}, "result": "x"},
		}, `name="v.p1"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := site(anna)
			s.Operator = func(*http.Request) bool { return true }
			tt.answers["tempo.set"] = dict{"was": evil}
			call, called := remote(t, tt.answers)
			s.CallSatellite = call
			h := web.Handler(s)
			const path = "/satellites/192.0.2.7:2004/methods"
			page := get(h, "GET", path).Body.String()
			doc := inspect(t, path, page)
			for _, want := range []string{path + "/ping", path + "/tempo.set", path + "/..%2Fx", path + "/a%2Fb"} {
				if !strings.Contains(page, `<a href="`+want+`">`) {
					t.Errorf("the list lacks a link to %s:\n%s", want, page)
				}
			}
			for _, link := range doc.links {
				if w := get(h, "GET", link); w.Code != 200 && strings.HasPrefix(link, path) {
					t.Errorf("GET %s = %d", link, w.Code)
				}
			}
			page = get(h, "GET", path+"/tempo.set").Body.String()
			inspect(t, path+"/tempo.set", page)
			if !strings.Contains(page, tt.want) || strings.Contains(page, "<script>") || len(page) > 200<<10 {
				t.Errorf("the form lacks %q:\n%s", tt.want, page)
			}
			*called = nil
			page = send(h, path+"/tempo.set", form("do", "call", "v.p0.0", "5", "v.p0", "5")).Body.String()
			inspect(t, path+"/tempo.set", page)
			if !strings.Contains(page, "A result after") || (*called)[len(*called)-1] != "tempo.set" {
				t.Errorf("calls %q, want tempo.set and its result:\n%s", *called, page)
			}
			*called = nil
			page = send(h, path+"/notify", form("do", "call", "v.p0", "5")).Body.String()
			if inspect(t, path+"/notify", page); !strings.Contains(page, "no form sends it") || len(*called) > 0 && (*called)[len(*called)-1] == "notify" {
				t.Errorf("calls %q, want no notify", *called)
			}
		})
	}
}

// TestSatellitesAreAskedForOperatorsAlone makes no call for others, and none
// because another site wants it.
func TestSatellitesAreAskedForOperatorsAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		operator bool
		site     string
		asked    bool
	}{
		"an operator":            {true, "", true},
		"one who follows a link": {true, "same-origin", true},
		"one who types it":       {true, "none", true},
		"anybody":                {false, "", false},
		"another site":           {true, "cross-site", false},
		"a neighbour":            {true, "same-site", false},
	} {
		call, called := remote(t, map[string]any{"sys.listMethods": []any{"ping"}, "ping": "OK"})
		s := site(anna)
		s.Operator = func(*http.Request) bool { return tt.operator }
		s.CallSatellite = call
		h := web.Handler(s)
		for _, path := range []string{"/methods", "/methods/ping"} {
			*called = nil
			r := httptest.NewRequest("GET", "/satellites/192.0.2.7:2004"+path, nil)
			r.Header.Set("Sec-Fetch-Site", tt.site)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			inspect(t, path, w.Body.String())
			if w.Code != 200 || (len(*called) > 0) != tt.asked {
				t.Errorf("%s at %s: %d, calls %q, want asked %v", name, path, w.Code, *called, tt.asked)
			}
		}
	}
}
