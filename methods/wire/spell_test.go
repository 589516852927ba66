package wire_test

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// What each word changes, and what it leaves alone.
func TestDialectSpelling(t *testing.T) {
	for _, tt := range []struct{ words, x, want string }{
		{"", "<nil/>", "<nil/>"},
		{"", "<double>1e5</double>", "<double>1e5</double>"},

		{"nil-omit", "<nil/>", "<string></string>"},
		{"nil-omit", list("<nil/>", "1", "<nil/>"), list("<string></string>", "<string>1</string>", "<string></string>")},
		{"nil-omit", inner(members("a=<nil/>")), "<struct></struct>"},
		{"nil-omit", inner(members("a=<nil/>", "b=<int>1</int>", "c=<nil/>", "d=<nil/>")), inner(members("b=<int>1</int>"))},
		{"nil-omit", inner(members("a="+inner(members("b=<nil/>", "c=<int>1</int>")), "d=<nil/>")), inner(members("a=" + inner(members("c=<int>1</int>"))))},
		{"nil-omit", inner(members("a="+inner(members("b="+list("<nil/>"))), "d=<nil/>")), inner(members("a=" + inner(members("b="+list("<string></string>")))))},
		{"nil-omit", inner(members("&lt;nil/&gt;=<string>&lt;nil/></string>", "b=<nil/>")), inner(members("&lt;nil/&gt;=<string>&lt;nil/&gt;</string>"))},
		{"nil-empty", inner(members("a=<nil/>", "b="+list("<nil/>"))), inner(members("a=<string></string>", "b="+list("<string></string>")))},

		{"i8-string", list("<i8>5</i8>", "<int>5</int>", "<int>5000000000</int>", "<i8>-9223372036854775808</i8>", "<i8>+007</i8>", "<i8>-0</i8>"),
			list("<string>5</string>", "<int>5</int>", "<string>5000000000</string>", "<string>-9223372036854775808</string>", "<string>7</string>", "<string>0</string>")},

		{"date-basic", list("<dateTime.iso8601>1998-07-17T16:08:55.999+02:00</dateTime.iso8601>", "<dateTime.iso8601>19980717T140855</dateTime.iso8601>"),
			list("<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>")},
		{"date-basic", "<string>1998-07-17T16:08:55Z</string>", "<string>1998-07-17T16:08:55Z</string>"},

		{"number-plain", list("<int>+007</int>", "<int>-0</int>", "<i8>+0</i8>", "<int>5000000000</int>", "<int>-10</int>"),
			list("<int>7</int>", "<int>-0</int>", "<i8>0</i8>", "<i8>5000000000</i8>", "<int>-10</int>")},
		{"number-plain", list("<double>1e3</double>", "<double>-2.5E-3</double>", "<double>1</double>", "<double>+.5</double>", "<double>5.</double>", "<double>-0e9</double>"),
			list("<double>1000.0</double>", "<double>-0.0025</double>", "<double>1.0</double>", "<double>0.5</double>", "<double>5.0</double>", "<double>-0.0</double>")},
		{"number-plain", "<double>0.10000000000000000000001</double>", "<double>0.10000000000000000000001</double>"},
		{"number-plain", "<double>1e300</double>", "<double>1" + strings.Repeat("0", 300) + ".0</double>"},

		{"latin1", inner(members("é€=<string>aé&#13;ÿ&amp;€&#160;\u0080\u009F😀</string>")), inner(members("\xE9&#8364;=<string>a\xE9&#13;\xFF&amp;&#8364;\xA0&#128;&#159;&#128512;</string>"))},
		{"latin1", "\u009F\u00A0\u00FF\u0100\u017F", "<string>&#159;\xA0\xFF&#256;&#383;</string>"},
		{"ascii", inner(members("é€=<string>aé&#13;ÿ&amp;€&#160;\u0080\u007F😀</string>")), inner(members("&#233;&#8364;=<string>a&#233;&#13;&#255;&amp;&#8364;&#160;&#128;\x7F&#128512;</string>"))},

		{"tcl", inner(members("a=<nil/>", "b="+list("<i8>1</i8>", "<double>1e1</double>", "<dateTime.iso8601>1998-07-17T14:08:55Z</dateTime.iso8601>", "é", "<base64>AP8=</base64>", "<boolean>true</boolean>"))),
			inner(members("b=" + list("<string>1</string>", "<double>10.0</double>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<string>&#233;</string>", "<base64>AP8=</base64>", "<boolean>1</boolean>")))},
	} {
		d, err := wire.ParseDialect(tt.words)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(d.AppendRaw([]byte("x"), rawOf(t, tt.x))), "x<value>"+tt.want+"</value>"; got != want {
			t.Errorf("%s in %q = %q\nwant %q", tt.x, tt.words, got, want)
		}
	}
}

func TestDialectText(t *testing.T) {
	const text = "a<é€>\r\x00\xFF\u0085😀"
	for words, want := range map[string]string{
		"nil-omit": "a&lt;é€&gt;&#13;\uFFFD\uFFFD\u0085😀",
		"latin1":   "a&lt;\xE9&#8364;&gt;&#13;&#65533;&#65533;&#133;&#128512;",
		"ascii":    "a&lt;&#233;&#8364;&gt;&#13;&#65533;&#65533;&#133;&#128512;",
	} {
		d, _ := wire.ParseDialect(words)
		if got := string(d.AppendText([]byte("x"), text)); got != "x"+want {
			t.Errorf("AppendText in %q = %q, want %q", words, got, "x"+want)
		}
	}
}

// respelled checks the promise of dialects: r in d, in a document of its own,
// means r with the documented replacements and no other, to readers that know
// the encoding from the Content-Type, from the declaration, or otherwise.
func respelled(t *testing.T, d wire.Dialect, r wire.Raw) {
	t.Helper()
	xml := d.AppendRaw(nil, r)
	for _, bad := range forbidden {
		if d&bad.in != 0 && bad.form.Match(xml) {
			t.Fatalf("%s in %q = %s, with %s", r, d, xml, bad.form.Find(xml))
		}
	}
	doc := append(d.AppendDeclaration(nil), "<methodCall><methodName>m</methodName><params><param>"...)
	doc = append(append(doc, xml...), "</param></params></methodCall>"...)
	want := replaced(t, d, r)
	for _, reader := range []struct {
		doc     []byte
		charset string
	}{{doc, d.Charset()}, {doc, ""}, {transcoded(d, doc), "utf-8"}} {
		c, err := wire.ParseCall(reader.doc, reader.charset, wire.Limits{})
		var got any
		if err == nil {
			err = c.Decode(0, &got)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s in %q = %s, which means %#v, %v\nwant %#v", r, d, xml, got, err, want)
		}
	}
}

// forbidden is what must not be in a document in a dialect.
var forbidden = []struct {
	in   wire.Dialect
	form *regexp.Regexp
}{
	{wire.NilOmit | wire.NilEmpty, regexp.MustCompile(`<nil/>`)},
	{wire.I8String, regexp.MustCompile(`</?i8>`)},
	{wire.DateBasic, regexp.MustCompile(`<dateTime.iso8601>(\d{0,7}\D|\d{8}[^T]|\d{8}T..[^:]|\d{8}T..:..[^:]|\d{8}T..:..:..[^<])`)},
	{wire.NumberPlain, regexp.MustCompile(`<double>([^<]*[eE+]|[^<.]*<|-?\.|[^<]*\.<)`)},
	{wire.NumberPlain, regexp.MustCompile(`<(int|i8)>(\+|-?0\d)`)},
	{wire.ASCII, regexp.MustCompile(`(?s-i:[^\x00-\x7F])`)},
}

// transcoded is doc in UTF-8, octet by octet for Latin-1.
func transcoded(d wire.Dialect, doc []byte) []byte {
	if d&wire.Latin1 == 0 {
		return doc
	}
	var b bytes.Buffer
	for _, c := range doc {
		b.WriteRune(rune(c))
	}
	return b.Bytes()
}

// replaced is what r means to a receiver of dialect d.
func replaced(t *testing.T, d wire.Dialect, r wire.Raw) any {
	t.Helper()
	noNil := d&(wire.NilOmit|wire.NilEmpty) != 0
	switch typ := r.Type(); {
	case typ == "struct":
		list, err := r.Members()
		if err != nil {
			t.Fatal(err)
		}
		members := map[string]any{}
		for _, m := range list {
			if d&wire.NilOmit == 0 || m.Value.Type() != "nil" {
				members[m.Name] = replaced(t, d, m.Value)
			}
		}
		return members
	case typ == "array":
		list, err := r.Items()
		if err != nil {
			t.Fatal(err)
		}
		items := make([]any, len(list))
		for i := range list {
			items[i] = replaced(t, d, list[i])
		}
		return items
	case typ == "nil" && noNil:
		return ""
	}
	var v any
	if err := r.Decode(&v); err != nil {
		t.Fatal(err)
	}
	switch {
	case r.Type() == "i8" && d&wire.I8String != 0:
		return fmt.Sprint(v)
	case r.Type() == "dateTime.iso8601" && d&wire.DateBasic != 0:
		return v.(time.Time).Truncate(time.Second)
	}
	return v
}

// oddScalars are spelled as few senders do.
var oddScalars = []string{
	"<nil/>", "<i8>7</i8>", "<int>+5</int>", "<i8>-007</i8>", "<i8>-00</i8>", "<int>5000000000</int>", "<double>1e-300</double>", "<double>.5E+2</double>", "<double>7</double>",
	"<dateTime.iso8601>1998-07-17 160855,25-0730</dateTime.iso8601>", "<dateTime.iso8601>00010101T00:00:00Z</dateTime.iso8601>",
	"<string>\u0080é&#8364;&#x1F600;&#13;]]&gt;</string>", "&lt;nil/>", "<array/>", "<struct/>",
}

// oddValue is an XML value with all that a dialect can change.
func (m maker) oddValue(depth int) string {
	switch n := m.IntN(10); {
	case n < 2 && depth > 0:
		var items []string
		for range m.IntN(5) {
			items = append(items, m.oddValue(depth-1))
		}
		return list(items...)
	case n < 5 && depth > 0:
		var list []string
		for i := range m.IntN(6) {
			list = append(list, fmt.Sprintf("%d%s=%s", i, wire.AppendText(nil, strings.ReplaceAll(m.text(), "=", "")), m.oddValue(depth-1)))
		}
		return inner(members(list...))
	case n < 8:
		return oddScalars[m.IntN(len(oddScalars))]
	}
	v, _ := wire.NewRaw(m.value(0))
	return inner(v.String())
}

func TestRandomValuesInEveryDialect(t *testing.T) {
	m := newMaker(3)
	for range 40 {
		r := rawOf(t, m.oddValue(5))
		for d := range wire.ASCII << 1 {
			if _, err := wire.ParseDialect(d.String()); err == nil {
				respelled(t, d, r)
			}
		}
	}
}

// A value nested as deep as readers allow, and one with as many members, come
// out whole.
func TestDialectKeepsDepth(t *testing.T) {
	deep := "<nil/>"
	for range 127 {
		deep = list(deep)
	}
	respelled(t, wire.NilEmpty|wire.Latin1, rawOf(t, deep))
	var wide []string
	for i := range 20_000 {
		wide = append(wide, fmt.Sprintf("%d=<nil/>", i))
	}
	if got := wire.NilOmit.AppendRaw(nil, rawOf(t, inner(members(wide...)))); string(got) != "<value><struct></struct></value>" {
		t.Errorf("20,000 nil members leave %.100s", got)
	}
}

// FuzzDialect respells anything that is a value in any dialect.
func FuzzDialect(f *testing.F) {
	for _, x := range oddScalars {
		f.Add([]byte(x), uint8(wire.NilOmit|wire.I8String|wire.DateBasic|wire.NumberPlain|wire.Latin1))
	}
	f.Add([]byte(inner(members("a=<nil/>", "b="+list("<nil/>", inner(members("<=<nil/>")))))), uint8(wire.NilOmit|wire.ASCII))
	f.Fuzz(func(t *testing.T, x []byte, bits uint8) {
		d := wire.Dialect(bits)
		if _, err := wire.ParseDialect(d.String()); err != nil || d >= wire.ASCII<<1 {
			return
		}
		var r wire.Raw
		c, err := wire.ParseCall([]byte(call1("<value>"+string(x)+"</value>")), "", wire.Limits{})
		if err != nil || c.Decode(0, &r) != nil {
			return
		}
		respelled(t, d, r)
	})
}

func BenchmarkDialect(b *testing.B) {
	for name, v := range map[string]any{"medium": aMedium(), "large": aLarge()} {
		raw, err := wire.NewRaw(v)
		if err != nil {
			b.Fatal(err)
		}
		for _, words := range []string{"", "nil-omit", "tcl"} {
			d, _ := wire.ParseDialect(words)
			b.Run(name+"/"+words, func(b *testing.B) {
				b.SetBytes(int64(len(raw.String())))
				b.ReportAllocs()
				for b.Loop() {
					d.AppendRaw(nil, raw)
				}
			})
		}
	}
}
