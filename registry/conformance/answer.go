package conformance

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

// An Answer is what came back for one request, as it came.
type Answer struct {
	Verb      string // of the request
	Proto     string // "HTTP/1.1"
	Status    int    // 0: nothing came that is an answer
	Header    textproto.MIMEHeader
	Body      []byte // without chunks, still gzipped if it was
	Chunked   bool
	Continued bool  // 100 Continue came before it
	Closed    bool  // the connection ended behind it
	Err       error // why there is no answer, or only part of one
}

// maxAnswer bounds what is read of a body: more than any answer of the suite.
const maxAnswer = 64 << 20

// readAnswer reads an answer, past 100 Continue unless interim.
func readAnswer(in *bufio.Reader, verb string, interim bool) *Answer {
	a := &Answer{Verb: verb}
	for {
		if a.Err = a.readHead(in); a.Err != nil {
			return a
		}
		if a.Status/100 != 1 || interim {
			break
		}
		a.Continued = a.Continued || a.Status == 100
	}
	if a.Status/100 != 1 && a.Status != 204 && verb != "HEAD" {
		a.Err = a.readBody(in)
	}
	return a
}

func (a *Answer) readHead(in *bufio.Reader) error {
	r := textproto.NewReader(in)
	line, err := r.ReadLine()
	if err != nil {
		return err
	}
	proto, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	if a.Proto = proto; !strings.HasPrefix(proto, "HTTP/") {
		return fmt.Errorf("no status line: %.60q", line)
	}
	if a.Status, err = strconv.Atoi(code); err != nil {
		return fmt.Errorf("no status: %.60q", line)
	}
	a.Header, err = r.ReadMIMEHeader()
	return err
}

func (a *Answer) readBody(in *bufio.Reader) (err error) {
	if strings.EqualFold(a.Header.Get("Transfer-Encoding"), "chunked") {
		a.Chunked = true
		a.Body, err = readChunks(in)
		return err
	}
	lengths := a.Header["Content-Length"]
	if len(lengths) == 0 {
		a.Body, err = io.ReadAll(io.LimitReader(in, maxAnswer))
		return err
	}
	n, err := strconv.ParseInt(lengths[0], 10, 32)
	if err != nil || n < 0 || n > maxAnswer || len(lengths) > 1 {
		return fmt.Errorf("bad Content-Length %q", lengths)
	}
	var b bytes.Buffer
	_, err = io.CopyN(&b, in, n)
	a.Body = b.Bytes()
	return err
}

func readChunks(in *bufio.Reader) ([]byte, error) {
	var b bytes.Buffer
	r := textproto.NewReader(in)
	for {
		line, err := r.ReadLine()
		if err != nil {
			return b.Bytes(), err
		}
		size, _, _ := strings.Cut(line, ";")
		n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 32)
		if err != nil || n < 0 || b.Len()+int(n) > maxAnswer {
			return b.Bytes(), fmt.Errorf("bad chunk size %.20q", line)
		}
		if n == 0 {
			_, err := r.ReadMIMEHeader()
			return b.Bytes(), err
		}
		if _, err := io.CopyN(&b, in, n); err != nil {
			return b.Bytes(), err
		}
		if line, err := r.ReadLine(); line != "" || err != nil {
			return b.Bytes(), fmt.Errorf("chunk of another size than told: %w", err)
		}
	}
}

// document is the body, unpacked if it is gzipped.
func (a *Answer) document() []byte {
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.Body
	}
	r, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxAnswer))
	if err != nil {
		return nil
	}
	return plain
}

// isXML reports whether the answer is one of XML-RPC: a result or a fault.
func (a *Answer) isXML() bool { return a.Err == nil && a.Status == 200 && a.Verb == "POST" }

// String shows the answer in one line.
func (a *Answer) String() string {
	switch {
	case a.Status == 0:
		return fmt.Sprintf("no answer (%v)", a.Err)
	case a.Err != nil:
		return fmt.Sprintf("HTTP %d, cut off (%v): %s", a.Status, a.Err, show(a.Body))
	}
	return fmt.Sprintf("HTTP %d: %s", a.Status, show(a.document()))
}

// shown is how many octets of a request or an answer a report shows.
const shown = 300

// show quotes octets, without the middle of long ones.
func show(b []byte) string {
	if len(b) <= shown {
		return strconv.QuoteToGraphic(string(b))
	}
	return fmt.Sprintf("%q … %q (%d octets)", b[:shown*2/3], b[len(b)-shown/3:], len(b))
}
