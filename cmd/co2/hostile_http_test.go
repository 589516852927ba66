package main_test

import (
	"fmt"
	"strings"
)

// callHead is the head of a call without its length and end.
const callHead = "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"

// callWith is a call with more fields, each with its line end.
func callWith(fields, body string) string { return callHead + fields + "\r\n" + body }

// sized is a call with its Content-Length and more fields.
func sized(fields, body string) string {
	return callWith(fmt.Sprintf("Content-Length: %d\r\n%s", len(body), fields), body)
}

// chunked is a call in chunks of at most size octets.
func chunked(size int, body string) string {
	var b strings.Builder
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return callWith(coded, b.String()+"0\r\n\r\n")
}

const coded = "Transfer-Encoding: chunked\r\n"

func goodCall() string { return sized("", document("ping")) }

// to is a good call but for its request line.
func to(line string) string {
	_, rest, _ := strings.Cut(goodCall(), "\r\n")
	return line + "\r\n" + rest
}

// look is a request without a body.
func look(line, fields string) string {
	return line + " HTTP/1.1\r\nHost: localhost\r\nX-Secret: " + secret + "\r\n" + fields + "\r\n"
}

func verbs() []hostile {
	var cases []hostile
	for _, verb := range []string{
		"PUT /RPC2", "DELETE /RPC2", "PATCH /", "OPTIONS /RPC2", "OPTIONS *", "TRACE /RPC2", "TRACE /" + secret,
		"PROPFIND /", "BREW /pot", "post /RPC2", "GET /RPC2", "GET /RPC2?page", "GETT /", "M-SEARCH *", "PRI /",
	} {
		cases = append(cases, hostile{"H1", verb, raw(look(verb, "")), "405 kept | 501 kept | 501 closed", ""})
	}
	preflight := "Origin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n"
	return append(cases,
		hostile{"H1", "preflight", raw(look("OPTIONS /RPC2", preflight)), "405 kept", "Allow: POST"},
		hostile{"H1", "CONNECT", raw("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n"), "405 kept | 405 closed | 501 closed", ""},
		hostile{"H1", "verb of 60 KiB", raw(look(strings.Repeat("A", 60<<10)+" /RPC2", "")), "405 kept | 501 closed | 400 closed", ""},
		hostile{"H1", "verb in brackets", raw(look("(POST) /RPC2", "")), "400 closed", ""},
		hostile{"H1", "no verb", raw(look(" /RPC2", "")), "400 closed", ""},
	)
}

func targets() []hostile {
	return []hostile{
		{"H2", "absolute form", raw(to("POST http://localhost/RPC2 HTTP/1.1")), "OK kept", ""},
		{"H2", "absolute form without a path", raw(to("POST http://localhost HTTP/1.1")), "OK kept", ""},
		{"H2", "query", raw(to("POST /RPC2?../../etc/passwd HTTP/1.1")), "OK kept", ""},
		{"H2", "unknown path", raw(to("POST /nope HTTP/1.1")), "404 kept", ""},
		{"H2", "path of a file", raw(to("POST /../../../../etc/passwd HTTP/1.1")), "404 kept", ""},
		{"H2", "path of a file, encoded", raw(to("POST /%2e%2e/%2e%2e/etc/passwd HTTP/1.1")), "404 kept", ""},
		{"H2", "looking for a file", raw(look("GET /../../../../etc/passwd", "")), "404 kept", ""},
		{"H2", "looking for an inside", raw(look("GET /debug/pprof/", "")), "404 kept", ""},
		{"H2", "bad escape", raw(to("POST /%zz HTTP/1.1")), "404 kept | 400 closed", ""},
		{"H2", "NUL in the target", raw(to("POST /RPC2\x00 HTTP/1.1")), "400 closed", ""},
		{"H2", "blank in the target", raw(to("POST /RP C2 HTTP/1.1")), "400 closed", ""},
		{"H2", "no target", raw(to("POST  HTTP/1.1")), "400 closed", ""},
		{"H2", "tabs", raw(to("POST\t/RPC2\tHTTP/1.1")), "400 closed", ""},
		{"H2", "more than three parts", raw(to("POST /RPC2 HTTP/1.1 HTTP/1.1")), "400 closed", ""},
		{"H2", "CR in the target", raw(to("POST /RPC2\r/ HTTP/1.1")), "400 closed", ""},
		{"L1", "target of 32 KiB", raw(to("POST /" + strings.Repeat("a", 32<<10) + " HTTP/1.1")), "404 kept", ""},
	}
}

func versions() []hostile {
	return []hostile{
		{"H3", "HTTP/0.9", raw("GET /\r\n"), "400 closed | 505 closed", ""},
		{"H3", "HTTP/0.9 and nothing more", cut("GET /\r\n\r\n"), "400 closed | 505 closed", ""},
		{"H3", "HTTP/2 preface", raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), "400 closed | 505 closed", ""},
		{"H3", "HTTP/9.9", raw(to("POST /RPC2 HTTP/9.9")), "400 closed | 505 closed", ""},
		{"H3", "HTTP/2.0 by its line", raw(to("POST /RPC2 HTTP/2.0")), "400 closed | 505 closed", ""},
		{"H3", "no version number", raw(to("POST /RPC2 HTTP/")), "400 closed | 505 closed", ""},
		{"H3", "HTTP/1.10", raw(to("POST /RPC2 HTTP/1.10")), "400 closed | 505 closed", ""},
		{"H3", "http/1.1", raw(to("POST /RPC2 http/1.1")), "400 closed | 505 closed", ""},
		{"H3", "another protocol", raw(to("POST /RPC2 SIP/2.0")), "400 closed | 505 closed", ""},
		{"H3", "TLS", raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\xa5", 506) + "\r\n\r\n"), "400 closed", ""},
		{"H3", "h2c", raw(sized("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", document("ping"))), "OK kept", ""},
		{"H3", "websocket", raw(sized("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", document("ping"))), "OK kept", ""},
		{"H22", "HTTP/1.0", raw("POST /RPC2 HTTP/1.0\r\nContent-Length: " + fmt.Sprint(len(document("ping"))) + "\r\n\r\n" + document("ping") + smuggled()), "OK closed", ""},
		{"H22", "Connection: close", raw(sized("Connection: CLOSE\r\n", document("ping")) + smuggled()), "OK closed", "Connection: close"},
	}
}

func hosts() []hostile {
	rest := strings.TrimPrefix(goodCall(), "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n")
	line := "POST /RPC2 HTTP/1.1\r\n"
	return []hostile{
		{"H4", "no Host", raw(line + rest), "400 closed", ""},
		{"H4", "two Hosts", raw(line + "Host: localhost\r\nHost: localhost\r\n" + rest), "400 closed", ""},
		{"H4", "two Hosts in odd spelling", raw(line + "Host: localhost\r\nhOST: evil.example\r\n" + rest), "400 closed", ""},
		{"H4", "Host with a blank", raw(line + "Host: local host\r\n" + rest), "400 closed", ""},
		{"H5", "empty lines", raw("\r\n\r\n" + goodCall() + "\r\n\r\n" + goodCall()), "OK×2 kept", ""},
	}
}

func pipelines() []hostile {
	bad := sized("", "<methodCall>")
	return []hostile{
		{"H23", "20 pipelined", raw(strings.Repeat(goodCall(), 20)), "OK×20 kept", ""},
		{"H23", "10,000 pipelined", made(func() string { return strings.Repeat(goodCall(), 10_000) }), "OK×10000 kept", ""},
		{"F2", "pipelined round a fault", raw(goodCall() + bad + goodCall()), "OK -32700 OK kept", ""},
		{"H28", "good after bad HTTP", raw(goodCall() + "BAD\r\n\r\n" + smuggled()), "OK 400 closed", ""},
		{"H28", "good after a bad length", raw(callWith("Content-Length: 1x\r\n", "") + smuggled()), "400 closed", ""},
		{"H28", "good after a broken chunk", raw(callWith(coded, "z\r\n") + smuggled()), "400 closed", ""},
		{"H28", "good after no length", raw(callWith("", document("ping")) + smuggled()), "411 closed", ""},
		{"H28", "good after one too large", raw(callWith("Content-Length: 8388609\r\n", "") + smuggled()), "413 closed", ""},
		{"H28", "good after a head too large", raw(callWith("X: "+strings.Repeat("x", 66<<10)+"\r\nContent-Length: 0\r\n", "") + smuggled()), "431 closed", ""},
		{"H8", "good after a wrong type", raw(strings.Replace(goodCall(), "text/xml", "text/plain", 1) + goodCall()), "415 OK kept | 415 closed", ""},
		{"H2", "good after a wrong path", raw(to("POST /nope HTTP/1.1") + goodCall()), "404 OK kept", ""},
		{"H1", "good after a wrong verb with a body", raw(to("PUT /RPC2 HTTP/1.1") + goodCall()), "405 OK kept", ""},
		{"H15", "gone after the call", cut(goodCall()), "OK closed", ""},
		{"H15", "gone in the head", cut(callHead), "400 closed | closed", ""},
		{"H15", "gone before the head", cut(""), "closed", ""},
		{"H16", "bad after HEAD", raw(look("HEAD /", "") + "("), "200 400 closed", ""},
		{"H16", "bad after a refused HEAD", raw(look("HEAD /RPC2", "") + "BAD\r\n"), "405 400 closed", ""},
		{"H24", "Expect without waiting", raw(sized("Expect: 100-Continue\r\n", document("ping"))), "OK kept | 100 OK kept", ""},
		{"H24", "Expect of something else", raw(sized("Expect: 200-ok\r\n", document("ping"))), "417 closed", ""},
		{"H24", "Expect of several things", raw(sized("Expect: 100-continue, 100-continue\r\n", document("ping"))), "417 closed", ""},
		{"H24", "Expect and a wrong type", raw(strings.Replace(callWith("Content-Length: 5\r\nExpect: 100-continue\r\n", ""), "text/xml", "text/plain", 1)), "415 closed", ""},
		{"H24", "Expect and a wrong path", raw(strings.Replace(callWith("Content-Length: 5\r\nExpect: 100-continue\r\n", ""), "/RPC2", "/nope", 1)), "404 closed", ""},
		{"H24", "Expect and no length", raw(callWith("Expect: 100-continue\r\n", "")), "411 closed", ""},
		{"H24", "Expect of a foreign page", raw(callWith("Content-Length: 5\r\nExpect: 100-continue\r\nOrigin: http://a.example\r\n", "")), "403 closed", ""},
	}
}
