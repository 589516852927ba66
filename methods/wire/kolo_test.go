package wire_test

import (
	"encoding/base64"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/kolo/xmlrpc"

	"co2/methods/wire"
)

// asKolo is v as kolo/xmlrpc decodes it into an interface where that differs
// (xmlrpc.md 12.2): an empty string is nil, base64 stays text, and a struct
// without members is a nil map.
func asKolo(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil
		}
	case []byte:
		if len(v) == 0 {
			return nil
		}
		return base64.StdEncoding.EncodeToString(v)
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, asKolo(item))
		}
		return list
	case map[string]any:
		var m map[string]any
		for name, item := range v {
			if m == nil {
				m = map[string]any{}
			}
			m[name] = asKolo(item)
		}
		return m
	}
	return v
}

func TestKoloReadsOurAnswers(t *testing.T) {
	day := utc(2026, 1, 2, 3, 4, 5, 0)
	for _, v := range []any{
		int64(0), int64(-5), int64(1 << 40), true, false, 1.5, 1e300, -0.001, "pong", "a<b>&\r\n\t\"'é😀]]>", "  blanks  ", "", day,
		[]byte("octets"), []any{int64(1), "x", nil, []any{}}, map[string]any{"a": int64(1), "b<": map[string]any{}, "c": []any{day}}, map[string]any{},
	} {
		doc := response(t, v)
		if err := xmlrpc.Response(doc).Err(); err != nil {
			t.Errorf("kolo takes %s for a fault: %v", doc, err)
		}
		var got any
		if err := xmlrpc.Response(doc).Unmarshal(&got); err != nil || !reflect.DeepEqual(got, asKolo(v)) {
			t.Errorf("kolo reads %#v as %#v, %v, want %#v", v, got, err, asKolo(v))
		}
	}
	var got medium
	want := aMedium()
	if err := xmlrpc.Response(response(t, want)).Unmarshal(&got); err != nil || !reflect.DeepEqual(&got, want) {
		t.Errorf("kolo reads a struct as %+v, %v, want %+v", got, err, want)
	}
	err := xmlrpc.Response(wire.AppendFault(nil, wire.Fault{Code: -32601, String: "no <such> method"})).Err()
	if fault, ok := err.(xmlrpc.FaultError); !ok || fault.Code != -32601 || fault.String != "no <such> method" {
		t.Errorf("kolo reads a fault as %#v", err)
	}
}

func TestWeReadKolosCalls(t *testing.T) {
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	for _, tt := range []struct {
		v    any
		want any // or the code of a fault
	}{
		{5, int64(5)},
		{int64(1 << 40), int64(1 << 40)},       // <int> beyond 32 bit (V-INT-2)
		{uint64(1 << 40), int64(1 << 40)},      // <i4> beyond 32 bit
		{uint64(1 << 63), wire.InvalidRequest}, // beyond 63 bit
		{true, true},
		{"a<b>&é\t\n", "a<b>&é\t\n"},
		{"", ""},
		{1.5, 1.5},
		{math.NaN(), wire.InvalidRequest}, // <double>NaN</double> (V-DBL-2)
		{math.Inf(1), wire.InvalidRequest},
		{day, utc(2026, 1, 2, 3, 4, 5, 0)},                  // the wall clock, taken as UTC
		{[]byte{1, 2}, []any{int64(1), int64(2)}},           // a slice like any other
		{xmlrpc.Base64("YQ=="), []byte("a")},                // as it must be used
		{xmlrpc.Base64("not encoded"), wire.InvalidRequest}, // as it is documented (V-B64-2)
		{[]any{1, "x"}, []any{int64(1), "x"}},
		{map[string]any{"a": 1}, map[string]any{"a": int64(1)}},
		{map[string]any{"a<": 1}, wire.ParseError}, // names are not escaped
		{map[string]any{"a": nil}, map[string]any{"a": ""}},
		{(*int)(nil), ""},
		{nil, wire.InvalidRequest}, // <param></param> (S4)
		{item{"n", 3}, map[string]any{"name": "n", "size": int64(3)}},
	} {
		doc, err := xmlrpc.EncodeMethodCall("m", tt.v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := param(string(doc), "")
		if err != nil {
			got = codeOf(t, err)
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("kolo's %#v, %s, is %#v, %v, want %#v", tt.v, doc, got, err, tt.want)
		}
	}
	var got, want medium
	want = *aMedium()
	doc, err := xmlrpc.EncodeMethodCall("m", want)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.ParseCall(doc, "", wire.Limits{})
	if err == nil {
		err = c.Decode(0, &got)
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("kolo's struct came as %+v, %v", got, err)
	}
}

// kolo does not escape method names; what is smuggled in that way is refused
// (S2, section 9).
func TestKoloMethodNameInjection(t *testing.T) {
	doc, err := xmlrpc.EncodeMethodCall("ping</methodName><methodName>x")
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.ParseCall(doc, "", wire.Limits{})
	if err == nil {
		_, err = c.Len()
	}
	if codeOf(t, err) != wire.InvalidRequest {
		t.Errorf("%s: %v, want fault -32600", doc, err)
	}
}
