package wire

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads the string at the cursor.
func (p *jsonParser) text() (string, error) {
	from := p.pos + 1
	var b []byte
	for i := from; i < len(p.s); {
		switch c := p.s[i]; {
		case c == '"':
			p.pos = i + 1
			if b == nil {
				return p.checked(p.s[from:i], from)
			}
			return p.checked(string(append(b, p.s[from:i]...)), from)
		case c < ' ':
			return "", p.fail(i, "a control character in a string")
		case c == '\\':
			r, n := unescape(p.s[i:])
			if n == 0 || !isChar(r) {
				return "", p.fail(i, "an escape for no character, or for one that XML does not know")
			}
			b = utf8.AppendRune(append(b, p.s[from:i]...), r)
			i += n
			from = i
		default:
			i++
		}
	}
	return "", p.fail(p.pos, "a string does not end")
}

// checked refuses the two characters that JSON allows raw and XML does not.
func (p *jsonParser) checked(s string, at int) (string, error) {
	if !clean(s) {
		return "", p.fail(at, "a character that XML does not know")
	}
	return s, nil
}

// unescape reads the escape at the front of s and returns its length, or 0.
func unescape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	if s[1] != 'u' {
		const escapes, chars = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
		if i := strings.IndexByte(escapes, s[1]); i >= 0 {
			return rune(chars[i]), 2
		}
		return 0, 0
	}
	r, ok := hex4(s)
	if !ok || !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(s[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 reads \u and four hexadecimal digits.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	for i := 2; i < 6; i++ {
		if digit(s[i]) > 15 {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}
