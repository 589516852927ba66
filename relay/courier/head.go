package courier

import (
	"bytes"
	"strings"
)

// A head is what is needed of the head of a usual answer: status 200, a
// Content-Length, and a connection that stays open.
type head struct {
	size    int // of the head
	length  int // of the body
	charset string
}

func (h head) whole() int { return h.size + h.length }

// quickHead reads the head of a usual answer, whole and with its empty line.
// It is strict: where a head has anything unusual, ok is false and net/http
// is asked.
func quickHead(b []byte) (h head, ok bool) {
	line, rest, ok := cutLine(b)
	if !ok || !isStatus200(line) {
		return head{}, false
	}
	h = head{size: len(b), length: -1}
	typed := false
	for len(rest) > 0 {
		if line, rest, ok = cutLine(rest); !ok {
			return head{}, false
		}
		if len(line) == 0 {
			return h, h.length >= 0 && len(rest) == 0
		}
		name, value, ok := cutField(line)
		if !ok || !h.take(name, value, &typed) {
			return head{}, false
		}
	}
	return head{}, false
}

// isStatus200 reports whether line is "HTTP/1.1 200", with or without words.
func isStatus200(line []byte) bool {
	const ok = "HTTP/1.1 200"
	return bytes.HasPrefix(line, []byte(ok)) && (len(line) == len(ok) || line[len(ok)] == ' ') && isText(line)
}

// take reads one field, and reports whether it is usual.
func (h *head) take(name, value []byte, typed *bool) bool {
	switch {
	case is(name, "content-length"):
		return h.length < 0 && h.setLength(value)
	case is(name, "content-type"):
		if *typed {
			return false
		}
		*typed = true
		var ok bool
		h.charset, ok = charsetOf(value)
		return ok
	case is(name, "connection"):
		return is(value, "keep-alive")
	case is(name, "transfer-encoding"), is(name, "content-encoding"), is(name, "trailer"), is(name, "upgrade"):
		return false
	}
	return true
}

func (h *head) setLength(value []byte) bool {
	if len(value) == 0 || len(value) > 9 {
		return false
	}
	h.length = 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
		h.length = 10*h.length + int(c-'0')
	}
	return true
}

// charsetOf knows the usual media types of an answer.
func charsetOf(value []byte) (charset string, ok bool) {
	switch string(value) {
	case "text/xml", "application/xml":
		return "", true
	case "text/xml; charset=utf-8", "text/xml;charset=utf-8":
		return "utf-8", true
	case "text/xml; charset=UTF-8", "text/xml;charset=UTF-8":
		return "UTF-8", true
	}
	return "", false
}

// cutLine takes a line off b, which must end in CR LF.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	n := bytes.IndexByte(b, '\n')
	if n < 1 || b[n-1] != '\r' {
		return nil, nil, false
	}
	return b[:n-1], b[n+1:], true
}

// cutField reads "Name: value".
func cutField(line []byte) (name, value []byte, ok bool) {
	n := bytes.IndexByte(line, ':')
	if n < 1 || !isName(line[:n]) {
		return nil, nil, false
	}
	value = bytes.Trim(line[n+1:], " \t")
	return line[:n], value, isText(value)
}

func isName(b []byte) bool {
	for _, c := range b {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// is compares without regard to case.
func is(b []byte, lower string) bool {
	return len(b) == len(lower) && strings.EqualFold(string(b), lower)
}
