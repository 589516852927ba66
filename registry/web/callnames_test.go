package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"co2/methods/wire"
	"co2/registry/web"
)

// TestSatellitesThatTellLittle asks for methods where there is no list.
func TestSatellitesThatTellLittle(t *testing.T) {
	const path = "/satellites/192.0.2.7:2004/methods"
	post := func(err error) error { return &url.Error{Op: "Post", URL: "http://192.0.2.7:2004/RPC2", Err: err} }
	fault := wire.AppendFault(nil, wire.Fault{Code: 1, String: `<class 'Exception'>:method "system.listMethods" is not supported`})
	for name, tt := range map[string]struct {
		answer []byte
		err    error
		paused bool
		want   []string
		wantNo []string
	}{
		"a fault":        {fault, nil, false, []string{"It answered after", "fault 1", `href="` + path + `/ping"`, `name="method"`}, []string{"No answer", "No list"}},
		"it hangs":       {nil, post(context.DeadlineExceeded), false, []string{"it took longer than these pages wait", `name="method"`}, []string{"deadline", "Post", "context"}},
		"a slow net":     {nil, post(os.ErrDeadlineExceeded), false, []string{"it took longer than these pages wait"}, []string{"i/o timeout", "Post"}},
		"a closed port":  {nil, post(fmt.Errorf("dial tcp: %w", syscall.ECONNREFUSED)), false, []string{"nothing listens at its address"}, []string{"dial", "Post"}},
		"something else": {nil, post(errors.New("strange " + evil)), false, []string{"strange &lt;"}, []string{"Post"}},
		"no list":        {[]byte("<html>"), nil, false, []string{"No list after"}, []string{"It answered"}},
		"paused":         {fault, nil, true, []string{"it is paused", `href="/satellites/192.0.2.7:2004/resume"`}, []string{"relay.resume", "It answered"}},
	} {
		t.Run(name, func(t *testing.T) {
			satellite := anna
			satellite.Paused = tt.paused
			s := site(satellite)
			s.Operator = func(*http.Request) bool { return true }
			s.Call = func(context.Context, []byte) []byte { return nil }
			asked := false
			s.CallSatellite = func(context.Context, string, []byte) ([]byte, string, error) {
				asked = true
				return tt.answer, "", tt.err
			}
			h := web.Handler(s)
			page := get(h, "GET", path).Body.String()
			inspect(t, path, page)
			for _, want := range tt.want {
				if !strings.Contains(page, want) {
					t.Errorf("the list lacks %q:\n%s", want, page)
				}
			}
			for _, no := range tt.wantNo {
				if strings.Contains(page, no) {
					t.Errorf("the list says %q:\n%s", no, page)
				}
			}
			one := send(h, path+"/ping", form("do", "call")).Body.String()
			inspect(t, path+"/ping", one)
			if tt.err != nil && !strings.Contains(one, tt.want[0]) || tt.paused && !strings.Contains(one, tt.want[1]) {
				t.Errorf("its method lacks %q:\n%s", tt.want, one)
			}
			if asked == tt.paused {
				t.Errorf("asked %v, and it is paused %v", asked, tt.paused)
			}
		})
	}
}

// TestFirstFaultThatTells: of several answers that are faults the page shows
// the first that says more than that there is no such method.
func TestFirstFaultThatTells(t *testing.T) {
	s := site(anna)
	s.Operator = func(*http.Request) bool { return true }
	faults := []wire.Fault{{Code: wire.MethodNotFound, String: "none"}, {Code: 7, String: "telling"}, {Code: 8, String: "later"}}
	s.CallSatellite = func(context.Context, string, []byte) ([]byte, string, error) {
		fault := faults[0]
		faults = faults[1:]
		return wire.AppendFault(nil, fault), "", nil
	}
	if page := get(web.Handler(s), "GET", "/satellites/192.0.2.7:2004/methods").Body.String(); !strings.Contains(page, "fault 7") {
		t.Errorf("the page lacks fault 7:\n%s", page)
	}
}

// TestMethodsOfASatelliteByName leads to the page of a method that is typed.
func TestMethodsOfASatelliteByName(t *testing.T) {
	s := site(anna)
	s.Operator = func(*http.Request) bool { return true }
	s.CallSatellite, _ = remote(t, map[string]any{})
	h := web.Handler(s)
	const path = "/satellites/192.0.2.7:2004/methods"
	for name, want := range map[string]string{"add": path + "/add", "../x?a": path + "/..%2Fx%3Fa", evil: path + "/" + url.PathEscape(evil)} {
		w := get(h, "GET", path+"?method="+url.QueryEscape(name))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%q leads to %d %q, want 303 %q", name, w.Code, w.Header().Get("Location"), want)
		} else if page := get(h, "GET", want); page.Code != 200 {
			t.Errorf("GET %s = %d", want, page.Code)
		}
	}
}

// TestMethodsOfASatelliteWithHelp shows what each of them does, as far as that
// is told.
func TestMethodsOfASatelliteWithHelp(t *testing.T) {
	many := func(n int, more ...string) (names []any) {
		for i := range n {
			names = append(names, fmt.Sprintf("m%03d", i))
		}
		for _, name := range more {
			names = append(names, name)
		}
		return names
	}
	const help = "Sets the tempo. In beats.\nMore"
	for name, tt := range map[string]struct {
		answers map[string]any
		shown   int // how many have a sentence
		calls   int // at most
	}{
		"one by one":      {map[string]any{"system.listMethods": many(60), "system.methodHelp": help}, 50, 55},
		"all at once":     {map[string]any{"sys.listMethods": many(60, "system.multicall"), "system.multicall": []any{[]any{help}, map[string]any{"faultCode": 1, "faultString": "x"}, []any{help}}}, 2, 5},
		"more than asked": {map[string]any{"sys.listMethods": many(1, "system.multicall"), "system.multicall": []any{[]any{help}, []any{help}, []any{help}}}, 2, 5},
		"none":            {map[string]any{"sys.listMethods": many(60, "system.multicall")}, 0, 5},
		"a number":        {map[string]any{"co2.get_method_names": many(2), "co2.get_method_help": 5}, 0, 10},
	} {
		t.Run(name, func(t *testing.T) {
			s := site(anna)
			s.Operator = func(*http.Request) bool { return true }
			call, called := remote(t, tt.answers)
			s.CallSatellite = call
			page := get(web.Handler(s), "GET", "/satellites/192.0.2.7:2004/methods").Body.String()
			inspect(t, name, page)
			if n := strings.Count(page, "<bdi>Sets the tempo.</bdi>"); n != tt.shown || len(*called) > tt.calls {
				t.Errorf("%d methods have a sentence, want %d; %d calls, want %d at most", n, tt.shown, len(*called), tt.calls)
			}
		})
	}
}
