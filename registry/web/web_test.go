package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"co2/registry/web"
)

// site is a relay's with text of strangers in every place.
func site(satellites ...web.Satellite) web.Site {
	return web.Site{
		Kind:       "relay",
		Properties: func() []web.Property { return []web.Property{{"plugins", evil, "loaded plugins"}} },
		Methods: func() []web.Method {
			return []web.Method{
				{Name: "ping", Signature: "ping() → string", Help: "Returns 'OK'.", Access: "public", Aliases: []string{"web.ping", "x.ping"}},
				{Name: "plugin.evil", Signature: "plugin.evil() → string", Help: evil, Access: "admin"},
			}
		},
		Network: &fakeNetwork{satellites: satellites},
	}
}

var anna = web.Satellite{
	HostID: "192.0.2.7:2004", Nick: evil, URL: "http://192.0.2.7:2004/",
	State: "up", Reason: evil,
	StateSince: time.Date(2003, 10, 16, 14, 0, 0, 0, time.FixedZone("CEST", 7200)),
	Ping:       web.Ping{Now: 12.34, Count: 7, Fails: 2}, Sent: 11, Received: 22, Failed: 33, Waiting: 44, Dropped: 55,
	Plugins: []string{"pd.bridge", evil},
}

func get(h http.Handler, verb, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(verb, path, nil)
	r.Header.Set("Accept", "text/html")
	h.ServeHTTP(w, r)
	return w
}

func TestPagesShow(t *testing.T) {
	h := web.Handler(site(anna, web.Satellite{HostID: "192.0.2.8:2004", Nick: "bea", Ping: web.Ping{Now: -1}}))
	tests := []struct {
		path string
		want []string
	}{
		{"/", []string{"<title>Overview · co2 relay</title>", "<code>plugins</code>", "loaded plugins", `<a href="/" aria-current="page">`, `<a href="/methods">`, `<a href="/satellites">`}},
		{"/methods", []string{
			`<h2 id="ping"><a href="/methods/ping"><code>ping() → string</code></a></h2>`, "Returns &#39;OK&#39;.", "Access: public.",
			"Also called <code>web.ping</code>, <code>x.ping</code>.", "Access: admin.</p>", `<a href="/methods" aria-current="page">`,
		}},
		{"/satellites", []string{
			`<a href="/satellites/192.0.2.7:2004">`, `<td class="id">192.0.2.7:2004</td>`, "12.3 ms", "bea",
			`<td class="num">44</td><td class="num">11</td><td class="num">22</td><td class="num bad">33</td>`, "<bdi>pd.bridge</bdi>, <bdi>&lt;/title&gt;",
		}},
	}
	for _, tt := range tests {
		page := get(h, "GET", tt.path).Body.String()
		for _, want := range tt.want {
			if !strings.Contains(page, want) {
				t.Errorf("GET %s lacks %q in\n%s", tt.path, want, page)
			}
		}
	}
}

// TestPagesDoNotSendReadersToSatellites: whether one has pages nobody knows,
// and its address is its own to tell.
func TestPagesDoNotSendReadersToSatellites(t *testing.T) {
	for _, url := range []string{"javascript:alert(1)", "http://192.0.2.7:2004/"} {
		page := get(web.Handler(site(web.Satellite{HostID: "x", URL: url})), "GET", "/satellites/x").Body.String()
		if !strings.Contains(page, "Its own pages") || !strings.Contains(page, url) || strings.Contains(page, `href="`+url) {
			t.Errorf("GET /satellites/x links to %s:\n%s", url, page)
		}
	}
}

// TestReasonsStandOnce: the page of a satellite says in one place why it takes
// no messages, and its events do not say whose they are.
func TestReasonsStandOnce(t *testing.T) {
	const reason = "no answer within 5s"
	stuck := anna
	stuck.Nick, stuck.State, stuck.Reason, stuck.Breaker = "bob", web.StateStuck, reason, web.BreakerOpen
	s := site()
	s.Network = detailed{&fakeNetwork{satellites: []web.Satellite{stuck}}, web.Details{
		Satellite: stuck, BreakerReason: reason,
		Events: []web.Event{{Time: stuck.StateSince, Level: "warning", Code: "SAT-DOWN", Words: "stopped", HostID: stuck.HostID, Nick: "bob"}},
	}}
	page := get(web.Handler(s), "GET", "/satellites/192.0.2.7:2004").Body.String()
	inspect(t, "/satellites/192.0.2.7:2004", page)
	if n := strings.Count(page, reason); n != 1 {
		t.Errorf("the reason stands %d times, want once:\n%s", n, page)
	}
	if _, events, _ := strings.Cut(page, `id="own"`); !strings.Contains(events, "SAT-DOWN") || strings.Contains(events, "bob") {
		t.Errorf("the events are\n%s", events)
	}
}

// detailed is a network with one satellite that is told of in detail.
type detailed struct {
	*fakeNetwork
	details web.Details
}

func (d detailed) Satellite(string) (web.Details, bool) { return d.details, true }

func TestNoSatellites(t *testing.T) {
	if page := get(web.Handler(site()), "GET", "/satellites").Body.String(); !strings.Contains(page, "No satellite is registered.") || strings.Contains(page, "<table") {
		t.Errorf("the empty satellites page = %s, want a sentence and no table", page)
	}
	none := site()
	none.Network = nil
	h := web.Handler(none)
	if got := get(h, "GET", "/satellites").Code; got != http.StatusNotFound {
		t.Errorf("GET /satellites of a satellite = %d, want 404", got)
	}
	if page := get(h, "GET", "/").Body.String(); strings.Contains(page, "satellites") {
		t.Errorf("the front page of a satellite links to satellites:\n%s", page)
	}
}

func TestHeaders(t *testing.T) {
	h := web.Handler(site(anna))
	for _, path := range []string{"/", "/methods", "/satellites", "/?a=b"} {
		w := get(h, "GET", path)
		for name, want := range map[string]string{
			"Content-Type":            "text/html; charset=utf-8",
			"Content-Length":          fmt.Sprint(w.Body.Len()),
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "same-origin",
			"Cache-Control":           "no-store",
		} {
			if got := w.Header().Get(name); got != want || w.Code != http.StatusOK {
				t.Errorf("GET %s: %d with %s: %q, want 200 with %q", path, w.Code, name, got, want)
			}
		}
	}
}

func TestOtherPaths(t *testing.T) {
	h := web.Handler(site())
	for _, path := range []string{"/nope", "/methods/", "/satellites/x", "/pages/", "/pages/front.html", "/front.html", "/RPC2"} {
		w := get(h, "GET", path)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), path) {
			t.Errorf("GET %s = %d %q, want 404 without the path", path, w.Code, w.Body)
		}
	}
}

// Programs are told in one line, browsers on a page.
func TestNotFoundIsToldInTheAskersWay(t *testing.T) {
	h := web.Handler(site())
	for accept, want := range map[string]string{
		"": "text/plain; charset=utf-8", "*/*": "text/plain; charset=utf-8",
		"text/html,application/xhtml+xml,*/*;q=0.8": "text/html; charset=utf-8",
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/nope", nil)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusNotFound || got != want {
			t.Errorf("GET /nope with Accept: %q is %d %q, want 404 %q", accept, w.Code, got, want)
		}
	}
}

func TestPagesAreReadAtEachRequest(t *testing.T) {
	n := 0
	s := site()
	s.Properties = func() []web.Property { n++; return []web.Property{{"count", fmt.Sprint("number ", n), ""}} }
	h := web.Handler(s)
	for i := 1; i <= 2; i++ {
		if page, want := get(h, "GET", "/").Body.String(), fmt.Sprint("number ", i); !strings.Contains(page, want) {
			t.Errorf("GET / lacks %q", want)
		}
	}
}

func ExampleHandler() {
	h := web.Handler(web.Site{
		Kind:       "satellite",
		Properties: func() []web.Property { return []web.Property{{Name: "uptime", Value: "42"}} },
		Methods:    func() []web.Method { return nil },
	})
	fmt.Println(get(h, "GET", "/").Code, get(h, "GET", "/satellites").Code)
	// Output: 200 404
}

// What the relay gave up is told where people look first: how many a second,
// and how many since the start.
func TestLossesShow(t *testing.T) {
	for want, o := range map[string]web.Overview{
		`<b id="f-lost" class="bad">12.5 /s</b><small><a href="/satellites?sort=lost"><span id="f-lost-all">7,053</span> since the start</a>`: {Lost: 7053, LostRate: 12.5},
		`<b id="f-lost">0 /s</b><small><a href="/satellites?sort=lost"><span id="f-lost-all">1</span> since the start</a>`:                    {Lost: 1},
		`<b id="f-lost">0 /s</b><small>none since the start</small>`:                                                                          {},
		`<b id="f-lost">–</b><small>none since the start</small>`:                                                                             {LostRate: -1},
	} {
		s := site(anna)
		s.Network = &fakeNetwork{satellites: []web.Satellite{anna}, overview: o}
		if page := get(web.Handler(s), "GET", "/").Body.String(); !strings.Contains(page, want) {
			t.Errorf("GET / with %+v lacks %s", o, want)
		}
	}
	if page := get(web.Handler(site(anna)), "GET", "/satellites").Body.String(); !strings.Contains(page, `<td class="num bad">33</td><td class="num bad">55</td>`) {
		t.Error("GET /satellites lacks what was lost for anna")
	}
}

// The sentence, the bar, the filter and the chips count alike: who answers
// pings and takes no messages is none of those that are well.
func TestAttentionIsCountedAlike(t *testing.T) {
	list := []web.Satellite{
		{HostID: "a", State: web.StateDown}, {HostID: "b", State: web.StateUp}, {HostID: "c", State: web.StateSuspect}, {HostID: "d", State: web.StateFlapping},
		{HostID: "e", State: web.StateStuck, StateSince: now.Add(-4 * time.Minute), Reason: "5 deliveries in a row failed", Breaker: web.BreakerHalfOpen},
	}
	s := site(list...)
	s.Now = func() time.Time { return now }
	h := web.Handler(s)
	for path, want := range map[string][]string{
		"/": {
			"<strong>4 of 5 satellites need attention:</strong>", `<a href="/satellites/e"><bdi>e</bdi></a> takes no messages`,
			`</svg>1 down</a>`, `</svg>1 stuck</a>`, `</svg>1 suspect</a>`, `</svg>1 flapping</a>`, `</svg>1 up</a>`, `<rect class="is-stuck" x="120" width="120"`,
		},
		"/satellites":             {"4 need attention</a>", "1 up</a>", "1 stuck</a>"},
		"/satellites?state=stuck": {`<span class="state is-stuck">`, `data-since="2003-10-16T13:56:00Z">4 min</span>`, "5 deliveries in a row failed"},
		"/satellites/e":           {`<span class="state is-stuck">`, "<strong>It takes no messages.</strong> <bdi>5 deliveries in a row failed</bdi>", `data-since="2003-10-16T13:56:00Z">4 min</span>`},
	} {
		page := get(h, "GET", path).Body.String()
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("GET %s lacks %s", path, w)
			}
		}
	}
}

// The discovery page promises no more than is heard, and gives the command
// that finds the relay.
func TestWhoCanFindTheRelay(t *testing.T) {
	lan := "the relay listens on 127.0.0.1 alone; co2 serve --lan lets others in"
	for want, d := range map[string]web.Discovery{
		`<strong>Programs on this host alone can find this relay:</strong> <code>co2 find --polo-port 1400</code>. Others cannot: ` + lan:                {Host: true, LocalOnly: lan, Find: "co2 find --polo-port 1400"},
		`<strong>Programs on this host and on the networks of <bdi>eth0</bdi>, <bdi>wlan0</bdi> can find this relay:</strong> <code>co2 find</code></p>`: {Host: true, Networks: []string{"eth0", "wlan0"}, Find: "co2 find"},
		`<strong>Nobody can find this relay:</strong> no interface is heard.`:                                                                            {Find: "co2 find"},
		`</bdi></p><p><strong>Programs on the networks of <bdi>eth0</bdi> can find this relay:</strong> <code>co2 find</code></p>`:                       {Trouble: "lo is deaf", Networks: []string{"eth0"}, Find: "co2 find"},
	} {
		s := site()
		s.Network = &fakeNetwork{discovery: d}
		if page := get(web.Handler(s), "GET", "/discovery").Body.String(); !strings.Contains(page, want) || strings.Contains(page, "attached networks") {
			t.Errorf("GET /discovery with %+v lacks %s", d, want)
		}
	}
}

// A code leads to what it means and what to do.
func TestCodesLeadToWhatToDo(t *testing.T) {
	s := site()
	s.Network = &fakeNetwork{events: []web.Event{{Code: "DLV-OPEN", Words: "messages wait"}}}
	h := web.Handler(s)
	for path, want := range map[string]string{
		"/":             `<a href="/events/codes#DLV-OPEN"><code>DLV-OPEN</code></a>`,
		"/events":       `<a href="/events/codes#DLV-OPEN"><code>DLV-OPEN</code></a>`,
		"/events/codes": `<tr id="DLV-OPEN"><th scope="row"><code>DLV-OPEN</code></th><td>Deliveries</td><td>warn</td><td class="why">five deliveries failed</td><td class="why">raise <code>ulimit -n</code>, or &lt;/title&gt;`,
	} {
		if page := get(h, "GET", path).Body.String(); !strings.Contains(page, want) {
			t.Errorf("GET %s lacks %s", path, want)
		}
	}
}

// What a figure is of, and in what, stands beside it.
func TestFiguresSayTheirUnits(t *testing.T) {
	s := relaySite(3)
	s.Properties = func() []web.Property { return []web.Property{{Name: "uptime", Value: "107", Doc: "since it started"}} }
	h := web.Handler(s)
	for path, want := range map[string][]string{
		"/": {
			`p50 of the latest 1 min; p99 <span id="f-p99">41 ms</span>; 28,800 deliveries`, "<bdi>107</bdi> s</td>",
			"Calls to it go to <code>http://example.com/RPC2</code>",
		},
		"/messages": {`<td class="num">1 B of XML</td>`},
	} {
		page := get(h, "GET", path).Body.String()
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("GET %s lacks %s", path, w)
			}
		}
	}
}
