package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

func TestLimits(t *testing.T) {
	nested := func(n int) string {
		return call1(strings.Repeat("<value><array><data>", n) + strings.Repeat("</data></array></value>", n))
	}
	params := func(n int) string {
		return "<methodCall><methodName>m</methodName><params>" + strings.Repeat("<param><value/></param>", n) + "</params></methodCall>"
	}
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return call1("<value" + b.String() + "/>")
	}
	name := func(n int) string { return call1(members(strings.Repeat("n", n) + "=x")) }
	values := func(n int) string {
		return call1("<value><array><data>" + strings.Repeat("<value>x</value>", n-1) + "</data></array></value>")
	}
	for _, tt := range []struct {
		rule string
		lim  wire.Limits
		doc  string
		code int
	}{
		{"L5", wire.Limits{}, nested(128), 0},
		{"L5", wire.Limits{}, nested(129), wire.LimitExceeded},
		{"L5", wire.Limits{}, nested(100_000), wire.LimitExceeded},
		{"L5", wire.Limits{Depth: 2}, nested(2), 0},
		{"L5", wire.Limits{Depth: 2}, nested(3), wire.LimitExceeded},
		{"L5", wire.Limits{Depth: 2}, call1("<value><array><data>" + strings.Repeat("<value><array/></value><value><struct></struct></value>", 9) + "</data></array></value>"), 0},
		{"L5", wire.Limits{Depth: 1}, call1("<value><array><data><value><struct/></value></data></array></value>"), wire.LimitExceeded},
		{"L6", wire.Limits{}, params(256), 0},
		{"L6", wire.Limits{}, params(257), wire.LimitExceeded},
		{"L6", wire.Limits{Params: 1}, params(2), wire.LimitExceeded},
		{"L7", wire.Limits{}, values(262144), 0},
		{"L7", wire.Limits{}, values(262145), wire.LimitExceeded},
		{"L7", wire.Limits{Values: 3}, values(4), wire.LimitExceeded},
		{"L8", wire.Limits{}, name(1024), 0},
		{"L8", wire.Limits{}, name(1025), wire.LimitExceeded},
		{"L8", wire.Limits{NameLen: 3}, call1("<value><struct><member><name>é<!-- -->éé</name><value/></member></struct></value>"), wire.LimitExceeded},
		{"L9", wire.Limits{MethodName: 1}, params(1), 0},
		{"L9", wire.Limits{}, call1("<value><" + strings.Repeat("t", 64) + "/></value>"), wire.InvalidRequest},
		{"L9", wire.Limits{}, attributes(64), 0},
		{"L9", wire.Limits{}, attributes(65), wire.InvalidRequest},
		{"L10", wire.Limits{Scalar: 2}, call1("<value><int>123</int></value>"), wire.InvalidRequest},
		{"L10", wire.Limits{Double: 2}, call1("<value><double>1.5</double></value>"), wire.InvalidRequest},
	} {
		for _, into := range []any{new(any), new(wire.Raw), nil} {
			c, err := wire.ParseCall([]byte(tt.doc), "", tt.lim)
			if err == nil && into != nil {
				err = c.Decode(0, into)
			} else if err == nil {
				_, err = c.Len()
			}
			if got := codeOf(t, err); got != tt.code {
				t.Errorf("%s: %.120s into %T = %d (%v), want %d", tt.rule, tt.doc, into, got, err, tt.code)
			}
		}
	}
}

// TestLinearTime reads documents made to hurt, and the same eight times as
// long: the time may grow eightfold and then some, not sixty-four-fold (L-A).
func TestLinearTime(t *testing.T) {
	wrap := func(s string) string { return call1("<value>" + s + "</value>") }
	repeat := func(open, piece, end string) func(n int) string {
		return func(n int) string { return wrap(open + strings.Repeat(piece, n) + end) }
	}
	for name, doc := range map[string]func(n int) string{
		"references":         repeat("<string>", "&#97;&amp;", "</string>"),
		"brackets":           repeat("<string>", "]]]]&gt;", "</string>"),
		"comments":           repeat("<string>", "a<!-- - -->", "</string>"),
		"CDATA":              repeat("<string>", "<![CDATA[]]]]>", "</string>"),
		"instructions":       repeat("<string>", "<?a ?>", "</string>"),
		"blanks":             repeat("<int>", "          ", "1</int>"),
		"lines":              repeat("<string>", "\r\n", "</string>"),
		"base64":             repeat("<base64>", "Y Q = =\n", "</base64>"),
		"digits":             repeat("<int>", "0000000000", "</int>"),
		"untyped":            repeat("<array><data>", "<value>x</value>", "</data></array>"),
		"laid out":           repeat("<array><data>", "\n  <value>\n <int> 1 </int>\n</value>", "</data></array>"),
		"one reference each": repeat("<array><data>", "<value>&lt;</value>", "</data></array>"),
		"members": func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "<member><name>%d</name><value>x</value></member>", i)
			}
			return wrap("<struct>" + b.String() + "</struct>")
		},
		"prefixes": func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, `<value xmlns:p%d="urn:x"><ex:nil/></value>`, i)
			}
			return wrap("<array><data>" + b.String() + "</data></array>")
		},
		"prefixes in scope": func(n int) string {
			var open, end strings.Builder
			for i := range 100 {
				open.WriteString("<value><array><data")
				for j := range n / 100 {
					if j == 60 {
						break
					}
					fmt.Fprintf(&open, ` xmlns:p%d-%d="urn:x"`, i, j)
				}
				open.WriteString(">")
				end.WriteString("</data></array></value>")
			}
			return call1(open.String() + strings.Repeat("<value><ex:nil/></value>", n) + end.String())
		},
	} {
		for _, into := range []func() any{func() any { return new(any) }, func() any { return new(wire.Raw) }, func() any { return new([]wire.Raw) }} {
			small, large := doc(1000), doc(8000)
			once, eight := cost(small, into), cost(large, into)
			if eight > 32*once && eight > 20*time.Millisecond {
				t.Errorf("%s into %T: %v for %d octets, %v for %d", name, into(), once, len(small), eight, len(large))
			}
		}
	}
}

// cost is the shortest of a few times for reading doc.
func cost(doc string, into func() any) time.Duration {
	best := time.Hour
	for range 4 {
		start := time.Now()
		if c, err := wire.ParseCall([]byte(doc), "", wire.Limits{}); err == nil {
			c.Decode(0, into())
		}
		best = min(best, time.Since(start))
	}
	return best
}

// Reading allocates in proportion to what is there, whatever a document
// pretends.
func TestAllocations(t *testing.T) {
	med, large := response(t, aMedium()), response(t, aLarge())
	count := func(doc []byte, into func() any) float64 {
		return testing.AllocsPerRun(20, func() {
			if err := wire.ParseResponse(doc, "", wire.Limits{}, into()); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, tt := range []struct {
		what string
		got  float64
		most float64
	}{
		{"medium into values", count(med, func() any { return new(any) }), 50},
		{"medium into a struct", count(med, func() any { return new(medium) }), 14}, // 12 and a map
		{"large into structs", count(large, func() any { return new([]entry) }), 20},
		{"medium into a Raw", count(med, func() any { return new(wire.Raw) }), 8},
	} {
		if tt.got > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.what, tt.got, tt.most)
		}
	}
	for name, v := range map[string]any{"string": "pong", "struct": aMedium(), "structs": aLarge(), "map": map[string]any{"a": []any{"b", 1.5}}} {
		buf := make([]byte, 0, 1<<20)
		if n := testing.AllocsPerRun(20, func() { wire.AppendResponse(buf, v) }); n > 0 {
			t.Errorf("encoding a %s: %v allocations", name, n)
		}
	}
}
