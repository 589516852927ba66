package discovery

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A filter is the params a reply must have, as parsed JSON.
type filter map[string]any

// newFilter takes values of any type that has a JSON form.
func newFilter(params map[string]any) (filter, error) {
	text, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("params to look for: %w", err)
	}
	return parseParams(text), nil
}

// matches reports whether every wanted param has an equal value; an absent one
// is null.
func (f filter) matches(params map[string]any) bool {
	for name, want := range f {
		if !equal(want, params[name]) {
			return false
		}
	}
	return true
}

// equal compares parsed JSON: numbers by value, all else by type and value.
func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && (a == b || decimalOf(a) == decimalOf(b))
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	}
	switch b.(type) {
	case []any, map[string]any: // not comparable
		return false
	}
	return a == b
}

// A decimal is the value of a JSON number: 0.digits times ten to the exponent.
// It is exact and, unlike math/big, cheap for 1e999999999.
type decimal struct {
	negative bool
	digits   string // without zeros at either end; empty for zero
	exponent int64
}

func decimalOf(n json.Number) decimal {
	text, negative := strings.CutPrefix(string(n), "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}
	}
	exponent, _ := strconv.ParseInt(power, 10, 64) // clamped if beyond int64
	exponent = min(max(exponent, -1<<62), 1<<62)
	exponent += int64(len(digits) - len(fraction))
	return decimal{negative, strings.TrimRight(digits, "0"), exponent}
}
