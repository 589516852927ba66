package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"co2/methods"
	"co2/registry/web"
)

// TestRowsComeAndGo adds rows and removes them, and follows the focus.
func TestRowsComeAndGo(t *testing.T) {
	m := web.Method{Name: "x.all", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}}
	for name, tt := range map[string]struct {
		form   []string
		focus  string
		has    []string
		hasNot []string
	}{
		"a struct is added":    {[]string{"do", "add p0.6", "n.p0.6", "2"}, "v.p0.6.2.0", []string{`name="n.p0.6" value="3"`}, nil},
		"a member is added":    {[]string{"do", "add p0.9", "n.p0.9", "1", "k.p0.9.0", "tempo"}, "k.p0.9.1", []string{`value="tempo"`}, nil},
		"an item is added":     {[]string{"do", "add p0.8", "t.p0.8", "array"}, "t.p0.8.1", nil, nil},
		"the first is removed": {[]string{"do", "remove p0.9.0", "n.p0.9", "3", "k.p0.9.0", "gone", "k.p0.9.1", "one", "t.p0.9.1", "array", "n.p0.9.1", "2", "v.p0.9.1.1", "within", "k.p0.9.2", "two"}, "k.p0.9.0", []string{`name="n.p0.9" value="2"`, `name="k.p0.9.0" value="one"`, `name="k.p0.9.1" value="two"`, "within"}, []string{"gone"}},
		"the last is removed":  {[]string{"do", "remove p0.9.1", "n.p0.9", "2", "k.p0.9.0", "one", "k.p0.9.1", "gone"}, "k.p0.9.0", []string{`name="n.p0.9" value="1"`, "one"}, []string{"gone"}},
		"the only one is":      {[]string{"do", "remove p0.9.0", "n.p0.9", "1", "k.p0.9.0", "gone"}, "k.p0.9.0", []string{`name="n.p0.9" value="1"`}, []string{"gone"}},
		"none is":              {[]string{"do", "remove p0.9.-1", "k.p0.9.0", "one"}, "", []string{"one"}, nil},
		"a type is changed":    {[]string{"do", "show p0.8", "t.p0.8", "json"}, "v.p0.8", nil, nil},
		"a struct is wanted":   {[]string{"do", "show p0.8", "t.p0.8", "struct"}, "k.p0.8.0", nil, nil},
		"nil is wanted":        {[]string{"do", "show p0.8", "t.p0.8", "nil"}, "t.p0.8", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h, calls := callSite(m)
			page := send(h, "/methods/x.all", form(tt.form...)).Body.String()
			inspect(t, name, page)
			for _, want := range tt.has {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			for _, no := range tt.hasNot {
				if strings.Contains(page, no) {
					t.Errorf("the page has %s", no)
				}
			}
			focused := 0
			for tag := range strings.SplitSeq(page, "<") {
				if tag, _, _ = strings.Cut(tag, ">"); strings.Contains(tag, " autofocus") {
					focused++
					if !strings.Contains(tag, `id="`+tt.focus+`"`) {
						t.Errorf("the focus is on <%s>, want %s", tag, tt.focus)
					}
				}
			}
			if want := min(len(tt.focus), 1); focused != want || len(*calls) > 0 {
				t.Errorf("%d elements have the focus, want %d; calls %q", focused, want, *calls)
			}
		})
	}
}

// TestUntoldParams calls a method of which nothing is known but its name with
// as many params as are given.
func TestUntoldParams(t *testing.T) {
	s := site(anna)
	s.Operator = func(*http.Request) bool { return true }
	const help = "Adds numbers.\n\na: a number\nb: another"
	answers, _ := remote(t, map[string]any{"system.methodSignature": "signatures not supported", "system.methodHelp": help, "add": 5})
	var sent []string
	s.CallSatellite = func(ctx context.Context, hostID string, call []byte) ([]byte, string, error) {
		sent = append(sent, string(call))
		return answers(ctx, hostID, call)
	}
	h := web.Handler(s)
	const path = "/satellites/192.0.2.7:2004/methods/add"
	page := get(h, "GET", path).Body.String()
	inspect(t, path, page)
	if !strings.Contains(page, help) {
		t.Errorf("the page lacks a part of the help:\n%s", page)
	}
	if strings.Contains(page, `name="e.p"`) || strings.Contains(page, `<span class="small">array`) {
		t.Errorf("the params are shown as one value, an array:\n%s", page)
	}
	f := inputsOf(t, page)
	for i, number := range []string{"2", "x", "3"} {
		row := "p." + string(rune('0'+i))
		f.Set("t."+row, "int")
		f.Set("v."+row, number)
		f.Set("do", "add p")
		page = send(h, path, f).Body.String()
		inspect(t, path, page)
		f = inputsOf(t, page)
	}
	f.Set("do", "remove p.1")
	f = inputsOf(t, send(h, path, f).Body.String())
	f.Set("do", "call")
	page = send(h, path, f).Body.String()
	inspect(t, path, page)
	const params = "<params><param><value><int>2</int></value></param><param><value><int>3</int></value></param></params>"
	if last := sent[len(sent)-1]; !strings.Contains(strings.Join(strings.Fields(last), ""), params) || !strings.Contains(page, "A result after") {
		t.Errorf("the call is %s, want two params, and its result:\n%s", last, page)
	}
	f.Set("v.p.0", "")
	f.Set("t.p.0", "string")
	if page := send(h, path, f).Body.String(); !strings.Contains(page, "give this one too") {
		t.Errorf("a param is left out before another one:\n%s", page)
	}
}
