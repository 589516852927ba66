package web_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/web"
)

// TestBidiControlsAreShown: what strangers write cannot order the text of a
// page about. What a person edits stays as it is.
func TestBidiControlsAreShown(t *testing.T) {
	const turned, shown = "a\u202Eb\u2066c", "a[U+202E]b[U+2066]c"
	const path = "/satellites/192.0.2.7:2004"
	satellite := anna
	satellite.Nick, satellite.Reason, satellite.Plugins = turned, turned, []string{turned}
	s := site(satellite)
	s.Operator = func(*http.Request) bool { return true }
	s.Properties = func() []web.Property { return []web.Property{{Name: "plugins", Value: turned, Doc: "loaded plugins"}} }
	s.Methods = func() []web.Method {
		return []web.Method{{Name: "x", Signature: "x(" + turned + ")", Help: turned, Access: "public", Params: []methods.Shape{{Name: turned, Type: "string", Doc: turned}}}}
	}
	answer, err := wire.AppendResponse(nil, map[string]any{turned: turned})
	if err != nil {
		t.Fatal(err)
	}
	s.Call = func(context.Context, []byte) []byte { return answer }
	s.CallSatellite, _ = remote(t, map[string]any{"system.listMethods": []any{turned, "tempo"}, "system.methodHelp": turned})
	h := web.Handler(s)
	pages := map[string]string{"the answer": send(h, "/methods/x", form("do", "call", "v.p0", turned)).Body.String()}
	for _, at := range []string{"/", "/satellites", path, path + "/methods", path + "/methods/tempo", "/methods", "/methods/x"} {
		pages[at] = get(h, "GET", at).Body.String()
	}
	edited := regexp.MustCompile(`(?s)<textarea[^>]*>.*?</textarea>|<[^>]*>`)
	for at, page := range pages {
		inspect(t, at, page)
		if text := edited.ReplaceAllString(page, " "); strings.ContainsAny(text, "\u202E\u2066") || !strings.Contains(text, shown) {
			t.Errorf("%s does not show the controls:\n%s", at, page)
		}
	}
	page := pages["the answer"]
	for _, want := range []string{`value="` + turned + `"`, "&lt;string&gt;a&amp;#x202E;b&amp;#x2066;c&lt;/string&gt;", `<bdi class="value">` + shown} {
		if !strings.Contains(page, want) {
			t.Errorf("the answer lacks %q:\n%s", want, page)
		}
	}
	raw := `<?xml version="1.0"?><methodCall><methodName>x</methodName><params><param><value>` + turned + `</value></param></params></methodCall>`
	if page := send(h, "/methods/x", form("do", "raw", "xml", raw)).Body.String(); !strings.Contains(page, turned+"&lt;/value&gt;") {
		t.Errorf("the XML that was typed came back otherwise:\n%s", page)
	}
}
