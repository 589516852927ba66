package wire_test

import (
	"errors"
	"strings"
	"testing"

	"co2/methods/wire"
)

// A Canonical is written as the value it holds would be.
func TestCanonicalIsWhatMethodsAnswer(t *testing.T) {
	for _, doc := range []string{
		"<value><int>+007</int></value>", "<value><i8>\n 5 </i8></value>", "<value><int>4611686018427387904</int></value>",
		"<value><i4>-2147483649</i4></value>", "<value><int>-0</int></value>", "<value><double>1e300</double></value>",
		"<value><double>1.50</double></value>", "<value><double>-.0</double></value>", "<value><double>1e-7</double></value>",
		"<value><dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601></value>",
		"<value> &lt;int&gt;+1&lt;/int&gt; ]]&gt; &amp;</value>", "<value><string>&#60;i8></string></value>", "<value/>",
		"<value><boolean>true</boolean></value>", "<value><base64> YQ = =\n</base64></value>", "<value><nil></nil></value>",
		"<value><array><data><value><int>+1</int></value><value>2</value><value><i8>3</i8></value></data></array></value>",
		"<value><struct><member><name/><value><struct/></value></member><member><name>&lt;int></name><value><double>+1.</double></value></member></struct></value>",
		"<value><base64>YR==</base64></value>", "<value><array><data><value><array/></value><value><boolean>0</boolean></value><value><nil/></value></data></array></value>",
	} {
		wantCanonical(t, doc)
	}
	m := newMaker(7)
	for range 2000 {
		doc, err := wire.AppendValue(nil, m.value(4))
		if err != nil {
			t.Fatal(err)
		}
		wantCanonical(t, string(doc))
	}
}

// wantCanonical compares a Canonical with what a method would answer that has
// taken the value apart. Its members must be in the order of their names.
func wantCanonical(t *testing.T, value string) {
	t.Helper()
	call, err := wire.ParseCall([]byte("<methodCall><methodName>m</methodName><params><param>"+value+"</param></params></methodCall>"), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var raw wire.Raw
	var plain any
	if err := errors.Join(call.Decode(0, &raw), call.Decode(0, &plain)); err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	got, err := wire.AppendValue(nil, wire.Canonical(raw))
	want, err2 := wire.AppendValue(nil, plain)
	if err != nil || err2 != nil || string(got) != string(want) {
		t.Errorf("Canonical of %s = %s, %v, want %s, %v", value, got, err, want, err2)
	}
}

func TestCanonicalLimits(t *testing.T) {
	if _, err := wire.AppendValue(nil, wire.Canonical{}); err == nil {
		t.Error("the zero Canonical was written, want an error")
	}
	long, err := wire.NewRaw(make([]float64, 1000))
	if err != nil {
		t.Fatal(err)
	}
	var raw wire.Raw
	call, err := wire.ParseCall([]byte("<methodCall><methodName>m</methodName><params><param>"+
		strings.ReplaceAll(long.String(), "0.0", "1e300")+"</param></params></methodCall>"), "", wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Decode(0, &raw); err != nil {
		t.Fatal(err)
	}
	if out, err := wire.AppendResponseWithin(nil, 100_000, wire.Canonical(raw)); !errors.Is(err, wire.ErrTooLong) || cap(out) > 0 {
		t.Errorf("an answer of 300,000 octets within 100,000: %d octets, %v, want %v", len(out), err, wire.ErrTooLong)
	}
}

// Text with the usual references is kept as it came, without a second look at
// it; any other spelling of the same text becomes that one.
func TestReferencesInRaw(t *testing.T) {
	const usual = "<value><string>a &lt;b&gt; &amp; c&#13;</string></value>"
	for _, doc := range []string{
		usual,
		"<value><string>a &lt;b> &amp; c&#13;</string></value>",
		"<value><string>a &#60;b&gt; &amp; c&#13;</string></value>",
		"<value><string>a &lt;b&gt; &amp; c&#xD;</string></value>",
		"<value><string>a <![CDATA[<b>]]> &amp; c&#13;</string></value>",
		"<value><string>a &lt;b<!-- -->&gt; &amp; c&#13;</string></value>",
		"<value>a &lt;b&gt; &amp; c&#13;</value>",
	} {
		for _, before := range []string{"", "<value><string>&lt;&gt;</string></value>", "<value><string>x</string></value>"} {
			for _, name := range []string{"n", "&gt;", ">", "&#62;", "&lt;"} {
				list := "<value><array><data>" + before + "<value><struct><member><name>" + name + "</name>" + doc + "</member></struct></value><value><string>q></string></value></data></array></value>"
				call, err := wire.ParseCall([]byte("<methodCall><methodName>m</methodName><params><param>"+list+"</param></params></methodCall>"), "", wire.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				var got wire.Raw
				if err := call.Decode(0, &got); err != nil {
					t.Fatal(err)
				}
				spelled := map[string]string{">": "&gt;", "&#62;": "&gt;"}[name]
				if spelled == "" {
					spelled = name
				}
				want := "<value><array><data>" + before + "<value><struct><member><name>" + spelled + "</name>" + usual + "</member></struct></value><value><string>q&gt;</string></value></data></array></value>"
				if got.String() != want {
					t.Errorf("Raw of %s = %s, want %s", list, got, want)
				}
			}
		}
	}
}
