package wire

import (
	"strings"
)

// reference decodes the reference at the front of s and returns its length,
// or 0 if it is none (X7, X9).
func reference(s string) (r rune, n int) {
	if strings.HasPrefix(s, "&#") {
		return charReference(s)
	}
	for _, known := range [...]struct {
		name string
		char rune
	}{{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}} {
		if strings.HasPrefix(s, known.name) {
			return known.char, len(known.name)
		}
	}
	return 0, 0
}

func charReference(s string) (r rune, n int) {
	base, i := rune(10), 2
	if strings.HasPrefix(s[i:], "x") {
		base, i = 16, 3
	}
	for first := i; i < len(s); i++ {
		if s[i] == ';' && i > first && isChar(r) {
			return r, i + 1
		}
		d := digit(s[i])
		if d >= base || r > 0x10FFFF {
			break
		}
		r = r*base + d
	}
	return 0, 0
}

// digit returns the worth of c as a digit, 99 if it is none.
func digit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return 99
}
