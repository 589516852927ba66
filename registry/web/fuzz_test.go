package web_test

import (
	"net/http/httptest"
	"testing"

	"co2/registry/web"
)

// FuzzAddresses asks lists for whatever an address can say: each answer is a
// sound page.
func FuzzAddresses(f *testing.F) {
	for _, query := range []string{
		"", "state=up&sort=ping&order=asc&rows=25&page=2&q=sat", "page=-1&page=2", "q=%ff%00&sort=%3Cscript%3E", "rows=9e9;&%zz=1&&=", "payloads=1&span=6h&q=%22%27",
	} {
		f.Add(query)
	}
	h := web.Handler(relaySite(3))
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/satellites", "/messages"} {
			r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
			r.URL.RawQuery = query
			h.ServeHTTP(w, r)
			if w.Code != 200 {
				t.Fatalf("GET %s?%q = %d", path, query, w.Code)
			}
			inspect(t, path+"?"+query, w.Body.String())
		}
	})
}
