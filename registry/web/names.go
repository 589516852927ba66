package web

import (
	"cmp"
	"strings"
)

// compareTexts sorts as people count: unit-2 before unit-10. Numbers in texts
// are compared by what they say; texts that say the same, octet by octet.
func compareTexts(a, b string) int {
	x, y := a, b
	for {
		n := 0
		for n < len(x) && n < len(y) && x[n] == y[n] {
			n++
		}
		for n > 0 && isDigit(x[n-1]) { // back to where the number begins
			n--
		}
		x, y = x[n:], y[n:]
		m, k := digits(x), digits(y)
		if m == 0 || k == 0 {
			return cmp.Or(strings.Compare(x, y), strings.Compare(a, b))
		}
		p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:k], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[m:], y[k:]
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits is how many digits s begins with.
func digits(s string) (n int) {
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
