package wire_test

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

// TestEmission gives what each Go value is written as, without <value>.
func TestEmission(t *testing.T) {
	type named string
	type octets []byte
	type pair struct {
		B   int      `xmlrpc:"b"`
		A   string   `xmlrpc:"a"`
		Opt *int     `xmlrpc:"opt" optional:"true"`
		Raw wire.Raw `xmlrpc:"raw" optional:"true"`
		Not int      `xmlrpc:"-"`
		_   int      // not exported: no member
	}
	seven := 7
	long := time.FixedZone("x", 2*3600)
	for _, tt := range []struct {
		rule string
		v    any
		want string
	}{
		{"V-INT-4", 1<<31 - 1, "<int>2147483647</int>"},
		{"V-INT-4", -1 << 31, "<int>-2147483648</int>"},
		{"V-INT-4", 1 << 31, "<i8>2147483648</i8>"},
		{"V-INT-4", int64(math.MinInt64), "<i8>-9223372036854775808</i8>"},
		{"5.9", int8(-1), "<int>-1</int>"},
		{"5.9", uint8(255), "<int>255</int>"},
		{"5.9", uint32(math.MaxUint32), "<i8>4294967295</i8>"},
		{"5.9", uint64(math.MaxInt64), "<i8>9223372036854775807</i8>"},
		{"V-BOOL-2", true, "<boolean>1</boolean>"},
		{"V-BOOL-2", false, "<boolean>0</boolean>"},
		{"V-STR-3", "", "<string></string>"},
		{"X17", "a&b<c>d\"e'f\tg\nh\ri", "<string>a&amp;b&lt;c&gt;d\"e'f\tg\nh&#13;i</string>"},
		{"X17", "12345678é漢😀]]>", "<string>12345678é漢😀]]&gt;</string>"},
		{"X18", "\x00ab\x1F\xFF\xC3\uFFFE\uFFFF\xED\xA0\x80.", "<string>\uFFFDab\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD.</string>"},
		{"V-STR-3", named("n"), "<string>n</string>"},
		{"V-DBL-3", 1.0, "<double>1.0</double>"},
		{"V-DBL-3", 1e-7, "<double>0.0000001</double>"},
		{"V-DBL-3", math.Copysign(0, -1), "<double>-0.0</double>"},
		{"V-DBL-3", 1e300, "<double>1" + strings.Repeat("0", 300) + ".0</double>"},
		{"V-DBL-3", float32(0.1), "<double>0.1</double>"},
		{"V-DBL-3", 0.1, "<double>0.1</double>"},
		{"V-DT-4", time.Date(1998, 7, 17, 16, 8, 55, 999, long), "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"},
		{"V-DT-4", utc(1, 1, 1, 0, 0, 0, 0), "<dateTime.iso8601>00010101T00:00:00</dateTime.iso8601>"},
		{"V-B64-3", []byte(strings.Repeat("a", 60)), "<base64>" + strings.Repeat("YWFh", 20) + "</base64>"},
		{"V-B64-4", []byte(nil), "<base64></base64>"},
		{"5.9", octets("a"), "<base64>YQ==</base64>"},
		{"V-ARR-1", []any{}, "<array><data></data></array>"},
		{"V-ARR-1", []any(nil), "<array><data></data></array>"},
		{"V-ARR-1", []string(nil), "<array><data></data></array>"},
		{"V-ARR-1", [2]int{1, 2}, "<array><data><value><int>1</int></value><value><int>2</int></value></data></array>"},
		{"V-STRUCT-1", map[string]any(nil), "<struct></struct>"},
		{"V-STRUCT-1", struct{}{}, "<struct></struct>"},
		{"S13", map[string]int{"b": 1, "a": 2, "": 3, "<": 4}, "<struct><member><name></name><value><int>3</int></value></member>" +
			"<member><name>&lt;</name><value><int>4</int></value></member>" +
			"<member><name>a</name><value><int>2</int></value></member><member><name>b</name><value><int>1</int></value></member></struct>"},
		{"S13", map[string]any{"b": 1, "a": nil}, "<struct><member><name>a</name><value><nil/></value></member><member><name>b</name><value><int>1</int></value></member></struct>"},
		{"S13", pair{B: 1, A: "x"}, "<struct><member><name>b</name><value><int>1</int></value></member><member><name>a</name><value><string>x</string></value></member></struct>"},
		{"S13", &pair{Opt: &seven}, "<struct><member><name>b</name><value><int>0</int></value></member><member><name>a</name><value><string></string></value></member>" +
			"<member><name>opt</name><value><int>7</int></value></member></struct>"},
		{"V-NIL-3", nil, "<nil/>"},
		{"V-NIL-3", []any{nil}, "<array><data><value><nil/></value></data></array>"},
		{"F6", wire.Fault{Code: 1, String: "no"}, "<struct><member><name>faultCode</name><value><int>1</int></value></member><member><name>faultString</name><value><string>no</string></value></member></struct>"},
	} {
		got, err := wire.AppendValue(nil, tt.v)
		if want := "<value>" + tt.want + "</value>"; err != nil || string(got) != want {
			t.Errorf("%s: AppendValue(%#v) = %s, %v, want %s", tt.rule, tt.v, got, err, want)
		}
	}
}

func TestEmissionErrors(t *testing.T) {
	type node struct {
		Next *node `xmlrpc:"next" optional:"true"`
	}
	ring := &node{}
	ring.Next = ring
	loop := map[string]any{}
	loop["a"] = loop
	list := make([]any, 1)
	list[0] = list
	for _, tt := range []struct {
		rule string
		v    any
		want string // the end of the error's text
	}{
		{"V-DBL-4", math.NaN(), "NaN has no XML-RPC spelling"},
		{"V-DBL-4", map[string]any{"a": []any{1, math.Inf(-1)}}, `key "a[1]": -Inf has no XML-RPC spelling`},
		{"V-INT-5", uint64(1 << 63), "9223372036854775808 is beyond 64 bit"},
		{"5.9", make(chan int), "chan int has no XML-RPC type"},
		{"5.9", func() {}, "func() has no XML-RPC type"},
		{"5.9", 1i, "complex128 has no XML-RPC type"},
		{"5.9", map[int]string{1: "a"}, "map[int]string: member names are strings"},
		{"5.9", struct{ A int }{}, "struct { A int }.A has no xmlrpc tag"},
		{"5.9", (*int)(nil), "a nil pointer has no XML-RPC spelling"},
		{"5.9", struct {
			P *int `xmlrpc:"p"`
		}{}, `key "p": a nil pointer has no XML-RPC spelling`},
		{"5.9", wire.Raw{}, "a Raw without a value"},
		{"5.9", struct {
			R wire.Raw `xmlrpc:"r"`
		}{}, `key "r": a Raw without a value`},
		{"V-DT-4", utc(10000, 1, 1, 0, 0, 0, 0), "year 10000 has no XML-RPC spelling"},
		{"V-DT-4", time.Time{}.Add(-time.Hour), "year 0 has no XML-RPC spelling"},
		{"5.9", ring, "nested more than 512 deep"},
		{"5.9", loop, "nested more than 512 deep"},
		{"5.9", list, "nested more than 512 deep"},
		{"X18", map[string]any{"\x00": 1, "\x01": 2}, "two members that would both be called \"\uFFFD\""},
		{"X18", map[string]int{"\x00": 1, "\uFFFD": 2}, "two members that would both be called \"\uFFFD\""},
	} {
		before := []byte("kept")
		got, err := wire.AppendValue(before, tt.v)
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("%s: AppendValue(%T) error %v, want …%s", tt.rule, tt.v, err, tt.want)
		}
		if string(got) != "kept" {
			t.Errorf("AppendValue(%T) left %q behind", tt.v, got)
		}
	}
}

func TestDocumentsWritten(t *testing.T) {
	const decl = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	call, err := wire.AppendCall(nil, "a<b", 1, "x")
	if want := decl + "<methodCall><methodName>a&lt;b</methodName><params><param><value><int>1</int></value></param>" +
		"<param><value><string>x</string></value></param></params></methodCall>\n"; err != nil || string(call) != want {
		t.Errorf("AppendCall = %s, %v, want %s", call, err, want)
	}
	answer, err := wire.AppendResponse([]byte("kept"), true)
	if want := "kept" + decl + "<methodResponse><params><param><value><boolean>1</boolean></value></param></params></methodResponse>\n"; err != nil || string(answer) != want {
		t.Errorf("AppendResponse = %s, %v, want %s (S12, X5)", answer, err, want)
	}
	fault := wire.AppendFault(nil, wire.Fault{Code: -32600, String: "a\n<b>"})
	if want := decl + "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32600</int></value></member>" +
		"<member><name>faultString</name><value><string>a &lt;b&gt;</string></value></member></struct></value></fault></methodResponse>\n"; string(fault) != want {
		t.Errorf("AppendFault = %s, want %s (F1)", fault, want)
	}
	long := wire.AppendFault(nil, wire.Fault{Code: 1, String: strings.Repeat("é", 400)})
	var f *wire.Fault
	if err := wire.ParseResponse(long, "", wire.Limits{}, nil); !asFault(err, &f) || len(f.String) > 512 {
		t.Errorf("a long fault text came as %v, want at most 512 octets (F3)", err)
	}
	for _, name := range []string{"", "  ", strings.Repeat("a", 256)} {
		if _, err := wire.AppendCall(nil, name); err == nil {
			t.Errorf("AppendCall(%.10q) made a call", name)
		}
	}
	if got, err := wire.AppendCall([]byte("kept"), "m", 1, math.NaN()); err == nil || string(got) != "kept" ||
		err.Error() != "encode param 2 of m: NaN has no XML-RPC spelling" {
		t.Errorf("AppendCall with NaN = %q, %v", got, err)
	}
}

func asFault(err error, f **wire.Fault) bool {
	got, ok := err.(*wire.Fault)
	*f = got
	return ok
}

// Every double reads back to the same bits, every octet to itself.
func TestEmissionReadsBack(t *testing.T) {
	for _, f := range []float64{0, math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64, math.Pi, 1.0 / 3, 1e21, 123456789.125, 5e-324} {
		b, _ := wire.AppendValue(nil, f)
		got, err := param(call1(string(b)), "")
		if g, ok := got.(float64); !ok || math.Float64bits(g) != math.Float64bits(f) || bytes.ContainsAny(b[len("<value><double>"):len(b)-len("</double></value>")], "eE+") {
			t.Errorf("V-DBL-3: %s came back as %v from %s, %v", strconv.FormatFloat(f, 'g', -1, 64), got, b, err)
		}
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for n := range all {
		b, _ := wire.AppendValue(nil, all[:n])
		if got, err := param(call1(string(b)), ""); err != nil || !bytes.Equal(got.([]byte), all[:n]) {
			t.Errorf("V-B64-4: %d octets came back as %v, %v", n, got, err)
		}
	}
}
