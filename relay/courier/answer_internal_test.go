package courier

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"co2/methods/wire"
)

const okDoc = `<?xml version="1.0"?><methodResponse><params><param><value>OK</value></param></params></methodResponse>`

const faultDoc = `<?xml version="1.0"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>` +
	`<member><name>faultString</name><value><string>no</string></value></member></struct></value></fault></methodResponse>`

// withLength is an answer with a head of these lines and a Content-Length.
func withLength(body string, lines ...string) string {
	return strings.Join(lines, "\r\n") + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func chunked(pieces ...string) string {
	var b strings.Builder
	for _, p := range pieces {
		fmt.Fprintf(&b, "%x;note=1\r\n%s\r\n", len(p), p)
	}
	return b.String() + "0\r\nX-Sum: 1\r\n\r\n"
}

// answers is a connection's whole contents, and what they mean: the start of
// the error, none if empty; whether the connection can be kept (in pieces, an
// answer may be judged before its body is there, which ends it); whether the
// answer is complete before the connection ends.
var answers = []struct {
	name, came, err string
	keep, open      bool
}{
	{"usual", withLength(okDoc, "HTTP/1.1 200 OK", "Content-Type: text/xml; charset=utf-8"), "", true, true},
	{"no media type", withLength(okDoc, "HTTP/1.1 200 OK"), "", true, true},
	{"no words", withLength(okDoc, "HTTP/1.1 200"), "", true, true},
	{"many fields", withLength(okDoc, "HTTP/1.1 200 OK", "Server: x", "Date: Sat, 01 Jan 2000 00:00:00 GMT", "CONTENT-TYPE:text/xml", "connection: Keep-Alive"), "", true, true},
	{"another spelling of the media type", withLength(okDoc, "HTTP/1.1 200 OK", `Content-Type: Text/XML; charset="utf-8"`), "", true, true},
	{"a declared charset", withLength(strings.Replace(okDoc, "OK", "\xe4", 1), "HTTP/1.1 200 OK", "Content-Type: text/xml; charset=iso-8859-1"), "", true, true},
	{"the same octets in utf-8", withLength(strings.Replace(okDoc, "OK", "\xe4", 1), "HTTP/1.1 200 OK", "Content-Type: text/xml; charset=utf-8"), "line 1", true, true},
	{"lines without CR", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", "line 1", true, true},
	{"a fault", withLength(faultDoc, "HTTP/1.1 200 OK"), "fault 1: no", true, true},
	{"no document", withLength("", "HTTP/1.1 200 OK"), "line 1", true, true},
	{"not XML", withLength("<html>", "HTTP/1.1 200 OK", "Content-Type: text/html"), "not XML-RPC, HTTP 200", true, true},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(okDoc[:10], okDoc[10:11], okDoc[11:]), "", true, true},
	{"chunked fault", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(faultDoc), "fault 1: no", true, true},
	{"broken chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "invalid byte in chunk length", false, true},
	{"chunks cut off", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nabc", "the connection was closed in the middle", false, false},
	{"HTTP/1.0", withLength(okDoc, "HTTP/1.0 200 OK", "Content-Type: text/xml"), "", false, true},
	{"HTTP/1.0, kept", withLength(okDoc, "HTTP/1.0 200 OK", "Connection: keep-alive"), "", true, true},
	{"HTTP/1.0 to the end", "HTTP/1.0 200 OK\r\n\r\n" + okDoc, "", false, false},
	{"HTTP/1.1 to the end", "HTTP/1.1 200 OK\r\n\r\n" + okDoc, "", false, false},
	{"said to close", withLength(okDoc, "HTTP/1.1 200 OK", "Connection: close"), "", false, true},
	{"100 first", "HTTP/1.1 100 Continue\r\n\r\n" + withLength(okDoc, "HTTP/1.1 200 OK"), "", true, true},
	{"two before", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + withLength(okDoc, "HTTP/1.1 200 OK"), "", true, true},
	{"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "not XML-RPC, HTTP 101", false, true},
	{"204", "HTTP/1.1 204 No Content\r\n\r\n", "not XML-RPC, HTTP 204", true, true},
	{"a redirect", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", "a redirect, which is not followed, HTTP 302", true, true},
	{"a redirect with a body to come", "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 10\r\n\r\n", "a redirect, which is not followed, HTTP 302", false, true},
	{"404", withLength("<html>", "HTTP/1.1 404 Not Found"), "not XML-RPC, HTTP 404", true, true},
	{"500 with a fault", withLength(faultDoc, "HTTP/1.1 500 Oops", "Content-Type: text/xml"), "HTTP 500 with fault 1: no", true, true},
	{"503 with words", withLength("busy\n", "HTTP/1.1 503 Busy", "Content-Type: text/plain"), `not XML-RPC, HTTP 503: "busy"`, true, true},
	{"compressed", withLength(okDoc, "HTTP/1.1 200 OK", "Content-Encoding: gzip"), "a compressed answer, HTTP 200", true, true},
	{"more behind it", withLength(okDoc, "HTTP/1.1 200 OK") + "x", "", false, true},
	{"another answer behind it", strings.Repeat(withLength(okDoc, "HTTP/1.1 200 OK"), 2), "", false, true},
	{"more behind chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(okDoc) + "x", "", false, true},
	{"announced too long", "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", "an answer of more than 100000 octets, HTTP 200", false, true},
	{"chunks too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunked(strings.Repeat(" ", 10000))[:10000+4+2+8+2], 11), "an answer of more than 100000 octets, HTTP 200", false, true},
	{"endless chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 40000), "", false, true},
	{"a length twice", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", "an answer that is not HTTP", false, true},
	{"a head too long", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", maxHead), "a head of more than 16384 octets", false, true},
	{"endless heads", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000), "a head of more than 16384 octets", false, true},
	{"a field without colon", withLength(okDoc, "HTTP/1.1 200 OK", "what"), "an answer that is not HTTP", false, true},
	{"TLS", "\x15\x03\x01\x00\x02\x02\x46", `an answer that is not HTTP: "\x15`, false, true},
	{"SSH", "SSH-2.0-OpenSSH\r\n", `an answer that is not HTTP: "S`, false, true},
	{"cut off in the head", "HTTP/1.1 200 OK\r\nContent-Le", "the connection was closed in the middle", false, false},
	{"cut off in the body", withLength(okDoc, "HTTP/1.1 200 OK")[:100], "the connection was closed in the middle", false, false},
	{"a refusal cut off", "HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nabc", "not XML-RPC, HTTP 500", false, false},
}

// feedPieces feeds an answer in pieces of size octets.
func feedPieces(j *judge, came string, size int) (v verdict, complete bool) {
	var a answer
	for len(came) > 0 {
		n := min(size, len(came))
		piece := []byte(came[:n])
		v, complete := a.feed(j, piece, nil)
		clear(piece) // nothing of it may be kept
		if complete {
			if len(came) > n {
				v.keep = false // more is behind it
			}
			return v, true
		}
		came = came[n:]
	}
	v, _ = a.feed(j, nil, io.EOF)
	return v, false
}

func TestAnswerForms(t *testing.T) {
	j := &judge{maxAnswer: 100_000}
	for _, test := range answers {
		for _, size := range []int{1, 3, 100, 1 << 20, 1 << 20} { // twice whole: the second time it is remembered
			v, complete := feedPieces(j, test.came, size)
			text := ""
			if v.err != nil {
				text = v.err.Error()
			}
			if !strings.HasPrefix(text, test.err) || v.err != nil != (test.err != "") && test.name != "endless chunk extension" {
				t.Errorf("%s, in pieces of %d: %q, want %q", test.name, size, text, test.err)
			}
			if v.keep && !test.keep || v.keep != test.keep && size > len(test.came) || complete != test.open {
				t.Errorf("%s, in pieces of %d: keep %v, complete before its end %v, want %v, %v", test.name, size, v.keep, complete, test.keep, test.open)
			}
		}
	}
}

// meaningOf is what an answer means as net/http alone reads it.
func meaningOf(came []byte, maxAnswer int64) error {
	r := bufio.NewReader(bytes.NewReader(came))
	for {
		resp, err := http.ReadResponse(r, postRequest)
		if err != nil {
			return err
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != 101 {
			continue
		}
		body, charset, err := wire.ReadAnswer(resp, maxAnswer)
		if err != nil {
			return err
		}
		return wire.ParseResponse(body, charset, wire.Limits{}, nil)
	}
}

// However an answer comes, it means what net/http reads in it.
func FuzzAnswer(f *testing.F) {
	for _, test := range answers {
		f.Add([]byte(test.came), 7)
	}
	f.Fuzz(func(t *testing.T, came []byte, size int) {
		if size < 1 || len(came) > maxHead || !bytes.HasPrefix(came, magic) {
			return
		}
		const maxAnswer = 8000
		want := meaningOf(came, maxAnswer)
		j := &judge{maxAnswer: maxAnswer}
		for range 2 { // the second time it is remembered
			v, _ := feedPieces(j, string(came), size)
			if (v.err == nil) != (want == nil) {
				t.Fatalf("answer %q in pieces of %d = %v, net/http reads %v", came, size, v.err, want)
			}
			fault, isFault := want.(*wire.Fault)
			if got, ok := v.err.(*wire.Fault); isFault && (!ok || *got != *fault) {
				t.Fatalf("answer %q = %v, want %v", came, v.err, fault)
			}
		}
	})
}

// What the quick reader of heads takes, net/http reads alike.
func FuzzQuickHead(f *testing.F) {
	for _, test := range answers {
		if n := headEnd([]byte(test.came), 0); n > 0 {
			f.Add([]byte(test.came[:n]))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := quickHead(b)
		if !ok {
			return
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), postRequest)
		if err != nil || resp.StatusCode != 200 || resp.ContentLength != int64(h.length) || resp.Close || len(resp.TransferEncoding) > 0 {
			t.Fatalf("quickHead(%q) = %+v, net/http reads %+v, %v", b, h, resp, err)
		}
		resp.Body = io.NopCloser(strings.NewReader(okDoc))
		resp.ContentLength = int64(len(okDoc))
		if _, charset, err := wire.ReadAnswer(resp, 0); err != nil || charset != h.charset {
			t.Fatalf("charset of %q = %q, want %q, %v", b, h.charset, charset, err)
		}
	})
}
