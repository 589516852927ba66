package wire_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

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
	prefixed := func(n int) string { // an element name of n octets
		p := strings.Repeat("p", n-len(":nil"))
		return call1("<value><" + p + ":nil xmlns:" + p + `="` + extSpace + `"/></value>`)
	}
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
		{"L5, V-STRUCT-2", wire.Limits{}, nested(100_000), wire.LimitExceeded},
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
		{"L9", wire.Limits{MethodName: 1}, "<methodCall><methodName> mm </methodName><params><param><value/></param></params></methodCall>", wire.InvalidRequest},
		{"L9", wire.Limits{}, prefixed(64), 0},
		{"L9", wire.Limits{}, prefixed(65), wire.InvalidRequest},
		{"L9", wire.Limits{}, attributes(64), 0},
		{"L9", wire.Limits{}, attributes(65), wire.InvalidRequest},
		{"L9", wire.Limits{Attributes: 1}, attributes(1), 0},
		{"L9", wire.Limits{Attributes: 1}, attributes(2), wire.InvalidRequest},
		{"L10", wire.Limits{Scalar: 2}, call1("<value><int> 12 </int></value>"), 0},
		{"L10", wire.Limits{Scalar: 2}, call1("<value><int>123</int></value>"), wire.InvalidRequest},
		{"L10", wire.Limits{Scalar: 4}, call1("<value><boolean>true</boolean></value>"), 0},
		{"L10", wire.Limits{Scalar: 3}, call1("<value><boolean>true</boolean></value>"), wire.InvalidRequest},
		{"L10", wire.Limits{Scalar: 17}, call1("<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>"), 0},
		{"L10", wire.Limits{Scalar: 16}, call1("<value><dateTime.iso8601>20260102T03:04:05</dateTime.iso8601></value>"), wire.InvalidRequest},
		{"L10", wire.Limits{Double: 3}, call1("<value><double> 1.5 </double></value>"), 0},
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

// A limit acts before what is beyond it costs anything: all that is allocated
// is the document's own text.
func TestLimitsComeFirst(t *testing.T) {
	const n = 100_000
	long := strings.Repeat("1", n)
	lim := wire.Limits{Depth: 3, Params: 2, Values: 5, NameLen: 8, MethodName: 8, Element: 8, Attributes: 2, Scalar: 8, Double: 8}
	var attributes strings.Builder
	for i := range n {
		fmt.Fprintf(&attributes, " a%d='&amp;'", i)
	}
	for _, tt := range []struct{ rule, doc string }{
		{"L5", call1(strings.Repeat("<value><array><data>", n))},
		{"L6", "<methodCall><methodName>m</methodName><params>" + strings.Repeat("<param><value/></param>", n)},
		{"L7", call1("<value><array><data>" + strings.Repeat("<value><int>1</int></value>", n))},
		{"L8", call1(members("n" + long + "=x"))},
		{"L9", "<methodCall><methodName>m" + long + "</methodName></methodCall>"},
		{"L9", call1("<value><e" + long + "/></value>")},
		{"L9", call1("<value" + attributes.String() + "/>")},
		{"L10", call1("<value><int>" + long + "</int></value>")},
		{"L10", call1("<value><double>" + long + "</double></value>")},
		{"L10", call1("<value><dateTime.iso8601>" + long + "</dateTime.iso8601></value>")},
		{"L10", call1("<value><boolean>" + long + "</boolean></value>")},
	} {
		for _, into := range []any{new(any), new(wire.Raw), new(map[string]string)} {
			var err error
			got := allocated(func() {
				var c *wire.Call
				if c, err = wire.ParseCall([]byte(tt.doc), "", lim); err == nil {
					err = c.Decode(0, into)
				}
			})
			// The octets of the []byte and of the string, and 64 KiB.
			if most := uint64(2*len(tt.doc) + 64<<10); codeOf(t, err) == 0 || got > most {
				t.Errorf("%s: %.80s… into %T: %v and %d octets allocated, want an error and at most %d", tt.rule, tt.doc, into, err, got, most)
			}
		}
	}
}

// allocated is how many octets f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
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
		{"medium into a struct", count(med, func() any { return new(medium) }), 12},
		{"large into structs", count(large, func() any { return new([]entry) }), 20},
		{"medium into a Raw", count(med, func() any { return new(wire.Raw) }), 8},
	} {
		if tt.got > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.what, tt.got, tt.most)
		}
	}
	if underRace {
		return
	}
	many := map[string]any{}
	for i := range 100 {
		many[fmt.Sprint("member ", i)] = i
	}
	for name, v := range map[string]any{
		"string": "pong", "struct": *aMedium(), "pointer to a struct": aMedium(), "structs": aLarge(),
		"map": map[string]any{"a": []any{"b", 1.5}, "é<": map[string]any{"c": nil}}, "large map": many,
		"map of ints": map[string]int{"b": 1, "a": 2}, "map of strings": map[string]string{"b": "1", "a": "2"},
		"map of structs": map[string]point{"b": {1, 2}, "a": {3, 4}}, "map of lists": map[string][]string{"a": {"b"}},
		"map of maps": map[string]map[string]bool{"a": {"b": true}}, "list": []any{1, "a", true, 1.5, []any{}, nil},
	} {
		buf := make([]byte, 0, 1<<20)
		if n := testing.AllocsPerRun(50, func() { wire.AppendResponse(buf, v) }); n > 0 {
			t.Errorf("encoding a %s: %v allocations", name, n)
		}
	}
}
