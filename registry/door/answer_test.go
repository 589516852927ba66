package door_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"co2/registry/door"
)

func TestEmptyLinesBeforeARequest(t *testing.T) { // H5
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{})
		c := p.dial("192.0.2.1")
		c.say("\r\n\r\n" + call + "\n\n\r\n" + call)
		for range 2 {
			if _, body := c.answer(t); body != "hello" {
				t.Errorf("answer %q, want hello", body)
			}
		}
	})
}

// What is no request of ours is refused at once, with a length, and ends the
// connection.
func TestBrokenRequests(t *testing.T) { // H3, H4, H11-H16
	const end = "\r\n\r\n"
	tests := []struct {
		name, request string
		status        int
	}{
		{"no HTTP", "hello\r\n", 400},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400},
		{"HTTP/0.9", "GET /\r\n", 400},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
		{"HTTP/9.9", "GET / HTTP/9.9\r\n", 505},
		{"a version with more digits", "GET / HTTP/1.10\r\n", 400},
		{"two blanks", "GET  / HTTP/1.1\r\n", 400},
		{"a blank before", " GET / HTTP/1.1\r\n", 400},
		{"a target of nothing", "GET nowhere HTTP/1.1\r\n", 400},
		{"another scheme", "POST ftp://x/ HTTP/1.1\r\n", 400},
		{"a user in the host", "POST http://a@x/ HTTP/1.1\r\n", 400},
		{"no Host", "POST / HTTP/1.1\r\nContent-Length: 0" + end, 400},
		{"two Hosts", "POST / HTTP/1.0\r\nHost: a\r\nHost: a\r\nContent-Length: 0" + end, 400},
		{"a Host that is none", "POST / HTTP/1.1\r\nHost: a/b\r\nContent-Length: 0" + end, 400},
		{"a blank before the colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 5" + end + "hello", 400},
		{"a folded line", "POST / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length: 0" + end, 400},
		{"a CR inside a line", "POST / HTTP/1.1\r\nHost: x\r\nX: a\rContent-Length: 5" + end, 400},
		{"a NUL", "POST / HTTP/1.1\r\nHost: x\r\nX: \x00\r\nContent-Length: 0" + end, 400},
		{"a field without a name", "POST / HTTP/1.1\r\nHost: x\r\n: a" + end, 400},
		{"a field without a colon", "POST / HTTP/1.1\r\nHost: x\r\nhello" + end, 400},
		{"a length and chunks", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked" + end + "0\r\n\r\n", 400},
		{"chunks under another name", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked" + end, 501},
		{"chunks of something", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked" + end, 501},
		{"chunks twice", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked" + end, 501},
		{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked" + end, 411},
		{"no length", "POST / HTTP/1.1\r\nHost: x" + end, 411},
		{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6" + end, 400},
		{"a chunk of 16 digits", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "0000000000000005\r\nhello\r\n0\r\n\r\n", 400},
		{"a chunk that ends in LF", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "5\nhello\n0\n\n", 400},
		{"a chunk that is longer", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "4\r\nhello\r\n0\r\n\r\n", 400},
		{"a chunk without digits", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + ";a=b\r\n\r\n", 400},
		{"a chunk with a sign", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "+5\r\nhello\r\n0\r\n\r\n", 400},
		{"a chunk too large", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "fffffffffffffff\r\n", 413},
		{"a trailer that is none", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "0\r\nhello\r\n\r\n", 400},
		{"a trailer without end", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "0\r\n" + strings.Repeat("a: b\r\n", 1<<15), 431},
		{"an extension without end", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + "5;" + strings.Repeat("a", 1<<17), 431},
		{"extensions in a row", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + end + strings.Repeat("1;"+strings.Repeat("a", 1000)+"\r\nx\r\n", 100), 431},
		{"a length too large", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388609" + end, 413},
		{"an expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 0" + end, 417},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, echo{})
				c := p.dial("192.0.2.1")
				c.say(tt.request + call)
				res, body := c.answer(t)
				if res.StatusCode != tt.status || !res.Close || strings.Count(body, "\n") != 1 {
					t.Errorf("status %d %q, close %t, want %d, one line and the end", res.StatusCode, body, res.Close, tt.status)
				}
				c.ended(t)
			})
		})
	}
}

// A body that is refused by its head alone is read over, and the connection
// goes on.
func TestAfterARefusal(t *testing.T) {
	refuse := echo{func(r *door.Request) (door.Action, *door.Refusal) {
		if r.Path == "/no" {
			return nil, &door.Refusal{Status: 404, Text: "not here"}
		}
		return echo{}.Route(r)
	}}
	tests := []struct {
		name, body string
		open       bool
	}{
		{"a short body", "Content-Length: 5\r\n\r\nhello", true},
		{"no body", "Content-Length: 0\r\n\r\n", true},
		{"chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true},
		{"64 KiB", "Content-Length: 65536\r\n\r\n" + strings.Repeat("a", 65536), true},
		{"more", "Content-Length: 65537\r\n\r\n" + strings.Repeat("a", 65537), false},
		{"one that waits", "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, refuse)
				c := p.dial("192.0.2.1")
				c.say("POST /no HTTP/1.1\r\nHost: x\r\n" + tt.body + call)
				if res, body := c.answer(t); res.StatusCode != 404 || body != "not here\n" || res.Close == tt.open {
					t.Fatalf("status %d %q, close %t, want 404 and open %t", res.StatusCode, body, res.Close, tt.open)
				}
				if !tt.open {
					c.ended(t)
				} else if _, body := c.answer(t); body != "hello" {
					t.Errorf("the answer after it is %q, want hello", body)
				}
			})
		})
	}
}

func TestPackedAnswers(t *testing.T) { // H21
	long := strings.Repeat("hello ", 200)
	tests := []struct {
		name, accept, body string
		packed             bool
	}{
		{"gzip", "gzip", long, true},
		{"as Python has it", "gzip", long, true},
		{"as browsers have it", "gzip, deflate, br", long, true},
		{"any", "*", long, true},
		{"in capitals", "GZIP ; Q=0.5", long, true},
		{"of 1024 octets", "gzip", long[:1024], true},
		{"of fewer", "gzip", long[:1023], false},
		{"nothing", "", long, false},
		{"q=0", "gzip;q=0", long, false},
		{"q=0.000", "gzip;q=0.000, *", long, false},
		{"a broken q", "gzip;q=many", long, false},
		{"identity", "identity", long, false},
		{"others", "br, zstd", long, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := open(t, door.Config{}, echo{})
				c := p.dial("192.0.2.1")
				request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n", len(tt.body))
				if tt.accept != "" {
					request += "Accept-Encoding: " + tt.accept + "\r\n"
				}
				for range 2 { // buffers are used again
					c.say(request + "\r\n" + tt.body)
					res, body := c.answer(t)
					if got := res.Header.Get("Content-Encoding") == "gzip"; got != tt.packed || got && res.Header.Get("Vary") != "Accept-Encoding" {
						t.Fatalf("packed %t with Vary %q, want %t", got, res.Header.Get("Vary"), tt.packed)
					}
					if tt.packed {
						body = unzip(t, body)
					}
					if body != tt.body {
						t.Errorf("answer of %d octets %.40q, want those that were sent", len(body), body)
					}
				}
			})
		})
	}
}

func unzip(t testing.TB, packed string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPage(t *testing.T) {
	page := door.Page(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("on purpose")
		case "/late":
			w.Write([]byte("half"))
			panic("on purpose")
		case "/forged":
			w.Header().Set("X-A", "b\r\nX-Forged: yes")
			w.Header()["Bad name:"] = []string{"x"}
			w.WriteHeader(http.StatusTeapot)
		case "/nothing":
			w.WriteHeader(http.StatusNoContent)
		default:
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s %s %s %q %s", r.Method, r.URL.Query().Get("q"), r.Host, r.Header.Get("X-Some"), body, r.RemoteAddr)
		}
	}))
	tests := []struct {
		request string
		status  int
		body    string
		open    bool
	}{
		{"GET /a?q=b HTTP/1.1\r\nHost: h\r\nx-some: thing\r\n\r\n", 200, `GET b h thing "" 192.0.2.1:9`, true},
		{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", 200, `POST  h  "abc" 192.0.2.1:9`, true},
		{"HEAD /a?q=b HTTP/1.1\r\nHost: h\r\n\r\n", 200, "", true},
		{"GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", 204, "", true},
		{"GET /forged HTTP/1.1\r\nHost: h\r\n\r\n", 418, "", true},
		{"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, "not a target of a request\n", true},
		{"GET /panic HTTP/1.1\r\nHost: h\r\n\r\n", 500, "this could not be answered; the server's log tells why\n", false},
		{"GET /late HTTP/1.1\r\nHost: h\r\n\r\n", 500, "this could not be answered; the server's log tells why\n", false},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			p, _ := open(t, door.Config{}, echo{func(*door.Request) (door.Action, *door.Refusal) { return page, nil }})
			c := p.dial("192.0.2.1")
			c.say(tt.request)
			verb, _, _ := strings.Cut(tt.request, " ")
			res, err := http.ReadResponse(c.in, &http.Request{Method: verb})
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != tt.status || string(body) != tt.body || res.Close == tt.open || res.Header.Get("X-Forged") != "" {
				t.Errorf("%.30q: status %d %q, close %t, header %v, want %d %q", tt.request, res.StatusCode, body, res.Close, res.Header, tt.status, tt.body)
			}
		})
	}
}

// An action's memory is not shared with the next one's.
func TestActionsKeepNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := open(t, door.Config{}, echo{func(*door.Request) (door.Action, *door.Refusal) {
			return func(_ context.Context, r *door.Request, body []byte, a *door.Answer) {
				a.Fields = append(a.Fields, door.Field{Name: "X-Seen", Value: r.Get("x-sent")})
				a.Body = append(a.Body, body...)
			}, nil
		}})
		c := p.dial("192.0.2.1")
		for i := range 100 {
			text := strings.Repeat(fmt.Sprint(i), 1+i*i*20)
			c.say(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nX-Sent: %d\r\nContent-Length: %d\r\n\r\n%s", i, len(text), text))
			if res, body := c.answer(t); body != text || res.Header.Get("X-Seen") != fmt.Sprint(i) {
				t.Fatalf("answer %d has %d octets and X-Seen %q, want %d and %d", i, len(body), res.Header.Get("X-Seen"), len(text), i)
			}
		}
	})
}
