package wire

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// parseInt reads [+-]?[0-9]{1,20} inside 64 bit (V-INT-1 to V-INT-3).
func parseInt(s string) (n int64, ok bool) {
	digits := s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 20 {
		return 0, false
	}
	var u uint64
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 || u > (math.MaxUint64-9)/10 {
			return 0, false
		}
		u = u*10 + uint64(d)
	}
	if s[0] == '-' {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u <= math.MaxInt64
}

// parseBool reads 0, 1, false and true (V-BOOL-1).
func parseBool(s string) (b, ok bool) {
	switch s {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

// digits returns how many digits are at the front of s.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}

// parseDouble reads a decimal number (V-DBL-1, V-DBL-2). Too small a number
// is zero, too large a one an error.
func parseDouble(s string) (f float64, ok bool) {
	if f, ok := parseShort(s); ok {
		return f, true
	}
	if !isDouble(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// parseShort reads digits, a point and digits, up to 15 of them all: both the
// number they make and the power of ten below it are exact, so their quotient
// is the nearest double.
func parseShort(s string) (f float64, ok bool) {
	if len(s) < 3 || len(s) > 16 {
		return 0, false
	}
	n, power := int64(0), int64(0)
	for i := range len(s) {
		switch d := s[i] - '0'; {
		case d <= 9:
			n = 10*n + int64(d)
			power *= 10
		case s[i] == '.' && power == 0:
			power = 1
		default:
			return 0, false
		}
	}
	if power == 0 {
		return 0, false
	}
	return float64(n) / float64(power), true
}

func isDouble(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole := digits(s)
	s = s[whole:]
	part := 0
	if s != "" && s[0] == '.' {
		part = digits(s[1:])
		s = s[1+part:]
	}
	if whole+part == 0 || s == "" {
		return whole+part > 0
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == len(s)
}

// isBase64Char tells the standard alphabet.
var isBase64Char = func() (is [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		is[c] = true
	}
	return is
}()

// packBase64 drops white space, which may stand anywhere, and checks the rest
// strictly (V-B64-1, V-B64-2). It copies only if there was white space.
func packBase64(s string) (packed string, ok bool) {
	n := 0
	for n < len(s) && isBase64Char[s[n]] {
		n++
	}
	tail := s[n:]
	if tail == "" || tail == "=" || tail == "==" {
		return s, len(s)%4 == 0
	}
	if !strings.ContainsAny(tail, " \t\n\r") {
		return s, false
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if !isSpace(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return packBase64(b.String())
}

// unpackBase64 decodes what packBase64 returned.
func unpackBase64(packed string) []byte {
	b, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		panic("wire: base64 passed the check but not the decoder") // unreachable: packBase64 is the stricter one
	}
	return b
}

// fitsInt reports whether n may be written <int> (V-INT-4).
func fitsInt(n int64) bool { return n == int64(int32(n)) }
