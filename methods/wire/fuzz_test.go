package wire_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kolo/xmlrpc"

	"co2/methods/wire"
)

// FuzzParseCall feeds anything to the reader. Whatever it takes must mean the
// same in all the ways to read it, and read back after having been written.
func FuzzParseCall(f *testing.F) {
	for _, x := range []string{
		"", "text", "<int>1</int>", "<i8> -5 </i8>", "<boolean>true</boolean>", "<double>1e5</double>", "<nil/>", "<ex:i1>1</ex:i1>",
		"<dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601>", "<base64>YQ = =</base64>", "<array/>",
		"<string>a<![CDATA[<]]><!-- c -->&#x1F600;</string>", list("1", "<int>2</int>"), inner(members("a=1", "b&lt;=<struct/>")),
	} {
		f.Add([]byte(call1("<value>"+x+"</value>")), "")
	}
	f.Add([]byte("\xFF\xFE"+toUTF16(call1("<value/>"), false)), "")
	f.Add([]byte("<?xml version='1.0' encoding='latin1'?>"+call1("<value>\xE9</value>")), "")
	f.Add([]byte("<methodCall xmlns:e='"+extSpace+"'><methodName a=''>m</methodName> <params ><param><value/></param></params></methodCall >"), "utf-8")
	f.Fuzz(func(t *testing.T, doc []byte, charset string) {
		c, err := wire.ParseCall(doc, charset, wire.Limits{})
		if err != nil {
			codeOf(t, err)
			return
		}
		n, err := c.Len()
		twin, _ := wire.ParseCall(doc, charset, wire.Limits{})
		var first any
		firstErr := twin.Decode(0, &first)
		if err != nil {
			third, _ := wire.ParseCall(doc, charset, wire.Limits{})
			for _, other := range []error{firstErr, third.Decode(0, new(wire.Raw))} {
				if other == nil || other.Error() != err.Error() {
					t.Fatalf("Len says %v, Decode %v", err, other)
				}
			}
			return
		}
		for i := range n {
			var v any
			var r wire.Raw
			if err := c.Decode(i, &v); err != nil {
				t.Fatalf("Decode(%d) of a sound document: %v", i, err)
			}
			if err := c.Decode(i, &r); err != nil {
				t.Fatalf("Decode(%d) into a Raw: %v", i, err)
			}
			if i == 0 && (firstErr != nil || !reflect.DeepEqual(v, first)) {
				t.Fatalf("first %#v, %v, then %#v", first, firstErr, v)
			}
			checkRaw(t, r, v)
		}
	})
}

// checkRaw checks that r means v and that all its spellings lead back to it.
func checkRaw(t *testing.T, r wire.Raw, v any) {
	t.Helper()
	var again any
	if err := r.Decode(&again); err != nil || !reflect.DeepEqual(v, again) {
		t.Fatalf("%s decodes to %#v, %v, want %#v", r, again, err, v)
	}
	if canonical := rawOf(t, inner(r.String())); canonical != r {
		t.Fatalf("%s is spelled %s the second time", r, canonical)
	}
	b, err := r.MarshalJSON()
	if err != nil {
		t.Fatalf("%s: %v", r, err)
	}
	back, err := wire.ParseJSON(b)
	if err != nil {
		t.Fatalf("%s made %s: %v", r, b, err)
	}
	var fromJSON any
	if err := back.Decode(&fromJSON); err != nil || !reflect.DeepEqual(v, fromJSON) {
		t.Fatalf("%s made %s, which means %#v, %v", r, b, fromJSON, err)
	}
}

// FuzzParseResponse feeds anything to the reader of answers. A result means
// the same in all the ways to read it, and so does a fault.
func FuzzParseResponse(f *testing.F) {
	seedAnswers(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		var v any = "untouched"
		var r wire.Raw
		err := wire.ParseResponse(doc, "", wire.Limits{}, &v)
		for _, into := range []any{&r, nil} {
			if other := wire.ParseResponse(doc, "", wire.Limits{}, into); fmt.Sprint(other) != fmt.Sprint(err) {
				t.Fatalf("%q: %v into a value, %v into %T", doc, err, other, into)
			}
		}
		if fault, ok := err.(*wire.Fault); ok {
			var again *wire.Fault
			if !asFault(wire.ParseResponse(wire.AppendFault(nil, *fault), "", wire.Limits{}, nil), &again) || again.Code != fault.Code {
				t.Fatalf("fault %v came back as %v", fault, again)
			}
		}
		if err == nil && !r.IsZero() {
			checkRaw(t, r, v)
		} else if err == nil && v != "untouched" {
			t.Fatalf("%q made %#v but no Raw (C9)", doc, v)
		}
	})
}

func seedAnswers(f *testing.F) {
	for _, x := range []string{
		"", "<string>x</string>", "<int>1</int>", "<double>1.5</double>", "<nil/>", "<array><data/></array>", inner(members("a=<int>1</int>", "b=c")),
		"<base64>YQ==</base64>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<boolean>1</boolean>",
	} {
		f.Add([]byte("<methodResponse><params><param><value>" + x + "</value></param></params></methodResponse>"))
	}
	f.Add([]byte(" <methodResponse a='b'><params/></methodResponse>"))
	f.Add(wire.AppendFault(nil, wire.Fault{Code: 4, String: "why"}))
	f.Add([]byte("<methodResponse><fault>" + members("faultCode=x", "faultString=why") + "</fault></methodResponse>"))
}

// FuzzRaw reads anything as the content of a value. Spelled anew it is sound,
// means the same, and stays as it is from then on; its parts make it up again.
func FuzzRaw(f *testing.F) {
	for _, x := range []string{
		"a<!-- -->b", " <i4> +007 </i4>", "<ex:i2>5</ex:i2>", "<double>1.50e+3</double>", "<boolean>true</boolean>", "<base64>Y Q==</base64>",
		"<array>\n<data><value>x</value><value/></data></array>", "<struct><member><name>a&lt;</name><value>></value></member><member><name/><value/></member></struct>",
	} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x string) {
		doc := call1("<value>" + x + "</value>")
		v, err := param(doc, "")
		c, parseErr := wire.ParseCall([]byte(doc), "", wire.Limits{})
		if parseErr != nil {
			return
		}
		var r wire.Raw
		if rawErr := c.Decode(0, &r); codeOf(t, rawErr) != codeOf(t, err) {
			t.Fatalf("%q: %v into a value, %v into a Raw", x, err, rawErr)
		}
		if err != nil {
			return
		}
		checkRaw(t, r, v)
		checkCanonical(t, r.String())
		checkParts(t, r)
	})
}

// checkParts takes r apart and puts it together again.
func checkParts(t *testing.T, r wire.Raw) {
	t.Helper()
	switch r.Type() {
	case "struct":
		parts, err := r.Members()
		if err != nil {
			t.Fatalf("Members of %s: %v", r, err)
		}
		if again, err := wire.RawStruct(parts); err != nil || again != r {
			t.Fatalf("%s is made up again as %s, %v", r, again, err)
		}
	case "array":
		items, err := r.Items()
		if err != nil {
			t.Fatalf("Items of %s: %v", r, err)
		}
		if again, err := wire.NewRaw(items); err != nil || again != r {
			t.Fatalf("%s is made up again as %s, %v", r, again, err)
		}
	}
}

// FuzzCharset writes text in every encoding that can hold it; all of them mean
// the same (X1, X2). Then it reads anything under any name (X3, X4).
func FuzzCharset(f *testing.F) {
	f.Add("é", "utf-8", []byte("\xE9"))
	f.Add("€ “x”", "windows-1252", []byte("\x81"))
	f.Add("漢😀", "utf-16", []byte("\xD8\x00"))
	f.Add("a\r\n", "iso-8859-15", []byte("\xFF\xFE<\x00"))
	f.Add("a", "utf-7", []byte("<?xml version='1.0' encoding='latin1'?><a/>"))
	f.Fuzz(func(t *testing.T, text, charset string, body []byte) {
		doc := call1("<value>" + escaped(text) + "</value>")
		want, wantErr := param(doc, "utf-8")
		encodings := map[string]string{
			"":         "\xEF\xBB\xBF" + doc,
			"utf8":     doc,
			"UTF-16":   "\xFE\xFF" + toUTF16(doc, true),
			"utf-16le": toUTF16(doc, false),
			"utf-16be": toUTF16(doc, true),
		}
		if latin, ok := toLatin1(doc); ok {
			encodings["Latin1"] = latin
		}
		if wantErr == nil {
			for name, encoded := range encodings {
				if got, err := param(encoded, name); err != nil || got != want {
					t.Fatalf("%q in %q = %#v, %v, want %#v", text, name, got, err, want)
				}
			}
		}
		c, err := wire.ParseCall(body, charset, wire.Limits{})
		if err == nil {
			_, err = c.Len()
		}
		switch code := codeOf(t, err); code {
		case 0, wire.ParseError, wire.UnsupportedEncoding, wire.InvalidCharacter, wire.InvalidRequest, wire.LimitExceeded:
		default:
			t.Fatalf("%q as %q: %v, of a code no document has (F4)", body, charset, err)
		}
	})
}

// escaped escapes markup, not by our own writer.
func escaped(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func toLatin1(s string) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		if r > 0xFF {
			return "", false
		}
		b.WriteByte(byte(r))
	}
	return b.String(), utf8.ValidString(s)
}

// FuzzRoundTrip writes strings, names and numbers and reads them back, also
// with kolo/xmlrpc.
func FuzzRoundTrip(f *testing.F) {
	f.Add("name", "text", int64(5), 1.5, []byte("octets"))
	f.Add("", "<&>\"'\r\n\t]]>", int64(-1<<63), math.Copysign(0, -1), []byte{0, 255})
	f.Add("é", "\x00\xFF\uFFFE", int64(1<<31), 1e300, []byte(nil))
	f.Fuzz(func(t *testing.T, name, text string, n int64, d float64, b []byte) {
		v := map[string]any{name: text, "n" + name: n, "b" + name: append([]byte{}, b...)}
		if d-d == 0 { // neither NaN nor infinite
			v["d"+name] = d
		}
		doc, err := wire.AppendResponse(nil, v)
		if err != nil {
			return // names that XML would make alike
		}
		if !utf8.Valid(doc) {
			t.Fatalf("not UTF-8: %q", doc)
		}
		var got map[string]any
		if err := wire.ParseResponse(doc, "", wire.Limits{NameLen: 1 << 20}, &got); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if len(got) != len(v) {
			t.Fatalf("%#v came back as %#v", v, got)
		}
		written, err := wire.AppendResponse(nil, got)
		var again map[string]any
		if err == nil {
			err = wire.ParseResponse(written, "", wire.Limits{NameLen: 1 << 20}, &again)
		}
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("%s was written %s the second time, %v", doc, written, err)
		}
		var kolo struct {
			N int64 `xmlrpc:"n"`
		}
		if err := xmlrpc.Response(response(t, map[string]any{"n": n})).Unmarshal(&kolo); err != nil || kolo.N != n {
			t.Fatalf("kolo reads %d as %d, %v", n, kolo.N, err)
		}
	})
}

// FuzzJSON reads anything as JSON. What is taken must come back the same.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`1`, `-0.50`, `1e5`, `"a\u00e9\ud83d\ude00"`, `null`, `[true,{}]`, `{"$$a":{"$i8":"5"},"b":[{"$base64":"YQ=="},{"$dateTime":"19980717T14:08:55"}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := wire.ParseJSON(b)
		if err != nil {
			codeOf(t, err)
			return
		}
		var v any
		if err := r.Decode(&v); err != nil {
			t.Fatalf("%s made %s: %v", b, r, err)
		}
		checkRaw(t, r, v)
		written, _ := r.MarshalJSON()
		if again, err := wire.ParseJSON(written); err != nil || again != r {
			t.Fatalf("%s became %s and that %s, %v", r, written, again, err)
		}
	})
}
