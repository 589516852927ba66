package registry_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"

	"co2/methods"
	"co2/registry"
	"co2/registry/door"
)

func pack(t testing.TB, w io.WriteCloser, b *bytes.Buffer, text string) string {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	var b bytes.Buffer
	return pack(t, gzip.NewWriter(&b), &b, text)
}

func zlibbed(t testing.TB, text string) string {
	var b bytes.Buffer
	return pack(t, zlib.NewWriter(&b), &b, text)
}

func deflated(t testing.TB, text string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	return pack(t, w, &b, text)
}

func TestContentCodings(t *testing.T) {
	const most = 2 << 20
	s := serve(t, registry.Config{Door: door.Config{MaxBody: most}})
	bomb := pingCall + strings.Repeat(" ", most)
	blanks := gzipped(t, strings.Repeat(" ", 1<<20)) // about 1 KiB
	full := pingCall + strings.Repeat(" ", most-len(pingCall))
	tests := []struct {
		name   string
		coding string
		body   string
		status int
	}{
		{"identity", "identity", pingCall, 200},
		{"gzip", "gzip", gzipped(t, pingCall), 200},
		{"GZip", "GZip", gzipped(t, pingCall), 200},
		{"x-gzip", "x-gzip", gzipped(t, pingCall), 200},
		{"two gzip members", "gzip", gzipped(t, pingCall[:30]) + gzipped(t, pingCall[30:]), 200},
		{"deflate", "deflate", zlibbed(t, pingCall), 200},
		{"raw deflate", "Deflate", deflated(t, pingCall), 200},
		{"as long as allowed", "gzip", gzipped(t, full), 200},

		{"one octet more", "gzip", gzipped(t, full+" "), 413},
		{"gzip of 1 GiB of blanks", "gzip", strings.Repeat(blanks, 1<<10), 413},
		{"deflate bomb", "deflate", zlibbed(t, bomb), 413},
		{"raw bomb", "deflate", deflated(t, bomb), 413},

		{"br", "br", pingCall, 415},
		{"a list", "gzip, gzip", gzipped(t, gzipped(t, pingCall)), 415},
		{"a list with identity", "gzip, identity", gzipped(t, pingCall), 415},

		{"no gzip at all", "gzip", pingCall, 400},
		{"empty gzip", "gzip", "", 400},
		{"cut gzip", "gzip", cutEnd(gzipped(t, pingCall), 12), 400},
		{"gzip without its end", "gzip", cutEnd(gzipped(t, pingCall), 8), 400},
		{"wrong CRC", "gzip", spoil(gzipped(t, pingCall), -8), 400},
		{"wrong size", "gzip", spoil(gzipped(t, pingCall), -1), 400},
		{"junk after gzip", "gzip", gzipped(t, pingCall) + "junk", 400},
		{"no deflate at all", "deflate", pingCall, 400},
		{"empty deflate", "deflate", "", 400},
		{"cut deflate", "deflate", cutEnd(zlibbed(t, pingCall), 6), 400},
		{"wrong Adler sum", "deflate", spoil(zlibbed(t, pingCall), -1), 400},
		{"junk after deflate", "deflate", zlibbed(t, pingCall) + "junk", 400},
		{"junk after raw deflate", "deflate", deflated(t, pingCall) + "junk", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.exchange(t, post(tt.body, "Content-Encoding: "+tt.coding))
			if got.StatusCode != tt.status || tt.status == 200 && got.body != pong {
				t.Errorf("status %d %q, want %d", got.StatusCode, got.body, tt.status)
			}
			if accept := got.Header.Get("Accept-Encoding"); (tt.status == 415) != (accept == "gzip, deflate") {
				t.Errorf("Accept-Encoding: %q with status %d", accept, got.StatusCode)
			}
		})
	}
}

func cutEnd(s string, n int) string { return s[:len(s)-n] }

// spoil changes the octet that many places before the end.
func spoil(s string, at int) string {
	b := []byte(s)
	b[len(b)+at] ^= 0x55
	return string(b)
}

func TestTwoContentEncodings(t *testing.T) {
	s := serve(t, registry.Config{})
	got := s.exchange(t, post(gzipped(t, pingCall), "Content-Encoding: gzip", "Content-Encoding: identity"))
	if got.StatusCode != 415 {
		t.Errorf("status %d, want 415", got.StatusCode)
	}
}

// chunked writes body in chunks of n octets.
func chunked(body string, n int, extension string) string {
	var b strings.Builder
	for len(body) > 0 {
		n = min(n, len(body))
		fmt.Fprintf(&b, "%x%s\r\n%s\r\n", n, extension, body[:n])
		body = body[n:]
	}
	return b.String() + "0\r\n\r\n"
}

func TestChunkedBodies(t *testing.T) {
	s := serve(t, registry.Config{Door: door.Config{MaxBody: 1000}})
	lines := []string{"POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", "Transfer-Encoding: Chunked"}
	long := pingCall + strings.Repeat(" ", 2000)
	tests := []struct {
		name   string
		more   []string
		body   string
		status int
	}{
		{"one chunk", nil, chunked(pingCall, 1000, ""), 200},
		{"chunks of one octet", nil, chunked(pingCall, 1, ""), 200},
		{"chunk extensions", nil, chunked(pingCall, 7, ";a=b"), 200},
		{"a trailer", []string{"Trailer: X-A"}, strings.TrimSuffix(chunked(pingCall, 50, ""), "\r\n") + "X-A: b\r\n\r\n", 200},
		{"gzip in chunks", []string{"Content-Encoding: gzip"}, chunked(gzipped(t, pingCall), 5, ""), 200},
		{"a length beside chunks", []string{"Content-Length: 3"}, chunked(pingCall, 9, ""), 400},
		{"too long", nil, chunked(long, 100, ""), 413},
		{"too long when unpacked", []string{"Content-Encoding: gzip"}, chunked(gzipped(t, long), 100, ""), 413},
		{"a broken chunk", nil, "5\r\nabc\r\n0\r\n\r\n", 400},
		{"a chunk size that is no number", nil, "xyz\r\nabc\r\n0\r\n\r\n", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := s.dial(t)
			request := head(append(lines, tt.more...)...) + tt.body
			c.send(request)
			got := c.read(t, request)
			if got.StatusCode != tt.status || tt.status == 200 && got.body != pong {
				t.Fatalf("status %d %q, want %d", got.StatusCode, got.body, tt.status)
			}
			if tt.status != 200 {
				c.wantClosed(t)
				return
			}
			c.send(post(pingCall))
			if got := c.read(t, "POST"); got.body != pong {
				t.Errorf("the next call on the connection = %q, want an answer to ping", got.body)
			}
		})
	}
}

// A body that ends early is never taken for a whole one, even if it is a
// document by itself.
func TestBodyThatEndsEarly(t *testing.T) {
	called := make(chan string, 1)
	s := serve(t, registry.Config{Called: func(_ methods.Caller, method string) { called <- method }})
	c := s.dial(t)
	request := head("POST /RPC2 HTTP/1.1", "Host: x", "Content-Type: text/xml", fmt.Sprintf("Content-Length: %d", len(pingCall)+1)) + pingCall
	c.send(request)
	if err := c.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got := c.read(t, request); got.StatusCode != 400 {
		t.Errorf("status %d, want 400", got.StatusCode)
	}
	select {
	case method := <-called:
		t.Errorf("%s was called", method)
	default:
	}
}

func TestEncodings(t *testing.T) {
	s := serve(t, registry.Config{})
	utf8 := "<methodCall><methodName>test</methodName><params><param><value>gr\u00fc\u00df</value></param></params></methodCall>"
	latin1 := strings.NewReplacer("\u00fc", "\xfc", "\u00df", "\xdf").Replace(utf8)
	want := "<string>gr\u00fc\u00df</string>"
	tests := []struct {
		name string
		line string // path and version
		kind string
		body string
		want string
	}{
		{"UTF-8, nothing declared", "/RPC2 HTTP/1.1", "text/xml", utf8, want},
		{"UTF-8 at the root, HTTP/1.0", "/ HTTP/1.0", "text/xml", utf8, want},
		{"ISO-8859-1 by declaration", "/RPC2 HTTP/1.1", "text/xml", `<?xml version="1.0" encoding="ISO-8859-1"?>` + latin1, want},
		{"ISO-8859-1 by declaration at the root, HTTP/1.0", "/ HTTP/1.0", "text/xml", `<?xml version="1.0" encoding="iso-8859-1"?>` + latin1, want},
		{"ISO-8859-1 by charset", "/RPC2 HTTP/1.1", "text/xml; charset=ISO-8859-1", latin1, want},
		{"charset wins over declaration", "/RPC2 HTTP/1.1", `text/xml; charset="iso-8859-1"`, `<?xml version="1.0" encoding="UTF-8"?>` + latin1, want},
		{"byte order mark wins over charset", "/RPC2 HTTP/1.1", "text/xml; charset=iso-8859-1", "\ufeff" + utf8, want},
		{"ISO-8859-1 undeclared", "/RPC2 HTTP/1.1", "text/xml", latin1, "-32702"},
		{"unknown charset", "/RPC2 HTTP/1.1", "text/xml; charset=x-klingon", utf8, "-32701"},
	}
	for _, tt := range tests {
		got := s.exchange(t, head("POST "+tt.line, "Host: x", "Content-Type: "+tt.kind, fmt.Sprintf("Content-Length: %d", len(tt.body)))+tt.body)
		if got.StatusCode != 200 || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: status %d %q, want 200 with %s", tt.name, got.StatusCode, got.body, tt.want)
		}
	}
}
