package conformance

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A sender makes the octets of a request for a server. In what it is made of,
// {host}, {path}, {origin} and {echo} stand for the server's own.
type sender func(t *Target) []byte

// raw sends lines of a head as they are, an empty line and nothing more.
func raw(lines ...string) sender {
	return func(t *Target) []byte { return []byte(t.fill(strings.Join(lines, "\r\n") + "\r\n\r\n")) }
}

// then sends one after another.
func then(parts ...sender) sender {
	return func(t *Target) []byte {
		var b []byte
		for _, p := range parts {
			b = append(b, p(t)...)
		}
		return b
	}
}

// plain sends text as it is.
func plain(text string) sender {
	return func(t *Target) []byte { return []byte(t.fill(text)) }
}

// A body is a document, possibly packed.
type body = sender

// posting sends a call. Lines of header replace those of the same name that
// are there by themselves; a line "!Name" only takes that one away.
func posting(content body, header ...string) sender {
	return postingTo("POST {path} HTTP/1.1", content, header...)
}

func postingTo(requestLine string, content body, header ...string) sender {
	return func(t *Target) []byte {
		b := content(t)
		length := fmt.Sprintf("Content-Length: %d", len(b))
		return append(raw(headLines(requestLine, header, "Host: {host}", "Content-Type: text/xml", length)...)(t), b...)
	}
}

// announcing sends only the head of a call, without a length.
func announcing(header ...string) sender {
	return raw(headLines("POST {path} HTTP/1.1", header, "Host: {host}", "Content-Type: text/xml")...)
}

// headLines are the lines of a head: the usual ones that header does not
// replace, then those of header.
func headLines(requestLine string, header []string, usual ...string) []string {
	lines := []string{requestLine}
	for _, line := range usual {
		if !slices.ContainsFunc(header, func(other string) bool { return fieldName(other) == fieldName(line) }) {
			lines = append(lines, line)
		}
	}
	return append(lines, slices.DeleteFunc(slices.Clone(header), func(line string) bool { return strings.HasPrefix(line, "!") })...)
}

func fieldName(line string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(line, "!"), ":")
	return strings.ToLower(name)
}

// call is a call of a method with params as in <value>…</value>.
func call(method string, values ...string) body {
	return plain(callText(method, values...))
}

func callText(method string, values ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><methodCall><methodName>` + method + "</methodName><params>")
	for _, v := range values {
		b.WriteString("<param><value>" + v + "</value></param>")
	}
	return b.String() + "</params></methodCall>"
}

// echoing calls the echo with a struct whose member v is x: C(x) of section 14.
func echoing(x string) body { return plain(echoText(x)) }

func echoText(x string) string { return callText("{echo}", vStruct(x)) }

func vStruct(x string) string {
	return "<struct><member><name>v</name><value>" + x + "</value></member></struct>"
}

// later is a large text, made only when it is sent.
func later(text func() string) sender {
	return func(t *Target) []byte { return []byte(t.fill(text())) }
}

// octets are sent untouched.
func octets(b string) sender {
	return func(*Target) []byte { return []byte(b) }
}

// changed is what change makes of the octets of another body.
func changed(content body, change func([]byte) []byte) body {
	return func(t *Target) []byte { return change(content(t)) }
}

// packed compresses with the writer that wrap makes.
func packed(content body, wrap func(io.Writer) io.WriteCloser) body {
	return changed(content, func(b []byte) []byte {
		var out bytes.Buffer
		w := wrap(&out)
		w.Write(b) // a Buffer takes everything
		w.Close()
		return out.Bytes()
	})
}

func gzipped(content body) body {
	return packed(content, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func zlibbed(content body) body {
	return packed(content, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

func deflated(content body) body {
	return packed(content, func(w io.Writer) io.WriteCloser {
		f, _ := flate.NewWriter(w, flate.DefaultCompression) // this level is known
		return f
	})
}

// chunked cuts a body into chunks of n octets; after is what comes behind the
// last one.
func chunked(content body, n int, after string) body {
	return changed(content, func(b []byte) []byte {
		var out bytes.Buffer
		for part := range slices.Chunk(b, n) {
			fmt.Fprintf(&out, "%x\r\n%s\r\n", len(part), part)
		}
		out.WriteString("0\r\n" + after + "\r\n")
		return out.Bytes()
	})
}

// postingChunks sends a call whose body has been cut into chunks.
func postingChunks(chunks body, header ...string) sender {
	if !slices.ContainsFunc(header, func(line string) bool { return fieldName(line) == "transfer-encoding" }) {
		header = append([]string{"Transfer-Encoding: chunked"}, header...)
	}
	return then(announcing(header...), chunks)
}
