package registry_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"co2/registry"
	"co2/registry/door"
	"co2/registry/web"
)

func TestDoor(t *testing.T) {
	s := serve(t, registry.Config{Hosts: []string{"relay.example"}, Paths: []string{"/more"}, Door: door.Config{MaxBody: 10000}})
	length := fmt.Sprintf("Content-Length: %d", len(pingCall))
	const xml = "Content-Type: text/xml"
	tests := []struct {
		name   string
		head   []string
		body   string
		status int
		text   string // that the answer holds
	}{
		{"the usual call", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"at the root", []string{"POST / HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"at a further path", []string{"POST /more HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"with a query", []string{"POST /RPC2?a=b HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"absolute form", []string{"POST http://x/RPC2 HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"absolute form without a path", []string{"POST http://x HTTP/1.1", "Host: x", xml, length}, pingCall, 200, "OK"},
		{"HTTP/1.0 without Host", []string{"POST /RPC2 HTTP/1.0", xml, length}, pingCall, 200, "OK"},
		{"an upgrade offer", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, length, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"}, pingCall, 200, "OK"},

		{"another path", []string{"POST /nope HTTP/1.1", "Host: x", xml, length}, pingCall, 404, "calls go to"},
		{"a path below", []string{"POST /RPC2/ HTTP/1.1", "Host: x", xml, length}, pingCall, 404, "calls go to"},
		{"another case", []string{"POST /rpc2 HTTP/1.1", "Host: x", xml, length}, pingCall, 404, "calls go to"},
		{"a page's path", []string{"POST /methods HTTP/1.1", "Host: x", xml, length}, pingCall, 404, "calls go to"},
		{"a way out", []string{"POST /../../etc/passwd HTTP/1.1", "Host: x", xml, length}, pingCall, 404, "calls go to"},

		{"GET", []string{"GET /RPC2 HTTP/1.1", "Host: localhost"}, "", 405, "POST"},
		{"GET at a further path", []string{"GET /more HTTP/1.1", "Host: localhost"}, "", 405, "POST"},
		{"HEAD", []string{"HEAD /RPC2 HTTP/1.1", "Host: localhost"}, "", 405, ""},
		{"PUT", []string{"PUT /RPC2 HTTP/1.1", "Host: x", xml, length}, pingCall, 405, "POST"},
		{"DELETE of a page", []string{"DELETE /methods HTTP/1.1", "Host: x"}, "", 405, "POST"},
		{"OPTIONS", []string{"OPTIONS /RPC2 HTTP/1.1", "Host: x"}, "", 405, "POST"},
		{"OPTIONS *", []string{"OPTIONS * HTTP/1.1", "Host: x"}, "", 405, "POST"},
		{"a preflight", []string{"OPTIONS /RPC2 HTTP/1.1", "Host: x", "Origin: http://evil.example", "Access-Control-Request-Method: POST"}, "", 405, "POST"},
		{"TRACE", []string{"TRACE / HTTP/1.1", "Host: x", "X-Secret: seen"}, "", 405, "POST"},
		{"CONNECT", []string{"CONNECT evil.example:80 HTTP/1.1", "Host: evil.example:80"}, "", 405, "POST"},
		{"an unknown verb", []string{"BREW / HTTP/1.1", "Host: x"}, "", 405, "POST"},

		{"no type", []string{"POST /RPC2 HTTP/1.1", "Host: x", length}, pingCall, 200, "OK"},
		{"application/xml", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: Application/XML; charset=UTF-8; a=b", length}, pingCall, 200, "OK"},
		{"application/xml-rpc", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: application/xml-rpc", length}, pingCall, 200, "OK"},
		{"text/x+xml", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/x+xml", length}, pingCall, 200, "OK"},
		{"application/soap+xml", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: application/soap+xml", length}, pingCall, 200, "OK"},
		{"a broken parameter", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml; charset", length}, pingCall, 200, "OK"},
		{"text/plain", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/plain", length}, pingCall, 415, "text/xml"},
		{"text/plain that hints at xml", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/plain; a=text/xml", length}, pingCall, 415, "text/xml"},
		{"a form", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: application/x-www-form-urlencoded", length}, pingCall, 415, "text/xml"},
		{"another form", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: multipart/form-data; boundary=x", length}, pingCall, 415, "text/xml"},
		{"json", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: application/json", length}, pingCall, 415, "text/xml"},
		{"text/xml-rpc", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml-rpc", length}, pingCall, 415, "text/xml"},
		{"image/svg+xml", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: image/svg+xml", length}, pingCall, 415, "text/xml"},
		{"junk", []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: /;;", length}, pingCall, 415, "text/xml"},

		{"no length", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml}, "", 411, "Content-Length"},
		{"chunked in HTTP/1.0", []string{"POST /RPC2 HTTP/1.0", xml, "Transfer-Encoding: chunked"}, "0\r\n\r\n", 411, "Content-Length"},
		{"length 4000000000", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 4000000000"}, "", 413, "10000 octets"},
		{"one octet too long", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 10001"}, "", 413, "10000 octets"},
		{"no 100 Continue before 413", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 10001", "Expect: 100-continue"}, "", 413, "10000 octets"},
		{"a length of 19 digits", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, fmt.Sprintf("Content-Length: %019d", len(pingCall))}, pingCall, 400, ""},
		{"length with a sign", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: +5"}, "<a/>\n", 400, ""},
		{"a negative length", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: -5"}, "", 400, ""},
		{"a hex length", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 0x5"}, "<a/>\n", 400, ""},
		{"a list of lengths", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 5, 5"}, "<a/>\n", 400, ""},
		{"two lengths", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 5", "Content-Length: 6"}, "<a/>\n", 400, ""},
		{"a length of nothing", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Content-Length: 0"}, "", 200, "-32700"},
		{"another transfer coding", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, "Transfer-Encoding: gzip"}, "", 501, ""},
		{"an unknown expectation", []string{"POST /RPC2 HTTP/1.1", "Host: x", xml, length, "Expect: cake"}, pingCall, 417, ""},

		{"no Host", []string{"POST /RPC2 HTTP/1.1", xml, length}, pingCall, 400, ""},
		{"two Hosts", []string{"POST /RPC2 HTTP/1.1", "Host: a", "Host: b", xml, length}, pingCall, 400, ""},
		{"HTTP/3.0", []string{"POST /RPC2 HTTP/3.0", "Host: a", xml, length}, pingCall, 505, ""},
		{"HTTP/0.9", []string{"GET /"}, "", 400, ""},
		{"no HTTP", []string{"hello"}, "", 400, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.exchange(t, head(tt.head...)+tt.body)
			if got.StatusCode != tt.status || !strings.Contains(got.body, tt.text) {
				t.Errorf("status %d %q, want %d with %q", got.StatusCode, got.body, tt.status, tt.text)
			}
			if got.StatusCode >= 400 {
				wantPlainError(t, got, tt.head)
			}
			if allow := got.Header.Get("Allow"); (tt.status == 405) != (allow == "POST") {
				t.Errorf("Allow: %q with status %d", allow, got.StatusCode)
			}
		})
	}
}

// wantPlainError checks an HTTP error (H28): one line of text that repeats
// nothing of the request, and the connection closed where its end is unclear.
func wantPlainError(t *testing.T, got answer, head []string) {
	t.Helper()
	if kind := got.Header.Get("Content-Type"); kind != "text/plain; charset=utf-8" && got.StatusCode != http.StatusExpectationFailed {
		t.Errorf("Content-Type of an error: %q, want text/plain", kind)
	}
	if strings.Count(strings.TrimSuffix(got.body, "\n"), "\n") > 0 || strings.Contains(got.body, "X-Secret") || strings.Contains(got.body, "evil") {
		t.Errorf("error text %q to %q, want one line without the request's text", got.body, head)
	}
	switch got.StatusCode {
	case 400, 411, 413:
		if !got.Close {
			t.Errorf("status %d leaves the connection open, want it closed", got.StatusCode)
		}
	}
}

func TestAnswerHeaders(t *testing.T) {
	s := serve(t, registry.Config{})
	long := strings.Repeat("x", 100_000)
	for name, call := range map[string]string{
		"a result":      pingCall,
		"a long result": document("test", long),
		"a fault":       document("no.such"),
		"no XML-RPC":    "hello",
	} {
		got := s.exchange(t, post(call))
		if kind := got.Header["Content-Type"]; len(kind) != 1 || kind[0] != "text/xml; charset=utf-8" {
			t.Errorf("Content-Type of %s = %q, want text/xml; charset=utf-8", name, kind)
		}
		if got.StatusCode != 200 || got.ContentLength != int64(len(got.body)) || len(got.TransferEncoding) > 0 {
			t.Errorf("%s: status %d, Content-Length %d, Transfer-Encoding %q, want 200, %d, none", name, got.StatusCode, got.ContentLength, got.TransferEncoding, len(got.body))
		}
		for key := range got.Header {
			if strings.HasPrefix(key, "Access-Control-") || key == "Content-Encoding" || key == "Set-Cookie" {
				t.Errorf("%s has the header %s", name, key)
			}
		}
	}
	if got := s.exchange(t, post(pingCall)).body; got != pong {
		t.Errorf("answer to ping = %q, want %q", got, pong)
	}
}

func TestBrowsers(t *testing.T) {
	s := serve(t, registry.Config{Hosts: []string{"relay.example"}})
	_, port, _ := strings.Cut(s.addr, ":")
	call := func(lines ...string) string {
		return head(append([]string{"POST /RPC2 HTTP/1.1", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall))}, lines...)...) + pingCall
	}
	tests := []struct {
		name    string
		request string
		status  int
	}{
		{"a program, any Host", call("Host: evil.example"), 200},
		{"own origin", call("Host: relay.example:"+port, "Origin: http://relay.example:"+port), 200},
		{"own origin, another case", call("Host: relay.example", "Origin: http://Relay.Example"), 200},
		{"own origin by IP", call("Host: "+s.addr, "Origin: http://"+s.addr), 200},
		{"typed into the address field", call("Host: localhost", "Sec-Fetch-Site: none"), 200},
		{"same origin by its mark", call("Host: localhost:"+port, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors"), 200},

		{"foreign origin", call("Host: localhost", "Origin: http://evil.example"), 403},
		{"another port's origin", call("Host: localhost:"+port, "Origin: http://localhost:1"), 403},
		{"https origin", call("Host: localhost", "Origin: https://localhost"), 403},
		{"origin null", call("Host: localhost", "Origin: null"), 403},
		{"empty origin", call("Host: localhost", "Origin:"), 403},
		{"origin that begins like ours", call("Host: localhost", "Origin: http://localhost.evil.example"), 403},
		{"origin with our name as user", call("Host: localhost", "Origin: http://localhost@evil.example"), 403},
		{"two origins", call("Host: localhost", "Origin: http://localhost", "Origin: http://evil.example"), 403},
		{"origin without Host", head("POST /RPC2 HTTP/1.0", "Content-Type: text/xml", "Content-Length: 0", "Origin: http://"), 403},
		{"cross-site", call("Host: localhost", "Sec-Fetch-Site: cross-site"), 403},
		{"same-site", call("Host: localhost", "Sec-Fetch-Site: same-site"), 403},
		{"cross-site without a type", head("POST /RPC2 HTTP/1.1", "Host: localhost", "Content-Length: 0", "Sec-Fetch-Site: cross-site"), 403},
		{"own origin without a type", head("POST /RPC2 HTTP/1.1", "Host: localhost", "Content-Length: 0", "Origin: http://localhost"), 415},

		{"rebound name and its origin", call("Host: evil.example", "Origin: http://evil.example"), 421},
		{"rebound name with a mark", call("Host: evil.example", "Sec-Fetch-Site: same-origin"), 421},
		{"rebound name with a cookie", call("Host: evil.example", "Cookie: a=b"), 421},

		{"page under another name", head("GET / HTTP/1.1", "Host: evil.example"), 421},
		{"page under a longer name", head("GET / HTTP/1.1", "Host: relay.example.evil.example"), 421},
		{"page under a number that is no IP", head("GET / HTTP/1.1", "Host: 2130706433"), 421},
		{"HEAD under another name", head("HEAD / HTTP/1.1", "Host: evil.example"), 421},
		{"page at localhost", head("GET / HTTP/1.1", "Host: localhost"), 200},
		{"page at LOCALHOST", head("GET / HTTP/1.1", "Host: LOCALHOST:1"), 200},
		{"page at the IP", head("GET / HTTP/1.1", "Host: 192.0.2.7:2003"), 200},
		{"page at an IPv6 literal", head("GET / HTTP/1.1", "Host: [::1]:2003"), 200},
		{"page at an IPv6 literal without port", head("GET / HTTP/1.1", "Host: [fe80::1]"), 200},
		{"page at the configured name", head("GET / HTTP/1.1", "Host: Relay.Example:99"), 200},
		{"page by HTTP/1.0", head("GET / HTTP/1.0"), 200},
		{"page that another site links to", head("GET / HTTP/1.1", "Host: localhost", "Sec-Fetch-Site: cross-site"), 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.exchange(t, tt.request)
			if got.StatusCode != tt.status {
				t.Errorf("status %d %q, want %d", got.StatusCode, got.body, tt.status)
			}
			for key := range got.Header {
				if strings.HasPrefix(key, "Access-Control-") {
					t.Errorf("answer has the header %s", key)
				}
			}
		})
	}
}

func TestExpectContinue(t *testing.T) {
	s := serve(t, registry.Config{})
	request := head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall)), "Expect: 100-Continue")
	patient, hasty := s.dial(t), s.dial(t)
	patient.send(request)
	if got := patient.read(t, request); got.StatusCode != http.StatusContinue {
		t.Fatalf("status %d, want 100", got.StatusCode)
	}
	patient.send(pingCall)
	hasty.send(request + pingCall)
	for _, c := range []*conn{patient, hasty} {
		got := c.read(t, request)
		if got.StatusCode == http.StatusContinue && c == hasty {
			got = c.read(t, request) // it depends on how fast its body came
		}
		if got.body != pong {
			t.Errorf("answer after 100 Continue = %q, want %q", got.body, pong)
		}
	}
}

func TestPages(t *testing.T) {
	s := serve(t, registry.Config{Kind: "relay", Maintainer: "<script>alert(1)</script>", Plugins: func() []string { return []string{"<b>pd</b>", "log"} }})
	get := func(verb, path string) answer {
		return s.exchange(t, head(verb+" "+path+" HTTP/1.1", "Host: localhost"))
	}
	tests := []struct {
		path string
		want []string
	}{
		{"/", []string{"co2 relay", "co2_version", registry.Version, "uptime", `href="/methods"`, "&lt;script&gt;", "&lt;b&gt;pd&lt;/b&gt;, log"}},
		{"/methods", []string{"system.multicall", "sys.listMethods", "co2.get_method_names", "Returns its argument", "test([undef]) → undef", "Access: public"}},
		{regexp.MustCompile(`/assets/[0-9a-f]+/style.css`).FindString(get("GET", "/").body), []string{"body"}},
	}
	for _, tt := range tests {
		page := get("GET", tt.path)
		if page.StatusCode != 200 || page.ContentLength != int64(len(page.body)) || strings.Contains(page.body, "<script>") {
			t.Errorf("GET %s: status %d, length %d of %d, want 200 and no scripts", tt.path, page.StatusCode, page.ContentLength, len(page.body))
		}
		for _, want := range tt.want {
			if !strings.Contains(page.body, want) {
				t.Errorf("GET %s lacks %q", tt.path, want)
			}
		}
		if h := get("HEAD", tt.path); h.StatusCode != 200 || h.body != "" || h.ContentLength != page.ContentLength {
			t.Errorf("HEAD %s: status %d, length %d, body %q, want that of GET (%d) without the body", tt.path, h.StatusCode, h.ContentLength, h.body, page.ContentLength)
		}
	}
	for _, path := range []string{"/satellites", "/nope", "/pages/front.html", "/style.css", "/assets/", "/assets/0/style.css", "/favicon.ico"} {
		if page := get("GET", path); page.StatusCode != 404 || page.ContentLength != int64(len(page.body)) {
			t.Errorf("GET %s: status %d, length %d, want 404", path, page.StatusCode, page.ContentLength)
		}
	}
	relay := serve(t, registry.Config{Network: annaAlone{}})
	for path, want := range map[string]string{"/": `href="/satellites"`, "/satellites": "anna"} {
		if page := relay.exchange(t, head("GET "+path+" HTTP/1.1", "Host: localhost")); !strings.Contains(page.body, want) {
			t.Errorf("GET %s of a relay lacks %q", path, want)
		}
	}
	if strings.Contains(get("GET", "/methods").body, "co2_get_method_names") {
		t.Error("the methods page shows the misprint")
	}
}

// annaAlone is a network of one satellite.
type annaAlone struct{ web.Network }

func (annaAlone) Satellites() []web.Satellite { return []web.Satellite{{Nick: "anna"}} }
func (annaAlone) Overview() web.Overview      { return web.Overview{} }
func (annaAlone) Events() []web.Event         { return nil }
func (annaAlone) Series(string, web.SeriesName, time.Duration) web.Series {
	return web.Series{}
}

// TestForms posts forms to pages. It is the router that is tried: what it lets
// through ends at a page that is not there.
func TestForms(t *testing.T) {
	s := serve(t, registry.Config{Hosts: []string{"relay.example"}, Origins: []string{"https://panel.example"}, Paths: []string{"/methods/calls"}, Kind: "relay"})
	const form = "Content-Type: application/x-www-form-urlencoded"
	const own = "Origin: http://localhost"
	to := func(path string, lines ...string) string {
		return head(append([]string{"POST " + path + " HTTP/1.1"}, lines...)...) + "a=b"
	}
	let := func(code int) bool { return code == 404 || code == 405 || code == 200 }
	tests := []struct {
		name    string
		request string
		status  int // 0: a page answers
	}{
		{"to a method", to("/methods/no.such", "Host: localhost", form, own, "Content-Length: 3"), 0},
		{"to a satellite", to("/satellites/192.0.2.7:1/pause", "Host: localhost", form, own, "Content-Length: 3"), 0},
		{"with a charset", to("/methods/no.such", "Host: localhost", form+"; charset=utf-8", own, "Content-Length: 3"), 0},
		{"with a query", to("/methods/no.such?a=b", "Host: localhost", form, own, "Content-Length: 3"), 0},

		{"to the list of methods", to("/methods", "Host: localhost", form, own, "Content-Length: 3"), 404},
		{"to the first page", to("/", "Host: localhost", form, own, "Content-Length: 3"), 415},
		{"where calls go", to("/RPC2", "Host: localhost", form, own, "Content-Length: 3"), 415},
		{"to a further path of calls", to("/methods/calls", "Host: localhost", form, own, "Content-Length: 3"), 415},

		{"a call", to("/methods/ping", "Host: localhost", "Content-Type: text/xml", own, "Content-Length: 3"), 415},
		{"plain text", to("/methods/ping", "Host: localhost", "Content-Type: text/plain", own, "Content-Length: 3"), 415},
		{"a form with files", to("/methods/ping", "Host: localhost", "Content-Type: multipart/form-data; boundary=x", own, "Content-Length: 3"), 415},
		{"without a type", to("/methods/ping", "Host: localhost", own, "Content-Length: 3"), 415},
		{"packed", to("/methods/ping", "Host: localhost", form, own, "Content-Encoding: gzip", "Content-Length: 3"), 415},
		{"without a length", to("/methods/ping", "Host: localhost", form, own), 411},
		{"in chunks", to("/methods/ping", "Host: localhost", form, own, "Transfer-Encoding: chunked"), 411},
		{"the longest", to("/methods/ping", "Host: localhost", form, own, "Content-Length: 1048577"), 413},
		{"PUT", strings.Replace(to("/methods/ping", "Host: localhost", form, own, "Content-Length: 3"), "POST", "PUT", 1), 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.exchange(t, tt.request)
			if got.StatusCode != tt.status && !(tt.status == 0 && let(got.StatusCode) && !strings.Contains(got.body, "calls go to")) {
				t.Errorf("status %d %q, want %d", got.StatusCode, got.body, tt.status)
			}
		})
	}
}

// TestWhereRequestsAreFrom combines every Host, Origin and Sec-Fetch-Site, for
// forms and for calls (H25, H26).
func TestWhereRequestsAreFrom(t *testing.T) {
	s := serve(t, registry.Config{Hosts: []string{"relay.example"}, Origins: []string{"https://panel.example"}})
	hosts := map[string]bool{ // whether it is known
		"localhost": true, "127.0.0.1:2003": true, "[::1]:2003": true, "relay.example:80": true, "evil.example": false, "2130706433": false, "localhost.evil.example": false,
	}
	const none, own, let, foreign = "none", "own", "let in", "foreign"
	origins := func(host string) map[string]string { // what they are by what is sent
		return map[string]string{
			"": none, "http://" + host: own, "HTTP://" + strings.ToUpper(host): own, "https://panel.example": let,
			"https://" + host: foreign, "null": foreign, "http://evil.test": foreign, "http://" + host + ":1": foreign, "http://" + host + ".evil.test": foreign,
		}
	}
	sites := map[string]bool{"": true, "same-origin": true, "none": true, "same-site": false, "cross-site": false, "Same-Origin": false, "anything": false}
	want := func(form, known bool, origin, site string) int {
		browser := origin != none || site != ""
		switch {
		case (form || browser) && !known:
			return 421
		case origin == foreign, origin != let && !sites[site], form && !browser:
			return 403
		}
		return 200
	}
	for _, form := range []bool{false, true} {
		path, kind, body := "/RPC2", "text/xml", pingCall
		if form {
			path, kind, body = "/methods/no.such", "application/x-www-form-urlencoded", "a=b"
		}
		c := s.dial(t)
		for host, known := range hosts {
			for origin, is := range origins(host) {
				for site := range sites {
					lines := []string{"POST " + path + " HTTP/1.1", "Host: " + host, "Content-Type: " + kind, fmt.Sprintf("Content-Length: %d", len(body))}
					if origin != "" {
						lines = append(lines, "Origin: "+origin)
					}
					if site != "" {
						lines = append(lines, "Sec-Fetch-Site: "+site)
					}
					request := head(lines...) + body
					c.send(request)
					got := c.read(t, request).StatusCode
					if form && (got == 404 || got == 405) { // it came as far as the pages
						got = 200
					}
					if want := want(form, known, is, site); got != want {
						t.Errorf("%q: status %d, want %d", lines, got, want)
					}
				}
			}
		}
	}
	for name, lines := range map[string][]string{
		"one of two origins":           {"Origin: http://localhost", "Origin: http://evil.test"},
		"one let in before another":    {"Origin: https://panel.example", "Origin: http://evil.test"},
		"one let in after another":     {"Origin: http://evil.test", "Origin: https://panel.example"},
		"one let in beside no name":    {"Origin: https://panel.example", "Origin: null"},
		"one of two marks":             {"Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"},
		"an empty origin":              {"Origin:"},
		"a mark beside a good origin":  {"Origin: http://localhost", "Sec-Fetch-Site: cross-site"},
		"an empty mark":                {"Sec-Fetch-Site:"},
		"a good mark, a foreign page":  {"Origin: http://evil.test", "Sec-Fetch-Site: same-origin"},
		"only a page it came from":     {"Referer: http://localhost/methods/ping"},
		"a list of origins":            {"Origin: http://localhost http://evil.test"},
		"an origin with a path":        {"Origin: http://localhost/"},
		"an origin with somebody's id": {"Origin: http://localhost@evil.test"},
	} {
		request := head(append([]string{"POST /methods/ping HTTP/1.1", "Host: localhost", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"}, lines...)...) + "a=b"
		if got := s.exchange(t, request); got.StatusCode != 403 {
			t.Errorf("a form with %s: status %d %q, want 403", name, got.StatusCode, got.body)
		}
	}
}
