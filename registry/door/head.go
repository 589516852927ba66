package door

import (
	"net/http"
	"strconv"
	"strings"
)

// parseHead reads a head: the request line and the fields, to and without the
// empty line at the end. r is overwritten, but for what belongs to the
// connection; its strings are parts of head.
func parseHead(r *Request, head string, maxFields int) *Refusal {
	r.reset()
	line, rest, ok := cutLine(head)
	if !ok {
		return errBareCR
	}
	if no := r.parseRequestLine(line); no != nil {
		return no
	}
	for rest != "" {
		if line, rest, ok = cutLine(rest); !ok {
			return errBareCR
		}
		if len(r.Fields) == maxFields {
			return cut(http.StatusRequestHeaderFieldsTooLarge, "more than "+strconv.Itoa(maxFields)+" header fields")
		}
		f, no := parseField(line)
		if no != nil {
			return no
		}
		r.Fields = append(r.Fields, f)
	}
	return r.interpret()
}

var errBareCR = bad("a carriage return that ends no line")

// cutLine takes a line off s. It ends in CR LF or, as hand-made clients have
// it, in LF alone; a CR elsewhere is how one request is made to look like
// another.
func cutLine(s string) (line, rest string, ok bool) {
	line, rest, _ = strings.Cut(s, "\n")
	line = strings.TrimSuffix(line, "\r")
	return line, rest, strings.IndexByte(line, '\r') < 0
}

// parseRequestLine reads "METHOD target HTTP/1.x" (H2, H3).
func (r *Request) parseRequestLine(line string) *Refusal {
	method, rest, ok := strings.Cut(line, " ")
	target, version, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || !isToken(method) || !isPlain(target) {
		return bad("not a request line of HTTP/1.1")
	}
	digits, ok := strings.CutPrefix(version, "HTTP/")
	if !ok || len(digits) != 3 || !isDigit(digits[0]) || digits[1] != '.' || !isDigit(digits[2]) {
		return bad("not a version of HTTP")
	}
	if digits[0] != '1' {
		return cut(http.StatusHTTPVersionNotSupported, "this is HTTP/1.1")
	}
	r.Method, r.Target, r.Minor = method, target, min(int(digits[2]-'0'), 1)
	return r.parseTarget()
}

// parseTarget splits the target, which is a path, a whole URL, or what
// OPTIONS and CONNECT have in its place.
func (r *Request) parseTarget() *Refusal {
	rest := r.Target
	if rest[0] != '/' && rest != "*" && r.Method != http.MethodConnect {
		scheme, after, ok := strings.Cut(rest, "://")
		if !ok || !isWord(scheme, "http") && !isWord(scheme, "https") {
			return bad("not a target of a request")
		}
		end := strings.IndexAny(after, "/?")
		if end < 0 {
			end = len(after)
		}
		if r.Host, rest = after[:end], after[end:]; r.Host == "" || !isHost(r.Host) {
			return bad("not a target of a request")
		}
	}
	r.Path, _, _ = strings.Cut(rest, "?")
	if r.Path == "" {
		r.Path = "/"
	}
	return nil
}

// parseField reads "Name: value". Blanks before the colon and lines that go
// on in the next one are how requests are smuggled, and refused.
func parseField(line string) (Field, *Refusal) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || !isToken(name) {
		return Field{}, bad("not a header field")
	}
	value = trimBlanks(value)
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return Field{}, bad("a control character in a header field")
		}
	}
	return Field{name, value}, nil
}

// interpret reads the fields that are about the connection and the body.
func (r *Request) interpret() *Refusal {
	r.keep = r.Minor > 0
	var hosts, lengths, codings int
	for i := range r.Fields {
		f := &r.Fields[i]
		var no *Refusal
		switch len(f.Name) { // most fields are none of these
		case len("Host"):
			if strings.EqualFold(f.Name, "Host") {
				hosts++
				no = r.setHost(f.Value)
			}
		case len("Expect"):
			if strings.EqualFold(f.Name, "Expect") {
				no = r.setExpect(f.Value)
			}
		case len("Connection"):
			if strings.EqualFold(f.Name, "Connection") {
				r.setConnection(f.Value)
			}
		case len("Content-Length"):
			if strings.EqualFold(f.Name, "Content-Length") {
				lengths++
				no = r.setLength(f.Value)
			}
		case len("Transfer-Encoding"):
			if strings.EqualFold(f.Name, "Transfer-Encoding") {
				codings++
				no = r.setTransfer(f.Value)
			}
		}
		if no != nil {
			return no
		}
	}
	r.keep = r.keep && !r.close
	switch {
	case hosts > 1 || hosts == 0 && r.Minor > 0:
		return bad("send exactly one Host")
	case codings > 1:
		return cut(http.StatusNotImplemented, "send the body with Content-Length or chunked")
	case lengths > 0 && codings > 0:
		return bad("send Content-Length or chunks, not both")
	case r.chunked && r.Minor == 0:
		return cut(http.StatusLengthRequired, "HTTP/1.0 has no chunks; send Content-Length")
	}
	return nil
}

func (r *Request) setHost(value string) *Refusal {
	if !isHost(value) {
		return bad("not a Host")
	}
	if r.Host == "" {
		r.Host = value
	}
	return nil
}

// setExpect notes that the peer waits before it sends a body (H24). HTTP/1.0
// knows no such thing.
func (r *Request) setExpect(value string) *Refusal {
	if !isWord(value, "100-continue") {
		return cut(http.StatusExpectationFailed, "the only expectation met is 100-continue")
	}
	r.awaits100 = r.Minor > 0
	return nil
}

// setConnection notes whether the connection stays open (H22).
func (r *Request) setConnection(value string) {
	for option := range strings.SplitSeq(value, ",") {
		switch option = trimBlanks(option); {
		case isWord(option, "close"):
			r.close = true
		case isWord(option, "keep-alive"):
			r.keep = true
		}
	}
}

// maxLengthDigits is how long a Content-Length may be (H10).
const maxLengthDigits = 18

// setLength reads a Content-Length: digits alone (H11). The same one twice is
// the same.
func (r *Request) setLength(value string) *Refusal {
	if value == "" || len(value) > maxLengthDigits {
		return bad("not a Content-Length")
	}
	var n int64
	for i := range len(value) {
		if !isDigit(value[i]) {
			return bad("not a Content-Length")
		}
		n = n*10 + int64(value[i]-'0')
	}
	if r.Length >= 0 && r.Length != n {
		return bad("two lengths that differ")
	}
	r.Length = n
	return nil
}

// setTransfer takes chunked alone (H13).
func (r *Request) setTransfer(value string) *Refusal {
	if !isWord(value, "chunked") {
		return cut(http.StatusNotImplemented, "send the body with Content-Length or chunked")
	}
	r.chunked = true
	return nil
}

// isWord reports whether s is word in any case. Unicode knows letters beyond
// ASCII that fold to k and s, which no word of HTTP holds; they are longer.
func isWord(s, word string) bool { return len(s) == len(word) && strings.EqualFold(s, word) }

func trimBlanks(s string) string { return strings.Trim(s, " \t") }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isToken reports whether s is a word of HTTP: a method or a field's name.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || tokenChars[c>>6]&(1<<(c&63)) == 0 {
			return false
		}
	}
	return s != ""
}

// tokenChars has a bit for each character of a token (RFC 9110 5.6.2).
var tokenChars = func() (set [2]uint64) {
	for _, c := range []byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		set[c>>6] |= 1 << (c & 63)
	}
	return set
}()

// isPlain reports whether s has neither blanks nor control characters.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return s != ""
}

// isHost reports whether s can be the host and port of a URL; it may be empty.
func isHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c >= 0x7f, strings.IndexByte(`"#/<>?@\^`+"`{|}", c) >= 0:
			return false
		}
	}
	return true
}
