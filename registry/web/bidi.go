package web

import (
	"bytes"
	"fmt"
	"strings"
)

// isBidi reports whether r orders text about without being seen: with it, a
// text can be made to read otherwise than it is, and so can what stands beside.
// Marks of direction alone do no harm.
func isBidi(r rune) bool { return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' }

// showBidi makes such characters visible in the text of a page. Attributes and
// what people edit keep them: it is sent back as it came.
func showBidi(page []byte) []byte {
	if !bytes.ContainsFunc(page, isBidi) {
		return page
	}
	var b bytes.Buffer
	for len(page) > 0 {
		at := bytes.IndexByte(page, '<')
		if at < 0 {
			at = len(page)
		}
		for _, r := range string(page[:at]) {
			if isBidi(r) {
				fmt.Fprintf(&b, "[U+%04X]", r)
			} else {
				b.WriteRune(r)
			}
		}
		page = page[at:]
		end := bytes.IndexByte(page, '>') + 1 // within attributes it is &gt;
		if bytes.HasPrefix(page, []byte("<textarea")) {
			end = bytes.Index(page, []byte("</textarea>"))
		}
		if end <= 0 {
			end = len(page)
		}
		b.Write(page[:end])
		page = page[end:]
	}
	return b.Bytes()
}

// referBidi writes such characters of an XML document as references, which
// mean the same and are seen.
func referBidi(doc string) string {
	if !strings.ContainsFunc(doc, isBidi) {
		return doc
	}
	var b strings.Builder
	for _, r := range doc {
		if isBidi(r) {
			fmt.Fprintf(&b, "&#x%X;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
