package wire_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
)

func utc(year int, month time.Month, day, hour, minute, second, nanos int) time.Time {
	return time.Date(year, month, day, hour, minute, second, nanos, time.UTC)
}

// TestScalars reads each text as <type>text</type>; want is the value, or nil
// where the text is refused with -32600.
func TestScalars(t *testing.T) {
	for _, tt := range []struct {
		rule, typ, text string
		want            any
	}{
		{"V-INT-1", "int", "0", int64(0)},
		{"V-INT-1", "i4", "-7", int64(-7)},
		{"V-INT-1", "i8", "+7", int64(7)},
		{"V-INT-1", "int", "-0", int64(0)},
		{"V-INT-1", "int", "00000000000000000042", int64(42)},
		{"V-INT-1", "int", "000000000000000000042", nil},
		{"V-INT-1", "i8", "9223372036854775807", int64(math.MaxInt64)},
		{"V-INT-1", "i8", "-9223372036854775808", int64(math.MinInt64)},
		{"V-INT-2", "int", "9223372036854775807", int64(math.MaxInt64)},
		{"V-INT-2", "i4", "4294967296", int64(1 << 32)},
		{"V-INT-2", "int", "9223372036854775808", nil},
		{"V-INT-2", "int", "-9223372036854775809", nil},
		{"V-INT-2", "i8", "18446744073709551616", nil},
		{"V-INT-2", "i8", "99999999999999999999", nil},
		{"V-INT-3", "int", "", nil},
		{"V-INT-3", "int", "  ", nil},
		{"V-INT-3", "int", "+", nil},
		{"V-INT-3", "int", "1.0", nil},
		{"V-INT-3", "int", "1e3", nil},
		{"V-INT-3", "int", "0x10", nil},
		{"V-INT-3", "int", "1_000", nil},
		{"V-INT-3", "int", "١", nil},
		{"V-INT-3", "int", "1 2", nil},
		{"V-INT-3", "int", "--1", nil},
		{"V-INT-3", "int", "- 1", nil},
		{"X16", "int", "\n\t 5 \r\n", int64(5)},
		{"X16", "int", "&#32;5<!-- five -->", int64(5)},
		{"X16", "int", "\u00A05", nil},
		{"L10", "int", strings.Repeat(" ", 1000) + "5", int64(5)},
		{"L10", "int", strings.Repeat("0", 65), nil},

		{"V-BOOL-1", "boolean", "0", false},
		{"V-BOOL-1", "boolean", "1", true},
		{"V-BOOL-1", "boolean", " true ", true},
		{"V-BOOL-1", "boolean", "false", false},
		{"V-BOOL-1", "boolean", "2", nil},
		{"V-BOOL-1", "boolean", "T", nil},
		{"V-BOOL-1", "boolean", "TRUE", nil},
		{"V-BOOL-1", "boolean", "yes", nil},
		{"V-BOOL-1", "boolean", "00", nil},
		{"V-BOOL-1", "boolean", "", nil},

		{"V-DBL-1", "double", "1", 1.0},
		{"V-DBL-1", "double", "-1.5", -1.5},
		{"V-DBL-1", "double", "+.5", 0.5},
		{"V-DBL-1", "double", "5.", 5.0},
		{"V-DBL-1", "double", " 1e3 ", 1000.0},
		{"V-DBL-1", "double", "1.E-3", 0.001},
		{"V-DBL-1", "double", "-2.5e+1", -25.0},
		{"V-DBL-1", "double", "1" + strings.Repeat("0", 300), 1e300},
		{"V-DBL-1", "double", "1e-999", 0.0},
		{"V-DBL-1", "double", strings.Repeat("0", 1023) + "1", 1.0},
		{"L10", "double", strings.Repeat("0", 1024) + "1", nil},
		{"V-DBL-1", "double", ".", nil},
		{"V-DBL-1", "double", "e5", nil},
		{"V-DBL-1", "double", "1e", nil},
		{"V-DBL-1", "double", "1e+", nil},
		{"V-DBL-1", "double", "1e1.5", nil},
		{"V-DBL-1", "double", "", nil},
		{"V-DBL-2", "double", "NaN", nil},
		{"V-DBL-2", "double", "nan", nil},
		{"V-DBL-2", "double", "inf", nil},
		{"V-DBL-2", "double", "+Inf", nil},
		{"V-DBL-2", "double", "-Infinity", nil},
		{"V-DBL-2", "double", "0x1p-2", nil},
		{"V-DBL-2", "double", "1_0.0", nil},
		{"V-DBL-2", "double", "1,5", nil},
		{"V-DBL-2", "double", "1e999", nil},
		{"V-DBL-2", "double", "-1e309", nil},

		{"V-DT-1", "dateTime.iso8601", "19980717T14:08:55", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-1", "dateTime.iso8601", " 19980717T14:08:55Z\n", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-1", "dateTime.iso8601", "1998-07-17T14:08:55", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-1", "dateTime.iso8601", "1998-07-17 140855", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-1", "dateTime.iso8601", "19980717T140855,5", utc(1998, 7, 17, 14, 8, 55, 500_000_000)},
		{"V-DT-1", "dateTime.iso8601", "19980717T14:08:55.123456789Z", utc(1998, 7, 17, 14, 8, 55, 123456789)},
		{"V-DT-3", "dateTime.iso8601", "1998-07-17T16:08:55+02:00", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-3", "dateTime.iso8601", "1998-07-17T16:08:55.5+0200", utc(1998, 7, 17, 14, 8, 55, 500_000_000)},
		{"V-DT-3", "dateTime.iso8601", "1998-07-17T06:38:55-0730", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-3", "dateTime.iso8601", "19980717T16:08:55+02", utc(1998, 7, 17, 14, 8, 55, 0)},
		{"V-DT-2", "dateTime.iso8601", "20240229T00:00:00", utc(2024, 2, 29, 0, 0, 0, 0)},
		{"V-DT-2", "dateTime.iso8601", "20230229T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "19000229T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20240431T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20241301T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20240100T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "00000101T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20240101T24:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20240101T23:59:60", nil},
		{"V-DT-2", "dateTime.iso8601", "20240101T23:60:00", nil},
		{"V-DT-2", "dateTime.iso8601", "00000000T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "20240101", nil},
		{"V-DT-2", "dateTime.iso8601", "T00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "00:00:00", nil},
		{"V-DT-2", "dateTime.iso8601", "1700000000", nil},
		{"V-DT-2", "dateTime.iso8601", "", nil},
		{"V-DT-1", "dateTime.iso8601", "2024-0101T00:00:00", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:0000", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101t00:00:00", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101  00:00:00", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00.", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00.1234567890", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00 Z", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00+1", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00+24:00", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00+02:", nil},
		{"V-DT-1", "dateTime.iso8601", "20240101T00:00:00Zx", nil},
		{"V-DT-4", "dateTime.iso8601", "00010101T00:00:00+01:00", nil},
		{"V-DT-4", "dateTime.iso8601", "99991231T23:59:59-01:00", nil},
		{"L10", "dateTime.iso8601", "19980717T14:08:55" + strings.Repeat("0", 60), nil},

		{"V-B64-1", "base64", "", []byte{}},
		{"V-B64-1", "base64", " \n ", []byte{}},
		{"V-B64-1", "base64", "YQ==", []byte("a")},
		{"V-B64-1", "base64", "Y\nQ =\t=", []byte("a")},
		{"V-B64-1", "base64", "YWJj&#10;ZGVm", []byte("abcdef")},
		{"V-B64-1", "base64", "+/+/", []byte{0xFB, 0xFF, 0xBF}},
		{"V-B64-2", "base64", "YR==", []byte("a")},
		{"V-B64-2", "base64", "-_-_", nil},
		{"V-B64-2", "base64", "YQ", nil},
		{"V-B64-2", "base64", "YQ=", nil},
		{"V-B64-2", "base64", "YQ===", nil},
		{"V-B64-2", "base64", "=", nil},
		{"V-B64-2", "base64", "====", nil},
		{"V-B64-2", "base64", "Y===", nil},
		{"V-B64-2", "base64", "YQ==YQ==", nil},
		{"V-B64-2", "base64", "Y=Q=", nil},
		{"V-B64-2", "base64", "hello world", nil},
		{"V-B64-2", "base64", "YWJ\u00A0j", nil},

		{"V-NIL-1", "nil", "x", nil},
		{"V-NIL-1", "nil", "<!-- none -->x", nil},
		{"V-NIL-1", "nil", "<i/>", nil},
	} {
		got, err := param(call1("<value><"+tt.typ+">"+tt.text+"</"+tt.typ+"></value>"), "")
		if err != nil {
			got = nil
			if codeOf(t, err) != wire.InvalidRequest {
				t.Errorf("%s: <%s>%q: %v, want fault -32600", tt.rule, tt.typ, tt.text, err)
			}
		}
		if !reflect.DeepEqual(got, tt.want) || tt.want == nil && err == nil {
			t.Errorf("%s: <%s>%q = %#v, %v, want %#v", tt.rule, tt.typ, tt.text, got, err, tt.want)
		}
	}
}

// TestValues reads values with their tags; want is a code where it is an int.
func TestValues(t *testing.T) {
	const faulty = wire.InvalidRequest
	ex := func(s string) string { return strings.ReplaceAll(s, "NS", `"`+extSpace+`"`) }
	for _, tt := range []struct {
		rule, x string
		want    any
	}{
		{"V-DBL-1", "<double>-0.0</double>", math.Copysign(0, -1)},
		{"V-DBL-1", "<double>-1e-999</double>", math.Copysign(0, -1)},
		{"V-NIL-1", "<nil/>", nil},
		{"V-NIL-1", "<nil></nil>", nil},
		{"V-NIL-1", "<nil> \n</nil>", nil},
		{"V-NIL-1", " <nil /> ", nil},
		{"V-NIL-1", "<array><data><value><nil/></value></data></array>", []any{nil}},
		{"V-NIL-1", "<struct><member><name>a</name><value><nil/></value></member></struct>", map[string]any{"a": nil}},
		{"V-ARR-1", "<array><data><value>a</value><value><int>1</int></value><value><array/></value></data></array>", []any{"a", int64(1), []any{}}},
		{"V-STRUCT-1", "<struct/>", map[string]any{}},
		{"V-B64-1", "<base64/>", []byte{}},
		{"V-INT-3", "<int/>", faulty},
		{"V-EX-1", ex("<ex:nil xmlns:ex=NS/>"), nil},
		{"V-EX-1", ex("<q:i8 xmlns:q=NS>5</q:i8>"), int64(5)},
		{"V-EX-1", ex("<i8 xmlns=NS>5</i8>"), int64(5)},
		{"V-EX-1", ex("<i1 xmlns=NS>5</i1>"), int64(5)},
		{"V-EX-1", "<ex:i1>5</ex:i1>", int64(5)},
		{"V-EX-1", `<ex:i1 xmlns:ex="urn:other">5</ex:i1>`, faulty},
		{"V-EX-1", `<ex:i1 xmlns:ex="">5</ex:i1>`, faulty},
		{"V-EX-1", `<i1>5</i1>`, faulty},
		{"V-EX-1", "<z:nil/>", faulty},
		{"V-EX-1", ex("<z:nil xmlns:y=NS/>"), faulty},
		{"V-EX-1", ex(`<array xmlns:e=NS><data><value><e:nil/></value><value><e:i1>1</e:i1></value></data></array>`), []any{nil, int64(1)}},
		{"V-EX-1", ex(`<array><data><value><e:nil xmlns:e=NS/></value><value><e:nil/></value></data></array>`), faulty},
		{"V-EX-1", ex(`<struct><member><name xmlns:e=NS>a</name><value><e:nil/></value></member></struct>`), faulty},
		{"V-EX-1", ex(`<struct><member xmlns:e=NS><name>a</name><value><e:nil/></value></member><member><name>b</name><value><e:nil/></value></member></struct>`), faulty},
		{"V-EX-1", ex(`<struct xmlns:e=NS><member xmlns:e="urn:x"><name>a</name><value/></member><member><name>b</name><value><e:nil/></value></member></struct>`), map[string]any{"a": "", "b": nil}},
		{"V-EX-1", `<ex:nil xmlns:ex="http&#58;//ws.apache.org/xmlrpc/namespaces/extensions"/>`, nil},
		{"V-EX-2", "<ex:i8>-9223372036854775808</ex:i8>", int64(math.MinInt64)},
		{"V-EX-2", "<ex:i1>127</ex:i1>", int64(127)},
		{"V-EX-2", "<ex:i1> -128 </ex:i1>", int64(-128)},
		{"V-EX-2", "<ex:i1>128</ex:i1>", faulty},
		{"V-EX-2", "<ex:i2>32767</ex:i2>", int64(32767)},
		{"V-EX-2", "<ex:i2>-32769</ex:i2>", faulty},
		{"V-EX-2", "<ex:float>1.5</ex:float>", 1.5},
		{"V-EX-2", "<ex:float>NaN</ex:float>", faulty},
		{"V-EX-2", "<ex:dateTime>2026-01-02T03:04:05.5Z</ex:dateTime>", utc(2026, 1, 2, 3, 4, 5, 500_000_000)},
		{"V-EX-2", "<ex:biginteger>123456789012</ex:biginteger>", int64(123456789012)},
		{"V-EX-3", "<ex:biginteger>9223372036854775808</ex:biginteger>", faulty},
		{"V-EX-3", "<ex:bigdecimal>1.5</ex:bigdecimal>", faulty},
		{"V-EX-3", "<ex:dom><a/></ex:dom>", faulty},
		{"V-EX-3", "<ex:serializable>rO0ABXA=</ex:serializable>", faulty},
		{"V-EX-1", "<ex:string>a</ex:string>", faulty},
		{"V-EX-1", "<ex:array/>", faulty},
	} {
		got, err := param(call1("<value>"+tt.x+"</value>"), "")
		if err != nil {
			got = codeOf(t, err)
		}
		same := reflect.DeepEqual(got, tt.want)
		if f, ok := tt.want.(float64); ok && same {
			same = math.Signbit(f) == math.Signbit(got.(float64))
		}
		if !same {
			t.Errorf("%s: %s = %#v, %v, want %#v", tt.rule, tt.x, got, err, tt.want)
		}
	}
	root := `<methodCall xmlns:e="` + extSpace + `"><methodName>m</methodName><params><param><value/></param><param><value><e:i1>5</e:i1></value></param></params></methodCall>`
	c, err := wire.ParseCall([]byte(root), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.Decode(1, &n); err != nil || n != 5 {
		t.Errorf("V-EX-1: a prefix declared on the root: %d, %v, want 5", n, err)
	}
}
