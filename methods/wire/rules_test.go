package wire_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"co2/methods"
	"co2/methods/wire"
)

// What a well-formed value is to a method that wants another type: only
// integers widen, and nil is nothing but nil. Everything here is a
// *methods.ParamError, fault -32602, or fits.
func TestKindsWanted(t *testing.T) {
	type port struct {
		Port uint16 `xmlrpc:"port"`
	}
	for _, tt := range []struct {
		rule, x string
		into    any
		want    any // nil where it does not fit
	}{
		{"S11", inner(members("port=<int>80</int>", "unknown="+list(inner(members("a=1"))), "Port=x")), new(port), port{80}},
		{"S11", inner(members("PORT=<int>80</int>")), new(port), nil},
		{"V-INT-6", "<int>7</int>", new(int64), int64(7)},
		{"V-INT-6", "<i4>7</i4>", new(int64), int64(7)},
		{"V-INT-6", "<i8>7</i8>", new(int32), int32(7)},
		{"V-INT-6", "<ex:i1>7</ex:i1>", new(uint8), uint8(7)},
		{"V-INT-6", "<ex:biginteger>7</ex:biginteger>", new(int), 7},
		{"V-INT-6", inner(members("port=<i8>65535</i8>")), new(port), port{65535}},
		{"V-INT-6", inner(members("port=<int>65536</int>")), new(port), nil},
		{"V-INT-6", inner(members("port=<int>-1</int>")), new(port), nil},
		{"V-DBL-5", "<int>20</int>", new(float64), 20.0},
		{"V-DBL-5", "<i8>9007199254740993</i8>", new(float64), 9007199254740992.0},
		{"V-DBL-5", "<double>20.0</double>", new(int), nil},
		{"V-DBL-5", "<string>20.0</string>", new(float64), nil},
		{"V-NIL-2", "<nil/>", new(any), nil},
		{"V-NIL-2", "<nil/>", new(string), nil},
		{"V-NIL-2", "<nil/>", new(int), nil},
		{"V-NIL-2", "<nil/>", new(bool), nil},
		{"V-NIL-2", "<nil/>", new([]byte), nil},
		{"V-NIL-2", "<nil/>", new([]any), nil},
		{"V-NIL-2", "<nil/>", new(map[string]any), nil},
		{"V-NIL-2", "<nil/>", new(*string), nil},
		{"V-NIL-2", inner(members("port=<nil/>")), new(port), nil},
		{"V-STR-1", "12", new(int), nil},
		{"V-BOOL-1", "<int>1</int>", new(bool), nil},
	} {
		c, err := wire.ParseCall([]byte(one(tt.x)), "", wire.Limits{})
		if err == nil {
			err = c.Decode(0, tt.into)
		}
		got := reflect.ValueOf(tt.into).Elem().Interface()
		_, isAny := tt.into.(*any)
		if _, misfit := err.(*methods.ParamError); misfit != (tt.want == nil && !isAny) {
			t.Errorf("%s: %s into %T: %v", tt.rule, tt.x, tt.into, err)
		} else if !misfit && (err != nil || !reflect.DeepEqual(got, tt.want)) {
			t.Errorf("%s: %s into %T = %#v, %v, want %#v", tt.rule, tt.x, tt.into, got, err, tt.want)
		}
		if code := codeOf(t, err); code != 0 && code != wire.InvalidParams {
			t.Errorf("%s: %s into %T is fault %d", tt.rule, tt.x, tt.into, code)
		}
	}
}

// Unknown type elements are named, and at most 64 characters of them (S6);
// what else is quoted of a request is cut likewise (F3, L14).
func TestFaultTextsAreShort(t *testing.T) {
	long := strings.Repeat("é", 5000)
	for _, doc := range []string{
		one("<float>1</float>"),
		one("<" + long + "/>"),
		one("<int>" + long + "</int>"),
		one("<int>\n\r\t\x7f\u2028x</int>"),
		call1(members("a"+strings.Repeat("b", 900)+"=1", "a"+strings.Repeat("b", 900)+"=1")),
		"<" + long + "/>",
		one("<int>1</" + long + ">"),
		one("<x " + long + "='1' " + long + "='2'/>"),
		"<?xml version='1.0' encoding='a" + strings.Repeat("b", 39) + "'?>" + one(""),
	} {
		_, err := param(doc, "")
		if err == nil {
			t.Errorf("%.80q… was taken", doc)
			continue
		}
		text := err.Error()
		if utf8.RuneCountInString(text) > 200 || strings.ContainsAny(text, "\r\n\t\x7f\u2028") || len(text) > 512 {
			t.Errorf("%.80q…: %q is not one short line", doc, text)
		}
	}
	if _, err := param(one("<float>1</float>"), ""); !strings.Contains(err.Error(), "<float>") {
		t.Errorf("S6: %v does not name the element", err)
	}
}

// Whatever octets are in names and texts, what is written has one root, reads
// back as it was but for what XML cannot hold (X18), and is written the same
// again (S13).
func TestAnyOctetsReadBack(t *testing.T) {
	m := newMaker(10)
	for range 3000 {
		name, text := m.anyOctets(), m.anyOctets()
		v := map[string]any{name: text, "list": []any{text, []byte(text)}, name + "2": map[string]string{text: name}}
		doc, err := wire.AppendCall(nil, "m", v)
		if err != nil {
			t.Fatalf("%q: %v", v, err)
		}
		want := map[string]any{fit(name): fit(text), "list": []any{fit(text), []byte(text)}, fit(name + "2"): map[string]any{fit(text): fit(name)}}
		got, err := param(string(doc), "")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q came back as %q, %v, want %q", v, got, err, want)
		}
		again, err := wire.AppendCall(nil, "m", got)
		if err != nil || !sameMembers(string(again), string(doc)) {
			t.Fatalf("%s is written %s the second time, %v", doc, again, err)
		}
	}
}

// anyOctets makes text of which a good part is no XML.
func (m maker) anyOctets() string {
	pieces := []string{"\x00", "\r", "\r\n", "\n", "<", "&", ">", "]]>", "\"", "\xFF", "\xC3", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\uFFFE", "\uFFFF", "\uFFFD",
		"é", "€", "😀", "</name>", "</methodCall>", "&amp;", "&#0;", "<!--", "<![CDATA[", "<?xml", "plain text of eight or more", "\x7F", "\u0085"}
	var b strings.Builder
	for range m.IntN(6) {
		b.WriteString(pieces[m.IntN(len(pieces))])
	}
	return b.String()
}

// fit is s as X18 wants it written: U+FFFD for each bad rune or octet.
func fit(s string) string {
	var b strings.Builder
	for _, r := range s { // one U+FFFD for each octet that is not UTF-8
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sameMembers compares documents but for the order of their members, which is
// that of the names as they were before X18.
func sameMembers(a, b string) bool {
	count := func(s string) map[string]int {
		n := map[string]int{}
		for _, part := range strings.SplitAfter(s, ">") {
			n[part]++
		}
		return n
	}
	return len(a) == len(b) && reflect.DeepEqual(count(a), count(b))
}

// Every double in the neighbourhood of those that XML-RPC makes hard reads
// back to the same bits, in short spelling and long (V-DBL-1, V-DBL-3).
func TestDoublesReadBack(t *testing.T) {
	m := newMaker(11)
	for i := range 30000 {
		f := m.double()
		switch i % 3 {
		case 0:
			f = float64(m.Int64N(1e15)) / math.Pow10(m.IntN(16)) // what is read the short way
		case 1:
			f = float64(m.Int64N(1e6)) / math.Pow10(m.IntN(7))
		}
		doc := response(t, f)
		var got float64
		if err := wire.ParseResponse(doc, "", wire.Limits{}, &got); err != nil || math.Float64bits(got) != math.Float64bits(f) {
			t.Fatalf("%v, %s, came back as %v, %v", f, doc, got, err)
		}
	}
}
