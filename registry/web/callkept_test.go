package web_test

import (
	"cmp"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"co2/methods"
	"co2/registry/web"
)

// inputsOf are the names and values that a browser would send with the first
// form of a page, but for buttons.
func inputsOf(t *testing.T, page string) url.Values {
	t.Helper()
	sent := url.Values{}
	z := html.NewTokenizer(strings.NewReader(page))
	forms, list, text := 0, "", "" // list and text: the select and textarea that it is in
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return sent
		}
		tok := z.Token()
		attrs := map[string]string{}
		for _, a := range tok.Attr {
			attrs[a.Key] = a.Val
		}
		_, chosen := attrs["selected"]
		switch {
		case kind == html.StartTagToken && tok.Data == "form":
			forms++
		case forms != 1:
		case kind == html.TextToken && text != "":
			sent.Set(text, sent.Get(text)+strings.TrimPrefix(tok.Data, "\n"))
		case kind == html.EndTagToken && tok.Data == "textarea":
			text = ""
		case kind == html.EndTagToken && tok.Data == "form":
			return sent
		case kind != html.StartTagToken:
		case tok.Data == "select":
			list = attrs["name"]
		case tok.Data == "textarea":
			text = attrs["name"]
			sent.Set(text, "")
		case tok.Data == "option" && chosen:
			sent.Set(list, attrs["value"])
		case attrs["type"] == "checkbox" && !strings.Contains(tok.String(), " checked"):
		case tok.Data == "input" && attrs["name"] != "":
			sent.Add(attrs["name"], attrs["value"])
		}
	}
}

// TestPickedTypesThrowNothingAway picks the type of a value after something
// was typed, and calls without having seen its inputs.
func TestPickedTypesThrowNothingAway(t *testing.T) {
	m := web.Method{Name: "x.any", Signature: "x.any(undef)", Help: "Takes any.", Access: "public", Params: []methods.Shape{{Name: "data", Type: "undef"}}}
	for name, tt := range map[string]struct {
		typed  []string
		picked string
		keeps  string // what is on the page afterwards
		shows  string // the input of the new type
	}{
		"text, then struct":   {[]string{"v.p0", `{"a":1}`}, "struct", `value="{&#34;a&#34;:1}"`, `name="v.p0.0"`},
		"text, then array":    {[]string{"v.p0", "a\r\nb"}, "array", "a\r\nb", `name="v.p0.0"`},
		"text, then nil":      {[]string{"v.p0", "gone"}, "nil", `value="gone"`, `value="nil"`},
		"text, then boolean":  {[]string{"v.p0", "perhaps"}, "boolean", `<option value="perhaps" selected>`, `<option>true</option>`},
		"text, then int":      {[]string{"v.p0", "perhaps"}, "int", `value="perhaps"`, `inputmode="numeric"`},
		"members, then text":  {[]string{"t.p0", "struct", "s.p0", "struct", "n.p0", "2", "k.p0.1", "tempo", "t.p0.1", "int", "v.p0.1", "120"}, "string", `value="tempo"`, `<textarea id="v.p0"`},
		"members, then array": {[]string{"t.p0", "struct", "s.p0", "struct", "k.p0.0", "tempo", "v.p0.0", "120"}, "array", `value="tempo"`, `name="v.p0.0"`},
		"items, then struct":  {[]string{"t.p0", "array", "s.p0", "array", "v.p0.0", "120"}, "struct", "120", `name="k.p0.0"`},
		"text in a row":       {[]string{"t.p0", "array", "s.p0", "array", "s.p0.0", "string", "v.p0.0", "deep", "t.p0.0", "struct"}, "array", `value="deep"`, `name="k.p0.0.0"`},
		"text of an old form": {[]string{"v.p0", "text", "s.p0", "struct"}, "struct", `value="text"`, `name="v.p0.0"`},
	} {
		t.Run(name, func(t *testing.T) {
			h, calls := callSite(m)
			f := form(tt.typed...)
			f.Set("do", "call")
			f.Set("t.p0", tt.picked)
			page := send(h, "/methods/x.any", f).Body.String()
			inspect(t, "/methods/x.any", page)
			if len(*calls) > 0 || !strings.Contains(page, "The call was not made") || !strings.Contains(page, tt.keeps) || !strings.Contains(page, tt.shows) {
				t.Fatalf("calls %q, want none, and a page with %s and %s:\n%s", *calls, tt.keeps, tt.shows, page)
			}
			back := inputsOf(t, page)
			back.Set("do", "show")
			back.Set("t.p0", cmp.Or(form(tt.typed...).Get("t.p0"), "string"))
			again := inputsOf(t, send(h, "/methods/x.any", back).Body.String())
			for field, typed := range form(tt.typed...) {
				if field[:2] != "s." && again.Get(field) != strings.ReplaceAll(typed[0], "\r\n", "\n") && again.Get(field) != typed[0] {
					t.Errorf("with the type changed back %s holds %q, want %q", field, again.Get(field), typed[0])
				}
			}
		})
	}
}

// TestPickedTypesAreSentOnceSeen fills in the inputs of a type that was picked
// after something else was typed.
func TestPickedTypesAreSentOnceSeen(t *testing.T) {
	m := web.Method{Name: "x.any", Signature: "x.any(undef)", Help: "Takes any.", Access: "public", Params: []methods.Shape{{Name: "data", Type: "undef"}}}
	h, calls := callSite(m)
	f := inputsOf(t, send(h, "/methods/x.any", form("do", "call", "v.p0", "text", "t.p0", "struct")).Body.String())
	f.Set("do", "call")
	if page := send(h, "/methods/x.any", f).Body.String(); len(*calls) > 0 || !strings.Contains(page, "The call was not made") {
		t.Errorf("calls %q, want none: an empty struct is not what was typed", *calls)
	}
	f.Set("k.p0.0", "tempo")
	f.Set("v.p0.0", "120")
	send(h, "/methods/x.any", f)
	if len(*calls) != 1 || !strings.Contains((*calls)[0], "<name>tempo</name>") || strings.Contains((*calls)[0], "text") {
		t.Errorf("calls %q, want one with the member that was given", *calls)
	}
}
