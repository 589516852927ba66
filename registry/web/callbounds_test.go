package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"co2/methods/wire"
	"co2/registry/web"
)

// TestSatellitesTellNoMoreThanAPage has a satellite list more methods, and one
// of them more params, than a page shows.
func TestSatellitesTellNoMoreThanAPage(t *testing.T) {
	s := relaySite(0)
	s.Network = &fakeNetwork{satellites: few[:1]}
	s.CallSatellite = func(_ context.Context, _ string, doc []byte) ([]byte, string, error) {
		call, err := wire.ParseCall(doc, "", wire.Limits{})
		if err != nil {
			return nil, "", err
		}
		var answer any = "Helps."
		switch call.Method {
		case "sys.listMethods":
			var names []string
			for i := range 1500 {
				names = append(names, fmt.Sprintf("m%04d", i))
			}
			answer = names
		case "sys.methodSignature":
			var params []any
			for i := range 700 {
				params = append(params, map[string]any{"name": fmt.Sprintf("p%04d", i), "type": "int"})
			}
			answer = map[string]any{"params": params}
		}
		doc, err = wire.AppendResponse(nil, answer)
		return doc, "", err
	}
	h := web.Handler(s)
	one := "/satellites/" + few[0].HostID + "/methods"
	page := get(h, "GET", one).Body.String()
	if n := strings.Count(page, `href="`+one+`/m`); n != 1000 || !strings.Contains(page, "500 names more") {
		t.Errorf("of 1500 methods %d are listed, want 1000 and how many are left out", n)
	}
	page = get(h, "GET", one+"/m0001").Body.String()
	if !strings.Contains(page, "<code>p0499</code>") || strings.Contains(page, "<code>p0500</code>") {
		t.Errorf("of 700 params the form has up to p0499: %v, and more: %v", strings.Contains(page, "<code>p0499</code>"), strings.Contains(page, "<code>p0500</code>"))
	}
}

// TestSatellitesThatHang are given up on together with all their questions.
func TestSatellitesThatHang(t *testing.T) {
	for _, page := range []string{"", "/m"} {
		synctest.Test(t, func(t *testing.T) {
			s := relaySite(0)
			s.Network = &fakeNetwork{satellites: few[:1]}
			s.CallSatellite = func(ctx context.Context, _ string, _ []byte) ([]byte, string, error) {
				select {
				case <-ctx.Done():
				case <-time.After(time.Hour):
				}
				return nil, "", context.DeadlineExceeded
			}
			h := web.Handler(s)
			began := time.Now()
			if w := get(h, "GET", "/satellites/"+few[0].HostID+"/methods"+page); w.Code != 200 || time.Since(began) > 8*time.Second {
				t.Errorf("the page %q is %d after %v, want 200 within 8 s", page, w.Code, time.Since(began))
			}
		})
	}
}
