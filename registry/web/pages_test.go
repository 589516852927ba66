package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"co2/registry/web"
)

// relaySite is a relay's with a network of n satellites, for an operator.
func relaySite(n int) web.Site {
	s := site()
	s.Network = crowd(n)
	s.Version = "1.2.3"
	s.Now = func() time.Time { return now }
	s.Operator = func(*http.Request) bool { return true }
	s.Address = func(r *http.Request) string { return "http://" + r.Host + "/RPC2" }
	return s
}

// paths are all pages of a network of n satellites.
func paths(n int) []string {
	list := []string{
		"/", "/?span=6h", "/satellites", "/satellites?state=attention", "/satellites?sort=ping&order=asc&rows=25&page=2", "/satellites?q=" + url.QueryEscape(evil),
		"/messages", "/messages?payloads=1", "/messages?q=zzz", "/events", "/events?q=dump", "/events/codes", "/discovery", "/methods", "/satellites/nobody",
		"/satellites/" + url.PathEscape(evil), "/nope", "/satellites?page=0&rows=7&sort=x&order=up&state=odd&other=" + url.QueryEscape(evil),
	}
	for i := range min(n, 3) {
		list = append(list, "/satellites/"+url.PathEscape(satellite(i).HostID))
	}
	return list
}

// Every page is well formed and keeps to what all pages keep, whatever
// strangers put into it: script and markup in nicks, plugins, reasons,
// payloads, services and addresses are text.
func TestPagesAreSound(t *testing.T) {
	for _, n := range []int{0, 3, 10_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			h := web.Handler(relaySite(n))
			links, evils := map[string]string{}, 0
			for _, path := range paths(n) {
				w := get(h, "GET", path)
				if want := map[bool]int{true: 404, false: 200}[strings.HasPrefix(path, "/satellites/n") || path == "/nope" || path == "/satellites/"+url.PathEscape(evil)]; w.Code != want {
					t.Errorf("GET %s = %d, want %d", path, w.Code, want)
				}
				doc := inspect(t, path, w.Body.String())
				evils += strings.Count(doc.text, "<script>")
				for _, link := range doc.links {
					links[link] = path
				}
			}
			if n > 0 && evils < 100 {
				t.Errorf("the text of strangers shows %d times, want it wherever they put it", evils)
			}
			checkLinks(t, h, links)
		})
	}
}

// checkLinks follows what pages link to, each once.
func checkLinks(t *testing.T, h http.Handler, links map[string]string) {
	for link, from := range links {
		link, _, _ = strings.Cut(link, "#")
		if link == "" || strings.HasPrefix(link, "http://192.0.2.") || strings.HasPrefix(link, "#") {
			continue // a satellite's own pages
		}
		if !strings.HasPrefix(link, "/") || strings.HasPrefix(link, "//") {
			t.Errorf("%s links outside, to %q", from, link)
			continue
		}
		if w := get(h, "GET", link); w.Code != http.StatusOK {
			t.Errorf("%s links to %q, which is %d", from, link, w.Code)
		}
	}
}

// A satellite without a network has its properties and methods alone.
func TestPagesOfASatellite(t *testing.T) {
	s := site()
	s.Kind, s.Network = "satellite", nil
	h := web.Handler(s)
	for _, path := range []string{"/", "/methods"} {
		inspect(t, path, get(h, "GET", path).Body.String())
	}
	for _, path := range []string{"/satellites", "/messages", "/events", "/discovery", "/satellites/x"} {
		if w := get(h, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, w.Code)
		}
	}
}

// Empty pages say the next step.
func TestEmptyPagesSayTheNextStep(t *testing.T) {
	h := web.Handler(relaySite(0))
	for path, want := range map[string]string{
		"/":           "co2 satellite --relay http://example.com",
		"/satellites": "co2 satellite --relay http://example.com",
		"/messages":   "co2 send --relay http://example.com tempo:=120",
		"/events":     "co2 satellite --relay http://example.com",
		"/discovery":  "it is switched off",
	} {
		if page := get(h, "GET", path).Body.String(); !strings.Contains(page, want) {
			t.Errorf("GET %s lacks %q", path, want)
		}
	}
}

// Payloads are shown to operators that ask, and to nobody else.
func TestPayloadsAreOperators(t *testing.T) {
	for _, tt := range []struct {
		path     string
		operator bool
		want     bool
	}{
		{"/messages", true, false}, {"/messages?payloads=0", true, false}, {"/messages?payloads=yes", true, false}, {"/messages?payloads=1", true, true},
		{"/messages", false, false}, {"/messages?payloads=1", false, false}, {"/messages?payloads=1&q=payload", false, false},
	} {
		s := relaySite(3)
		s.Operator = func(*http.Request) bool { return tt.operator }
		page := get(web.Handler(s), "GET", tt.path).Body.String()
		if got := strings.Contains(page, "{&#34;payload&#34;"); got != tt.want {
			t.Errorf("GET %s by an operator (%v) shows payloads: %v, want %v", tt.path, tt.operator, got, tt.want)
		}
		if offered := strings.Contains(page, "Show payloads"); offered != (tt.operator && !tt.want) {
			t.Errorf("GET %s by an operator (%v) offers payloads: %v", tt.path, tt.operator, offered)
		}
	}
	s := relaySite(3)
	s.Operator = nil
	if strings.Contains(get(web.Handler(s), "GET", "/messages?payloads=1").Body.String(), "{&#34;payload&#34;") {
		t.Error("a site without operators shows payloads")
	}
}

// What is switched off is shown to operators alone.
func TestDisabledServicesAreOperators(t *testing.T) {
	for _, operator := range []bool{true, false} {
		s := relaySite(3)
		s.Operator = func(*http.Request) bool { return operator }
		page := get(web.Handler(s), "GET", "/discovery").Body.String()
		if got := strings.Contains(page, "switched off</span>"); got != operator {
			t.Errorf("an operator (%v) sees services that are switched off: %v", operator, got)
		}
		if !operator && !strings.Contains(page, "1 service that is switched off is shown to operators alone") {
			t.Error("others are not told that something is left out")
		}
	}
}

// That the dump is in trouble is told to everybody, with the paths of this host
// to operators alone.
func TestTroubleOfTheDumpIsOperators(t *testing.T) {
	for _, operator := range []bool{true, false} {
		s := relaySite(3)
		s.Network = &fakeNetwork{satellites: few[:1], overview: web.Overview{Dump: web.Dump{Trouble: "open /home/anna/dump.xml: disk full"}}}
		s.Operator = func(*http.Request) bool { return operator }
		page := get(web.Handler(s), "GET", "/").Body.String()
		if !strings.Contains(page, "The dump is in trouble") || strings.Contains(page, "/home/anna") != operator {
			t.Errorf("an operator (%v) is told\n%s", operator, mainOf(page))
		}
	}
}

// The address of a satellite's page leads to it, whatever its host id holds.
func TestAddressesOfSatellites(t *testing.T) {
	for _, id := range []string{"192.0.2.7:2004", "[fe80::1%eth0]:2004", "a/b", "../x", "..", ".", "a?b#c", "ü &<>\"'", "%2e%2e", "a//b"} {
		s := relaySite(0)
		s.Network = &fakeNetwork{satellites: []web.Satellite{{HostID: id, Nick: "the one", State: web.StateUp}}}
		h := web.Handler(s)
		doc := inspect(t, "/satellites", get(h, "GET", "/satellites").Body.String())
		found := false
		for _, link := range doc.links {
			if strings.HasPrefix(link, "/satellites/") {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", link, nil))
				found = w.Code == 200 && strings.Contains(w.Body.String(), "the one")
			}
		}
		if !found {
			t.Errorf("the page of %q cannot be reached from %v", id, doc.links)
		}
	}
}

// Who has left is named, and not linked to.
func TestNobodyWhoLeftIsLinkedTo(t *testing.T) {
	s := relaySite(0)
	s.Network = &fakeNetwork{
		satellites: few[:1], events: []web.Event{{HostID: "192.0.2.9:9", Nick: "gone", Code: "SAT-LEAVE", Words: "deregistered"}, {Code: "DUMP-FAIL"}},
		messages: []web.Message{{Sender: "192.0.2.9:9", Nick: "gone"}, {Sender: few[0].HostID, Nick: few[0].Nick}, {}},
	}
	h := web.Handler(s)
	for path, want := range map[string][]string{
		"/":         {`<bdi title="no longer registered">gone</bdi>`, "deregistered", "the relay"},
		"/events":   {`<bdi title="no longer registered">gone</bdi>`, "deregistered", "the relay"},
		"/messages": {`<bdi title="no longer registered">gone</bdi>`, `<a href="/satellites/192.0.2.3:1"><bdi>Cora</bdi></a>`, "the relay"},
	} {
		page := get(h, "GET", path).Body.String()
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("GET %s lacks %q", path, w)
			}
		}
		if strings.Contains(page, "/satellites/192.0.2.9:9") {
			t.Errorf("GET %s links to a satellite that has left", path)
		}
	}
}

// Satellites go by their nicks, and by their host ids too where another one has
// the same.
func TestNicksAreToldApart(t *testing.T) {
	net := &fakeNetwork{
		satellites: []web.Satellite{
			{HostID: "192.0.2.1:1", Nick: "bob", State: web.StateDown}, {HostID: "192.0.2.2:1", Nick: "bob", State: web.StateUp},
			{HostID: "192.0.2.3:1", Nick: "anna", State: web.StateSuspect},
		},
		overview: web.Overview{Oldest: time.Minute, OldestFor: "192.0.2.3:1"},
		events:   []web.Event{{Code: "SAT-LEAVE", HostID: "192.0.2.9:9", Nick: "bob"}, {Code: "SAT-JOIN", HostID: "192.0.2.3:1", Nick: "anna"}},
		details:  map[string]web.Details{"192.0.2.3:1": {Deliveries: []web.Delivery{{Sender: "192.0.2.3:1"}, {Sender: "192.0.2.2:1"}}}},
	}
	s := relaySite(0)
	s.Network = net
	h := web.Handler(s)
	for path, want := range map[string][]string{
		"/": {
			"<bdi>bob (192.0.2.1:1)</bdi></a> is down", `<bdi>anna</bdi></a> did not`, `for <a href="/satellites/192.0.2.3:1"><bdi>anna</bdi></a>`,
			`<bdi title="no longer registered">bob (192.0.2.9:9)</bdi>`,
		},
		"/satellites":             {"<bdi>bob</bdi></a>", `<td class="id">192.0.2.2:1</td>`},
		"/satellites/192.0.2.2:1": {"<h1><bdi>bob (192.0.2.2:1)</bdi></h1>"},
		"/satellites/192.0.2.3:1": {"<h1><bdi>anna</bdi></h1>", "<td><a href=\"/satellites/192.0.2.3:1\"><bdi>anna</bdi></a></td>", "<bdi>bob (192.0.2.2:1)</bdi>"},
	} {
		page := get(h, "GET", path).Body.String()
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("GET %s lacks %s", path, w)
			}
		}
	}
}
