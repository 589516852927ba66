package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"co2/methods"
	"co2/methods/wire"
)

// callWith is the call C(x) of xmlrpc.md section 14: one struct with the
// member v.
func callWith(x string) string {
	return "<methodCall><methodName>test</methodName><params><param><value><struct><member><name>v</name><value>" +
		x + "</value></member></struct></value></param></params></methodCall>"
}

// echo answers a call of test as section 14 wants it: the XML of member v, or
// the number of the fault.
func echo(t *testing.T, doc string) string {
	t.Helper()
	code := func(err error) string {
		var f methods.Faulter
		if !errors.As(err, &f) {
			t.Fatalf("error %v (%T) is no Faulter", err, err)
		}
		n, text := f.Fault()
		if len(text) > 512 || strings.ContainsAny(text, "\r\n") {
			t.Errorf("fault text %q is not one line of at most 512 octets (F3)", text)
		}
		return fmt.Sprint(n)
	}
	c, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
	if err != nil {
		return code(err)
	}
	var p map[string]any
	if err := c.Decode(0, &p); err != nil {
		return code(err)
	}
	b, err := wire.AppendValue(nil, p["v"])
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(b), "<value>"), "</value>")
}

func TestVectors(t *testing.T) {
	const faulty = "-32600"
	for _, tt := range []struct{ x, want string }{
		{"  a b  ", "<string>  a b  </string>"},
		{"", "<string></string>"},
		{"<string/>", "<string></string>"},
		{"ab<!-- c -->cd", "<string>abcd</string>"},
		{"<string>a<![CDATA[]]]]><![CDATA[>]]>b</string>", "<string>a]]&gt;b</string>"},
		{"<string>a&#13;&#10;b</string>", "<string>a&#13;\nb</string>"},
		{"<string>a\r\nb</string>", "<string>a\nb</string>"},
		{"<string>a\rb</string>", "<string>a\nb</string>"},
		{"<string>&#x1F600;</string>", "<string>😀</string>"},
		{"<int>+7</int>", "<int>7</int>"},
		{"<i8>\n 5 \n</i8>", "<int>5</int>"},
		{"<int>4611686018427387904</int>", "<i8>4611686018427387904</i8>"},
		{"<int>9223372036854775808</int>", faulty},
		{"<int></int>", faulty},
		{"<int>1e3</int>", faulty},
		{"<int>0x10</int>", faulty},
		{"<boolean>true</boolean>", "<boolean>1</boolean>"},
		{"<boolean>2</boolean>", faulty},
		{"<double>1e300</double>", "<double>1" + strings.Repeat("0", 300) + ".0</double>"},
		{"<double>1e-7</double>", "<double>0.0000001</double>"},
		{"<double>-0.0</double>", "<double>-0.0</double>"},
		{"<double>NaN</double>", faulty},
		{"<double>0x1p-2</double>", faulty},
		{"<double>1e999</double>", faulty},
		{"<dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"},
		{"<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>", faulty},
		{"<base64>YQ\n==</base64>", "<base64>YQ==</base64>"},
		{"<base64>abc</base64>", faulty},
		{"<base64>hello world</base64>", faulty},
		{"<nil/>", "<nil/>"},
		{`<ex:nil xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions"/>`, "<nil/>"},
		{`<z:nil xmlns:z="urn:other"/>`, faulty},
		{"<array/>", "<array><data></data></array>"},
		{"<array><value>1</value></array>", faulty},
		{"<struct><member><name>a</name><value>1</value></member><member><name>a</name><value>2</value></member></struct>", faulty},
		{"<struct><member><value>1</value><name>a</name></member></struct>", faulty},
		{"<struct><member><name>a</name></member></struct>", faulty},
		{"x<int>1</int>", faulty},
		{"<int>1</int><int>2</int>", faulty},
		{"<float>1</float>", faulty},
	} {
		if got := echo(t, callWith(tt.x)); got != tt.want {
			t.Errorf("C(%q) = %s, want %s", tt.x, got, tt.want)
		}
	}
}

func TestVectorsDepth(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat("<array><data><value>", n) + strings.Repeat("</value></data></array>", n)
	}
	if got, want := echo(t, callWith(nested(127))), strings.Replace(nested(127), "<value></value>", "<value><string></string></value>", 1); got != want {
		t.Errorf("127 arrays in a struct = %.60s…, want them back (L5)", got)
	}
	if got := echo(t, callWith(nested(128))); got != "-32001" {
		t.Errorf("128 arrays in a struct = %.60s…, want -32001 (L5)", got)
	}
}

func TestVectorsDocuments(t *testing.T) {
	good := callWith("1")
	for _, tt := range []struct{ doc, want string }{
		{"", "-32700"},
		{"hello", "-32700"},
		{good + good, "-32700"},
		{` <?xml version="1.0"?>` + good, "-32700"},
		{`<!DOCTYPE m [<!ENTITY a "b">]>` + good, "-32600"},
		{callWith("<string>\xFF</string>"), "-32702"},
		{callWith("&#0;"), "-32700"},
		{`<?xml version="1.0" encoding="x-klingon"?>` + good, "-32701"},
		{"<methodResponse><params></params></methodResponse>", "-32600"},
		{"<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>", "-32600"},
		{"<methodCall><methodName>a</methodName><params><param></param></params></methodCall>", "-32600"},
	} {
		if got := echo(t, tt.doc); got != tt.want {
			t.Errorf("%q = %s, want %s", tt.doc, got, tt.want)
		}
	}
}
