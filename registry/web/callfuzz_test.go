package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"co2/methods"
	"co2/methods/wire"
	"co2/registry/web"
)

// FuzzForms posts anything to a form: the page stays sound and bounded, text
// stays text, and what is called is a call of the page's method.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		"do=call&v.p0.1=1", "do=call&v.p0.1=1&v.p0.0=%3Cscript%3E&v.p0.10=hunter2", "do=add+p0.6&n.p0.6=2", "do=show&t.p0.8=array&n.p0.8=50&t.p0.8.0=struct",
		"do=raw&xml=%3CmethodCall%3E", "do=call&v.p0.1=1&t.p0.8=json&v.p0.8=%7B%22a%22%3A%5B1%5D%7D", "do=call&v.p0.1=1&n.p0.9=2&k.p0.9.0=a&k.p0.9.1=__proto__&v.p0.9.1=%22",
		"%", "do=call;v.p0.1=1", "&&=&=", "do=call&v.p0.1=1&v.p0.4=2026-11-21T04%3A05", "do=call&v.p0.1=1&v.p0.5=%FF",
	} {
		f.Add(seed)
	}
	m := web.Method{Name: "x.all", Signature: "x.all(struct)", Help: "Takes all.", Access: "public", Params: []methods.Shape{everything}}
	h, calls := callSite(m)
	f.Fuzz(func(t *testing.T, body string) {
		*calls = nil
		r := httptest.NewRequest("POST", "/methods/x.all", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		page := w.Body.String()
		inspect(t, "/methods/x.all", page)
		if w.Code != 200 || strings.Contains(page, "<script>") || len(page) > 8<<20 {
			t.Errorf("status %d and a page of %d octets for %.200q", w.Code, len(page), body)
		}
		for _, doc := range *calls {
			c, err := wire.ParseCall([]byte(doc), "utf-8", wire.Limits{})
			if err != nil || c.Method != "x.all" {
				t.Errorf("%.200q made the call %.200q", body, doc)
			} else if _, err := c.Len(); err != nil {
				t.Errorf("%.200q made a call that cannot be read: %v", body, err)
			}
		}
	})
}
