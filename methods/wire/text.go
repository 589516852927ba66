package wire

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Words of eight octets, for looking at as many at once.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word loads the first eight octets of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// bigWord loads up to eight octets of s, the first one highest.
func bigWord(s string) uint64 {
	if len(s) >= 8 {
		return bits.ReverseBytes64(word(s))
	}
	w := uint64(0)
	for i := range len(s) {
		w |= uint64(s[i]) << (56 - 8*i)
	}
	return w
}

// shortWord loads the fewer than eight octets of s, some of them twice.
func shortWord(s string) uint64 {
	half := func(s string) uint64 {
		_ = s[3]
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
	}
	switch n := len(s); {
	case n >= 4:
		return half(s) | half(s[n-4:])<<32
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<8 | uint64(s[n-1])<<16 | ' '*(ones>>24)<<24
	}
	return ' ' * ones
}

// printable returns how many octets at the front of s are printable ASCII. It
// may stop early within the last eight.
func printable(s string) int {
	i := 0
	for len(s)-i >= 32 {
		block := s[i : i+32]
		a, b, c, d := word(block), word(block[8:]), word(block[16:]), word(block[24:])
		if ((a-' '*ones)|a|(b-' '*ones)|b|(c-' '*ones)|c|(d-' '*ones)|d)&highs != 0 {
			break
		}
		i += 32
	}
	for len(s)-i >= 8 {
		w := word(s[i:])
		// The lowest flagged octet is exact; those above it may be borrowed from.
		if odd := ((w - ' '*ones) | w) & highs; odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
		i += 8
	}
	return i
}

// normalise checks that s is UTF-8 (X4) of characters that XML knows (X7) and
// gives every line end as LF (X11).
func normalise(s string) (string, error) {
	cr := false
	for i := 0; i < len(s); {
		i += printable(s[i:])
		for i < len(s) {
			c := s[i]
			if c >= utf8.RuneSelf {
				n, err := checkRune(s, i)
				if err != nil {
					return "", err
				}
				i += n
				continue
			}
			if c < ' ' && c != '\n' && c != '\t' {
				if c != '\r' {
					return "", errorAt(s, i, ParseError, "character U+%04X is not allowed", c)
				}
				cr = true
			}
			if i++; c >= ' ' && len(s)-i >= 8 {
				break // back among printable ones
			}
		}
	}
	if cr {
		s = lineFeeds(s)
	}
	return s, nil
}

// lineFeeds gives every line end as LF.
func lineFeeds(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// checkRune checks the character beyond ASCII at s[i] and returns its length.
func checkRune(s string, i int) (int, error) {
	r, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == utf8.RuneError && n == 1:
		return 0, errorAt(s, i, InvalidCharacter, "octet %#02x is not UTF-8 here", s[i])
	case r == 0xFFFE || r == 0xFFFF:
		return 0, errorAt(s, i, ParseError, "character U+%04X is not allowed", r)
	}
	return n, nil
}

// isChar reports whether r is a character of XML 1.0 (X7).
func isChar(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	}
	return r >= 0xE000 && r <= utf8.MaxRune && r != 0xFFFE && r != 0xFFFF
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// trim cuts XML's white space off both ends (X16).
func trim(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// blank returns how many octets at the front of s are white space.
func blank(s string) int {
	n := 0
	for n < len(s) && isSpace(s[n]) {
		n++
	}
	return n
}

// clip cuts s to at most n characters.
func clip(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// quote quotes text of a document for a fault, at most 64 characters of it
// (F3, M4).
func quote(s string) string { return strconv.Quote(clip(s, 64)) }

// errorAt makes a SyntaxError about the octet of s at pos. A line ends at CR,
// LF or both, a column is one character wide.
func errorAt(s string, pos, code int, format string, args ...any) *SyntaxError {
	before := lineFeeds(s[:min(pos, len(s))])
	line := strings.LastIndexByte(before, '\n') + 1
	return &SyntaxError{
		Code:   code,
		Line:   strings.Count(before, "\n") + 1,
		Column: utf8.RuneCountInString(before[line:]) + 1,
		Text:   fmt.Sprintf(format, args...),
	}
}

// behind moves the place of e behind lead, white space that was left out.
func (e *SyntaxError) behind(lead string) *SyntaxError {
	if e.Line == 0 {
		return e
	}
	moved := *e
	lead = lineFeeds(lead)
	if e.Line == 1 {
		moved.Column += len(lead) - strings.LastIndexByte(lead, '\n') - 1
	}
	moved.Line += strings.Count(lead, "\n")
	return &moved
}

// oneLine makes a fault's text fit for an answer: one line, at most 512
// octets (F3, L14).
func oneLine(s string) string {
	const most = 512
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most-len("…")], "") + "…"
	}
	if strings.ContainsAny(s, "\n\r\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return s
}
