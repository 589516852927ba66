package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// octets is a size on the command line: 1000, 64KiB, 8MiB, 1GiB.
type octets int64

var units = []struct {
	name string
	size int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *octets) UnmarshalText(text []byte) error {
	for _, u := range units {
		digits, ok := strings.CutSuffix(string(text), u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/u.size {
			break
		}
		*o = octets(n * u.size)
		return nil
	}
	return fmt.Errorf("%q is no size such as 1000, 64KiB or 8MiB", text)
}

// String implements fmt.Stringer.
func (o octets) String() string {
	for _, u := range units {
		if o != 0 && int64(o)%u.size == 0 {
			return strconv.FormatInt(int64(o)/u.size, 10) + u.name
		}
	}
	return "0"
}

// MarshalText implements encoding.TextMarshaler.
func (o octets) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
