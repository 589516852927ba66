package wire

import (
	"math/bits"
	"unicode/utf8"
)

// AppendText appends s escaped (X17). Characters that XML does not know and
// octets that are not UTF-8 become U+FFFD, one each (X18), so that whatever s
// holds the document stays well-formed.
func AppendText(dst []byte, s string) []byte {
	for {
		n := literal(s)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			return dst
		}
		n = 1
		switch c := s[0]; {
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c == '\r':
			dst = append(dst, "&#13;"...)
		case c < utf8.RuneSelf:
			dst = append(dst, "\uFFFD"...)
		default:
			var r rune
			if r, n = utf8.DecodeRuneInString(s); n == 1 || !isChar(r) {
				dst = append(dst, "\uFFFD"...)
			} else {
				dst = append(dst, s[:n]...)
			}
		}
		s = s[n:]
	}
}

// literal returns how many octets at the front of s stand for themselves and
// are ASCII, or characters beyond it that are fit for XML.
func literal(s string) int {
	if len(s) < 8 && special(shortWord(s)) == 0 {
		return len(s)
	}
	for i := 0; i < len(s); {
		if len(s)-i >= 8 {
			odd := special(word(s[i:]))
			if odd == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(odd) / 8
		} else if len(s) >= 8 && special(word(s[len(s)-8:])) == 0 {
			break
		}
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if n == 1 || !isChar(r) {
				return i
			}
			i += n
		case c == '&' || c == '<' || c == '>' || c < ' ' && c != '\n' && c != '\t':
			return i
		default:
			i++
		}
	}
	return len(s)
}

// special flags the octets of w that are not printable ASCII or are to be
// escaped; the lowest flag is exact.
func special(w uint64) uint64 {
	return (zeros(w^'&'*ones) | zeros((w|2*ones)^'>'*ones) | ((w - ' '*ones) | w)) & highs
}

// zeros flags the octets of w that are zero; the lowest flag is exact.
func zeros(w uint64) uint64 { return (w - ones) &^ w }

// appendName appends the beginning of a member, up to its value.
func appendName(dst []byte, name string) []byte {
	dst = AppendText(append(dst, "<member><name>"...), name)
	return append(dst, "</name>"...)
}

// clean reports whether s holds only characters of XML, so that it is written
// as it is but for escapes.
func clean(s string) bool {
	for {
		n := literal(s)
		if n == len(s) {
			return true
		}
		if c := s[n]; c != '&' && c != '<' && c != '>' && c != '\r' {
			return false
		}
		s = s[n+1:]
	}
}

// spells reports whether xml is how [AppendText] writes text.
func spells(xml, text string) bool {
	var room [256]byte
	return string(AppendText(room[:0], text)) == xml
}
