package wire_test

import (
	"math"
	"reflect"
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
			if codeOf(t, firstErr) != codeOf(t, err) {
				t.Fatalf("Len says %v, Decode %v", err, firstErr)
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
