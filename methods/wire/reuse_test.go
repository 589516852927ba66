package wire_test

import (
	"reflect"
	"strings"
	"testing"

	"co2/methods/wire"
)

// Nothing that was decoded refers to the body, which can be used for the next
// request at once, or to the Call.
func TestBodyAndCallAreFree(t *testing.T) {
	m := newMaker(12)
	var c wire.Call
	var body []byte
	type kept struct{ got, want any }
	var all []kept
	for i := range 200 {
		v := m.value(2)
		doc, err := wire.AppendCall(nil, "name", v, v)
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			text, _ := m.spelled(v)
			doc = []byte(strings.Replace(text, "</params", "<param>"+string(inValue(t, v))+"</param></params", 1))
		}
		body = append(body[:0], doc...)
		if err := c.Parse(body, "", wire.Limits{}); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		method := c.Method
		for j := range body {
			body[j] = '#'
		}
		var a, b any
		var r wire.Raw
		if err := c.Decode(0, &a); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if err := c.Decode(1, &b); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if err := c.Decode(1, &r); err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		if n, err := c.Len(); n != 2 || err != nil {
			t.Fatalf("Len of %s = %d, %v", doc, n, err)
		}
		if method != "name" && method != "m" {
			t.Fatalf("method %q", method)
		}
		all = append(all, kept{a, v}, kept{b, v}, kept{r, rawValue(t, v)})
	}
	for _, k := range all {
		if !reflect.DeepEqual(k.got, k.want) {
			t.Fatalf("%#v has become %#v", k.want, k.got)
		}
	}
}

func inValue(t *testing.T, v any) []byte {
	b, err := wire.AppendValue(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rawValue(t *testing.T, v any) wire.Raw {
	r, err := wire.NewRaw(v)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A Call that met a bad document, or none, says so and reads the next one.
func TestCallAfterAnError(t *testing.T) {
	var c wire.Call
	if _, err := c.Len(); err == nil {
		t.Error("Len of a Call without a document")
	}
	for _, doc := range []string{"", "<methodCall>", "<methodCall><methodName>m</methodName>", one("<array><data><value><struct><member><name>a</name>"), one("<x/>")} {
		err := c.Parse([]byte(doc), "", wire.Limits{})
		if err == nil {
			_, err = c.Len()
		}
		if err == nil {
			t.Errorf("%q was taken", doc)
		}
		if again := c.Decode(0, new(any)); again == nil || again.Error() != err.Error() {
			t.Errorf("%q: first %v, then %v", doc, err, again)
		}
		var got any
		if err := c.Parse([]byte(one("x")), "", wire.Limits{}); err != nil {
			t.Fatal(err)
		}
		if err := c.Decode(0, &got); err != nil || got != "x" {
			t.Errorf("after %q: %#v, %v", doc, got, err)
		}
		c.Reset()
		if _, err := c.Len(); err == nil || c.Method != "" {
			t.Errorf("after Reset the Call still holds %q", c.Method)
		}
	}
}

// A kept Call and a kept body buffer leave nothing to allocate for a call but
// its text and what it is decoded to.
func TestCallAllocations(t *testing.T) {
	doc, err := wire.AppendCall(nil, "relay.register", aMedium())
	if err != nil {
		t.Fatal(err)
	}
	ping, err := wire.AppendCall(nil, "ping")
	if err != nil {
		t.Fatal(err)
	}
	var c wire.Call
	for _, tt := range []struct {
		what string
		doc  []byte
		most float64
		into any
	}{
		{"no params", ping, 1, nil},
		{"a struct", doc, 8, new(medium)}, // the text, 2 slices of which one grows, a map of 2 and a boxed string
		{"a struct unread", doc, 2, nil},
	} {
		got := testing.AllocsPerRun(50, func() {
			err := c.Parse(tt.doc, "utf-8", wire.Limits{})
			if err == nil && tt.into != nil {
				err = c.Decode(0, tt.into)
			} else if err == nil {
				_, err = c.Len()
			}
			if err != nil {
				t.Fatal(err)
			}
			c.Reset()
		})
		if got > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.what, got, tt.most)
		}
	}
}
