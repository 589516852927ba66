package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Charset is the charset of a document in d, for its Content-Type.
func (d Dialect) Charset() string {
	switch {
	case d&Latin1 != 0:
		return "iso-8859-1"
	case d&ASCII != 0:
		return "us-ascii"
	}
	return "utf-8"
}

// AppendDeclaration appends what a document in d begins with (X5).
func (d Dialect) AppendDeclaration(dst []byte) []byte {
	dst = append(dst, `<?xml version="1.0" encoding="`...)
	dst = append(dst, strings.ToUpper(d.Charset())...)
	return append(dst, `"?>`+"\n"...)
}

// AppendText appends s escaped, as [AppendText] does, in d's encoding.
func (d Dialect) AppendText(dst []byte, s string) []byte {
	if d&(Latin1|ASCII) == 0 {
		return AppendText(dst, s)
	}
	return d.encode(dst, string(AppendText(nil, s)))
}

// encode appends escaped text in d's encoding. What that lacks becomes a
// numeric reference, and so do C1 controls, which some readers of Latin-1 take
// for characters of windows-1252.
func (d Dialect) encode(dst []byte, s string) []byte {
	if d&(Latin1|ASCII) == 0 {
		return append(dst, s...)
	}
	for s != "" {
		n := 0
		for n < len(s) && s[n] < utf8.RuneSelf {
			n++
		}
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		r, n := utf8.DecodeRuneInString(s)
		if d&Latin1 != 0 && r >= 0xA0 && r <= 0xFF {
			dst = append(dst, byte(r))
		} else {
			dst = append(strconv.AppendInt(append(dst, "&#"...), int64(r), 10), ';')
		}
		s = s[n:]
	}
	return dst
}

// AppendRaw appends r in d. It reads r once, from tag to tag, which a Raw's
// one spelling allows: tags have no attributes, text has neither < nor >.
func (d Dialect) AppendRaw(dst []byte, r Raw) []byte {
	if d == 0 {
		return append(dst, r.xml...)
	}
	sp := speller{Dialect: d, dst: slices.Grow(dst, len(r.xml))}
	for rest := r.xml; rest != ""; {
		tag, text, after := nextTag(rest)
		if tag == "<nil/>" && sp.named && d&NilOmit != 0 {
			sp.dst = sp.dst[:sp.member]
			after = strings.TrimPrefix(after, "</value></member>")
		} else {
			sp.spell(tag, text)
		}
		sp.named = tag == "</name>" || sp.named && tag == "<value>"
		rest = after
	}
	return sp.dst
}

// nextTag cuts s, which begins with a tag, behind the text that follows it.
func nextTag(s string) (tag, text, rest string) {
	end := strings.IndexByte(s, '>') + 1
	next := strings.IndexByte(s[end:], '<')
	if next < 0 {
		next = len(s) - end
	}
	return s[:end], s[end : end+next], s[end+next:]
}

// A speller appends a value in a dialect.
type speller struct {
	Dialect
	dst    []byte
	member int  // where in dst the latest member begins
	named  bool // what comes is the value of that member
}

// spell appends a tag and the text behind it.
func (sp *speller) spell(tag, text string) {
	switch {
	case tag == "<member>":
		sp.member = len(sp.dst)
	case tag == "<nil/>" && sp.Dialect&(NilOmit|NilEmpty) != 0:
		sp.dst = append(sp.dst, "<string></string>"...)
		return
	case tag == "<i8>" && sp.Dialect&I8String != 0:
		n, _ := parseInt(text) // it was checked
		sp.dst = strconv.AppendInt(append(sp.dst, "<string>"...), n, 10)
		return
	case tag == "</i8>" && sp.Dialect&I8String != 0:
		tag = "</string>"
	case (tag == "<int>" || tag == "<i8>") && sp.Dialect&NumberPlain != 0:
		sp.dst = appendPlainInt(append(sp.dst, tag...), text)
		return
	case tag == "<dateTime.iso8601>" && sp.Dialect&DateBasic != 0:
		t, _ := parseDate(text) // it was checked
		sp.dst, _ = appendDate(append(sp.dst, tag...), t)
		return
	case tag == "<double>" && sp.Dialect&NumberPlain != 0:
		sp.dst = appendPlainDouble(append(sp.dst, tag...), text)
		return
	}
	sp.dst = sp.encode(append(sp.dst, tag...), text)
}
