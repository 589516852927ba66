package door_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// FuzzStream says anything to the door. It must come to an end with answers
// that are well-formed, the same however the octets come in, and understand
// what it takes as net/http does.
func FuzzStream(f *testing.F) {
	for _, s := range streams {
		f.Add([]byte(s), byte(1))
		f.Add([]byte(s+call), byte(3))
	}
	f.Fuzz(checkStream)
}

// FuzzChunks says anything where chunks are expected, with a good call behind it.
func FuzzChunks(f *testing.F) {
	for _, s := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "1\r\na\r\n1;x=y\r\nb\r\n0\r\nX: y\r\n\r\n", "5;\r\nhello\r\n00000000\r\n\r\n", "fffffffffffffff\r\n",
		"401\r\n", "5\nhello\n0\n\n", "5\r\nhello", "-1\r\n\r\n", "5 \r\nhello\r\n0 \r\n\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n", "0\r\nno colon\r\n\r\n",
	} {
		f.Add([]byte(s), byte(1))
	}
	f.Fuzz(func(t *testing.T, chunks []byte, step byte) {
		const head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		checkStream(t, slices.Concat([]byte(head), chunks, []byte(call)), step)
	})
}

// FuzzField says anything in one field of a call.
func FuzzField(f *testing.F) {
	for _, s := range []string{
		"Content-Length: 5", "content-length:05", "Content-Length: +5", "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked",
		"Transfer-Encoding: chun\u212aed", "Transfer-Encoding : chunked", "Transfer-Encoding:\r\n chunked", "X: y\rTransfer-Encoding: chunked",
		"Connection: close", "Expect: 100-continue", "Content-Encoding: gzip", "Host: y", "X: \x00", "X: y\r",
	} {
		f.Add([]byte(s), byte(1))
	}
	f.Fuzz(func(t *testing.T, field []byte, step byte) {
		checkStream(t, slices.Concat([]byte("POST /a HTTP/1.1\r\nHost: x\r\n"), field, []byte("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"+call)), step)
	})
}

// streams are what the fuzzers begin with.
var streams = []string{
	"", "\r\n\r\n", call, "\r\n" + call, "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n(",
	"POST http://x/y?z HTTP/1.1\r\nHost: w\r\nContent-Length: 1\r\n\r\na", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/2.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /\r\n", "G", "\x16\x03\x01",
	"POST / HTTP/1.1\nHost: x\nContent-Length: 2\n\nab", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nX: y\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", "POST / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n", "POST / HTTP/1.1\r\nX: " + strings.Repeat("y", 2000) + "\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n" + strings.Repeat("X:\r\n", 12) + "\r\n", "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
}

func checkStream(t *testing.T, stream []byte, step byte) {
	requests, out := play(t, stream, len(stream)+1)
	answers := readAnswers(t, stream, out, requests)
	good := 0
	for _, a := range answers {
		if a.status == http.StatusOK {
			good++
		}
	}
	if whole := count(requests); good != whole {
		t.Fatalf("%q: %d requests were taken and %d answered with 200", stream, whole, good)
	}
	requestsAgain, out := play(t, stream, 1+int(step)%7)
	if !slices.Equal(requests, requestsAgain) {
		t.Fatalf("%q was heard as %+v in one piece and as %+v in many", stream, requests, requestsAgain)
	}
	sameAnswers(t, stream, answers, readAnswers(t, stream, out, requests))
	likeNetHTTP(t, stream, requests)
}

func count(requests []heard) (whole int) {
	for _, r := range requests {
		if r.whole {
			whole++
		}
	}
	return whole
}

// An answered is one answer, in short.
type answered struct {
	status int
	ends   bool // the connection
}

var (
	answerForm = regexp.MustCompile(`^HTTP/1\.1 (\d\d\d) [A-Za-z -]+\r\n((?:[A-Za-z-]+: [ -~]*\r\n)*)\r\n`)
	lengthForm = regexp.MustCompile(`(?m)^Content-Length: (\d+)\r$`)
	lineForm   = regexp.MustCompile(`^[ -~]+\n$`)
)

// readAnswers wants all that was answered to be answers with their lengths and
// nothing behind the one that ends the connection (H16, H28).
func readAnswers(t *testing.T, stream, out []byte, requests []heard) []answered {
	t.Helper()
	var all []answered
	for len(out) > 0 {
		m := answerForm.FindSubmatch(out)
		if m == nil || len(all) > 0 && all[len(all)-1].ends {
			t.Fatalf("%q was answered %q, and that is no answer", stream, out)
		}
		out = out[len(m[0]):]
		status, _ := strconv.Atoi(string(m[1]))
		if status == http.StatusContinue {
			continue
		}
		lengths := lengthForm.FindAllSubmatch(m[2], -1)
		if len(lengths) != 1 {
			t.Fatalf("%q was answered %q, want one Content-Length (H16)", stream, m[0])
		}
		n, err := strconv.Atoi(string(lengths[0][1]))
		a := answered{status, bytes.Contains(m[2], []byte("Connection: close\r\n"))}
		toHead := len(out) == 0 && bytes.Contains(stream, []byte("HEAD ")) // one that was not understood
		if len(all) < len(requests) {
			toHead = requests[len(all)].method == http.MethodHead
		}
		all = append(all, a)
		if toHead {
			continue
		}
		if err != nil || n > len(out) {
			t.Fatalf("%q was answered %q with a body of %d octets (H16)", stream, m[0], len(out))
		}
		if status != http.StatusOK && !lineForm.Match(out[:n]) {
			t.Fatalf("%q was refused with %q, want one line (H28)", stream, out[:n])
		}
		out = out[n:]
	}
	return all
}

// sameAnswers compares answers to the same octets. Only what ends them may
// differ in why: it may have been seen earlier.
func sameAnswers(t *testing.T, stream []byte, once, again []answered) {
	t.Helper()
	same := len(once) == len(again)
	for i := 0; same && i < len(once); i++ {
		a, b := once[i], again[i]
		same = a == b || a.ends && b.ends && a.status >= 400 && b.status >= 400
	}
	if !same {
		t.Fatalf("%q was answered %v in one piece and %v in many", stream, once, again)
	}
}

// blankExtension is what RFC 9112 7.1.1 allows and net/http does not.
var blankExtension = regexp.MustCompile(`(?i)[0-9a-f][ \t]+;`)

// likeNetHTTP compares what the door heard with what net/http hears. What the
// door takes net/http takes too, but for the empty lines before a request (H5),
// targets that are no URL, and blanks before the extension of a chunk.
func likeNetHTTP(t *testing.T, stream []byte, requests []heard) {
	t.Helper()
	in := bufio.NewReader(bytes.NewReader(stream))
	for _, r := range requests {
		for b, err := in.Peek(1); err == nil && (b[0] == '\r' || b[0] == '\n'); b, err = in.Peek(1) {
			in.Discard(1)
		}
		want, err := http.ReadRequest(in)
		if _, noURL := errors.AsType[*url.Error](err); noURL {
			return
		}
		var body []byte
		if err == nil {
			body, err = io.ReadAll(want.Body)
		}
		if !r.whole || blankExtension.Match(stream) {
			if err != nil {
				return
			}
			continue
		}
		if err != nil {
			t.Fatalf("%q: the door heard %+v, net/http %v", stream, r, err)
		}
		got, same := fmt.Sprintf("%s %s", r.method, r.target), fmt.Sprintf("%s %s", want.Method, want.RequestURI)
		if strings.HasPrefix(r.target, "/") {
			got, same = got+" at "+r.host, same+" at "+want.Host
		}
		if want.Header.Get("Content-Encoding") == "" {
			got, same = got+": "+r.body, same+": "+string(body)
		}
		if got != same {
			t.Fatalf("%q: the door heard %q, net/http %q", stream, got, same)
		}
	}
}
