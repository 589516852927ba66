package wire_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// hurtful are documents made to hurt, of a size in proportion to n.
var hurtful = map[string]func(n int) string{
	"references":         repeated("<string>", "&#97;&amp;", "</string>"),
	"brackets":           repeated("<string>", "]]]]&gt;", "</string>"),
	"comments":           repeated("<string>", "a<!-- - -->", "</string>"),
	"CDATA":              repeated("<string>", "<![CDATA[]]]]>", "</string>"),
	"instructions":       repeated("<string>", "<?a ?>", "</string>"),
	"blanks":             repeated("<int>", "          ", "1</int>"),
	"lines":              repeated("<string>", "\r\n", "</string>"),
	"base64":             repeated("<base64>", "Y Q = =\n", "</base64>"),
	"base64 lines":       repeated("<base64>", "YWJj\r\n", "</base64>"),
	"digits":             repeated("<int>", "0000000000", "</int>"),
	"doubles":            repeated("<array><data>", "<value><double>"+strings.Repeat("7", 1024)+"</double></value>", "</data></array>"),
	"untyped":            repeated("<array><data>", "<value>x</value>", "</data></array>"),
	"laid out":           repeated("<array><data>", "\n  <value>\n <int> 1 </int>\n</value>", "</data></array>"),
	"one reference each": repeated("<array><data>", "<value>&lt;</value>", "</data></array>"),
	"towers":             repeated("<array><data>", nestedArrays(100), "</data></array>"),
	"structs":            repeated("<array><data>", members("a=1", "b=2"), "</data></array>"),
	"attributes": func(n int) string {
		var b strings.Builder
		for i := range 64 {
			fmt.Fprintf(&b, ` a%d="&lt;"`, i)
		}
		return repeated("<array><data>", "<value"+b.String()+"/>", "</data></array>")(n / 10)
	},
	"members": func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<member><name>%d</name><value>x</value></member>", i)
		}
		return one("<struct>" + b.String() + "</struct>")
	},
	"equal fronts": func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<member><name>a long name that many share %d</name><value/></member>", i)
		}
		return one("<struct>" + b.String() + "</struct>")
	},
	"prefixes": func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `<value xmlns:p%d="urn:x"><ex:nil/></value>`, i)
		}
		return one("<array><data>" + b.String() + "</data></array>")
	},
	"prefixes in scope": func(n int) string {
		var open, end strings.Builder
		for i := range 100 {
			open.WriteString("<value><array><data")
			for j := range min(60, n/100) {
				fmt.Fprintf(&open, ` xmlns:p%d-%d="urn:x"`, i, j)
			}
			open.WriteString(">")
			end.WriteString("</data></array></value>")
		}
		return call1(open.String() + strings.Repeat("<value><ex:nil/></value>", n) + end.String())
	},
	"params": func(n int) string {
		return "<methodCall><methodName>m</methodName><params>" + strings.Repeat("<param><value>x</value></param>", n) + "</params></methodCall>"
	},
	"line by line": func(n int) string { return strings.Repeat("\n", 10*n) + one("<int>x</int>") },
}

func one(x string) string { return call1("<value>" + x + "</value>") }

func repeated(open, piece, end string) func(n int) string {
	return func(n int) string { return one(open + strings.Repeat(piece, n) + end) }
}

func nestedArrays(depth int) string {
	return strings.Repeat("<value><array><data>", depth) + strings.Repeat("</data></array></value>", depth)
}

var anyTarget = map[string]func() any{
	"any":   func() any { return new(any) },
	"Raw":   func() any { return new(wire.Raw) },
	"[]Raw": func() any { return new([]wire.Raw) },
	"map":   func() any { return new(map[string]string) },
}

func read(doc string, into any) {
	lim := wire.Limits{Params: 1 << 30, Values: 1 << 30}
	if c, err := wire.ParseCall([]byte(doc), "", lim); err == nil {
		c.Decode(0, into)
	}
}

// Reading n, 2n, 4n and 8n allocates in proportion (L-A).
func TestLinearSpace(t *testing.T) {
	for name, doc := range hurtful {
		for what, into := range anyTarget {
			var octets [4]uint64
			for i := range octets {
				d := doc(250 << i)
				octets[i] = allocated(func() { read(d, into()) })
			}
			if octets[3] > 12*octets[0]+64<<10 {
				t.Errorf("%s into %s: %d octets allocated, eight times as much takes %v", name, what, octets[0], octets[1:])
			}
		}
	}
}

// Reading eight times as much takes less than 24 times as long (L-A). A cost
// that grows with the square would take 64 times as long.
func TestLinearTime(t *testing.T) {
	if underRace {
		t.Skip("the race detector has costs of its own")
	}
	for name, doc := range hurtful {
		n := 100 * 32 << 10 / len(doc(100)) // about 32 KiB, where small sizes are no cheaper
		small, large := doc(n), doc(8*n)
		for what, into := range anyTarget {
			if once, more := growth(small, large, 24, into); more >= 24*once {
				t.Errorf("%s into %s: %v for %d octets, %v for %d", name, what, once, len(small), more, len(large))
			}
		}
	}
}

// A struct of 100,000 members is read in the time of four of 25,000, or three
// times that as memory is farther away, although no two members may have one
// name (S9, L-A). A cost that grows with the square would be sixteen times.
func TestManyMembers(t *testing.T) {
	if underRace {
		t.Skip("the race detector has costs of its own")
	}
	small, large := hurtful["members"](25_000), hurtful["members"](100_000)
	for _, what := range []string{"any", "Raw"} {
		if once, more := growth(small, large, 12, anyTarget[what]); more >= 12*once {
			t.Errorf("into %s: %v for 25,000 members, %v for 100,000", what, once, more)
		}
	}
	twice := strings.Replace(large, "<name>99999<", "<name>0<", 1)
	if _, err := param(twice, ""); codeOf(t, err) != wire.InvalidRequest {
		t.Errorf("the first and the last of 100,000 members alike: %v", err)
	}
}

// growth is the shortest time for reading either document, the larger one
// without what a plain text of its length costs: fresh memory has a price. It
// measures again where that is most times as long, since other work disturbs.
func growth(small, large string, most time.Duration, into func() any) (once, more time.Duration) {
	once, more = time.Hour, time.Hour
	text, plain := one(strings.Repeat("x", len(large))), time.Hour
	for try := 0; try < 30 && (try == 0 || more-plain >= most*once); try++ {
		once, more, plain = min(once, cost(small, into)), min(more, cost(large, into)), min(plain, cost(text, into))
	}
	return once, more - plain
}

// cost is the shortest of a few times for reading doc, with no collector that
// wants its share.
func cost(doc string, into func() any) time.Duration {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Hour
	for range 3 {
		start := cpuTime()
		read(doc, into())
		best = min(best, cpuTime()-start)
	}
	return best
}
