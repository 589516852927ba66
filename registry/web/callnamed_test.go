package web_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"co2/methods/wire"
	"co2/registry/web"
)

// TestEveryNameHasAPage follows the links to the methods of a satellite as a
// browser does, which resolves them, and has each method asked for its help.
func TestEveryNameHasAPage(t *testing.T) {
	names := []string{".", "..", "./", "../", "..//", "...", ".x", "x", "a/b", "a//b", "/", "%2E%2E", "%2e", "?a=b", "#x", "ü &<>", "a b"}
	for _, name := range names {
		var asked []string
		s := relaySite(0)
		s.Network = &fakeNetwork{satellites: few[:1]}
		s.CallSatellite = func(_ context.Context, _ string, doc []byte) ([]byte, string, error) {
			call, err := wire.ParseCall(doc, "", wire.Limits{})
			if err != nil {
				return nil, "", err
			}
			var about string
			if call.Method == "sys.methodHelp" && call.Decode(0, &about) == nil {
				asked = append(asked, about)
			}
			answer, err := wire.AppendResponse(nil, []string{name})
			return answer, "", err
		}
		h := web.Handler(s)
		list := "/satellites/" + url.PathEscape(few[0].HostID) + "/methods"
		here := &url.URL{Scheme: "http", Host: "localhost", Path: list}
		links := inspect(t, list, get(h, "GET", list).Body.String()).links
		asked = nil // the list may tell of each
		for _, link := range links {
			if ref, err := url.Parse(link); err == nil && strings.HasPrefix(link, list+"/") {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", resolved(here, ref), nil))
			}
		}
		if !slices.Contains(asked, name) {
			t.Errorf("no link leads to the method %q, but to %q", name, asked)
		}
	}
}

var dots = strings.NewReplacer("%2E", ".", "%2e", ".")

// resolved is where a browser goes: to it, %2E in any case is a dot.
func resolved(from, to *url.URL) string {
	spelled := dots.Replace(to.EscapedPath())
	u := url.URL{Path: spelled, RawQuery: to.RawQuery}
	if plain, err := url.PathUnescape(spelled); err == nil {
		u.Path, u.RawPath = plain, spelled
	}
	return from.ResolveReference(&u).RequestURI()
}
