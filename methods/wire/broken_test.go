package wire_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"co2/methods"
	"co2/methods/wire"
)

// broken takes a piece out of a document, puts one twice or puts a token in.
func (m maker) broken(doc string) string {
	tokens := []string{"<value>", "</value>", "<value/>", "<int>", "</int>", "1", " ", "&", "&amp;", "&#0;", "]]>", "<!--", "-->", "<![CDATA[", "<?", "?>", "<", ">", "é",
		"\x00", "\xFF", "\r", "<member>", "</member>", "<name>", "</name>", "<struct>", "</struct>", "<array>", "<data>", "</data></array>", "a='1'", "<!DOCTYPE a>", "x:"}
	for range 1 + m.IntN(2) {
		at := m.IntN(len(doc))
		size := min(m.IntN(12), len(doc)-at)
		switch m.IntN(4) {
		case 0:
			doc = doc[:at] + doc[at+size:]
		case 1:
			doc = doc[:at+size] + doc[at:]
		case 2: // put a tag or a text elsewhere
			if i := strings.IndexByte(doc[at:], '<'); i >= 0 {
				at += i
			}
			fallthrough
		default:
			doc = doc[:at] + tokens[m.IntN(len(tokens))] + doc[at:]
		}
	}
	return doc
}

// readings decodes a call in several ways.
var readings = map[string]func(c *wire.Call) error{
	"nothing": func(c *wire.Call) error { _, err := c.Len(); return err },
	"any":     func(c *wire.Call) error { return c.Decode(0, new(any)) },
	"Raw":     func(c *wire.Call) error { return c.Decode(0, new(wire.Raw)) },
	"map":     func(c *wire.Call) error { return c.Decode(0, new(map[string]any)) },
	"Raws":    func(c *wire.Call) error { return c.Decode(0, new(map[string]wire.Raw)) },
	"ints":    func(c *wire.Call) error { return c.Decode(0, new([]int)) },
	"struct":  func(c *wire.Call) error { return c.Decode(0, new(bound)) },
}

// What is wrong with a document, and where, is the same however it is read.
func TestErrorsAreAlike(t *testing.T) {
	m := newMaker(8)
	wrong := 0
	for range 1500 {
		doc, _ := m.spelled(m.value(1))
		doc = m.broken(doc)
		var first, firstWay string
		for way, read := range readings {
			c, err := wire.ParseCall([]byte(doc), "", wire.Limits{})
			if err == nil {
				err = read(c)
			}
			if _, misfit := err.(*methods.ParamError); misfit {
				err = nil
			}
			if got := fmt.Sprint(err); firstWay == "" {
				first, firstWay = got, way
			} else if got != first {
				t.Fatalf("%q\ninto %s: %s\ninto %s: %s", doc, firstWay, first, way, got)
			}
		}
		if first != "<nil>" {
			wrong++
		}
	}
	if wrong < 500 {
		t.Errorf("only %d of 1500 documents were wrong", wrong)
	}
}

// A document that is cut off anywhere is ill-formed, however it is read (X6).
func TestCutAnywhere(t *testing.T) {
	call, err := wire.AppendCall(nil, "m", map[string]any{
		"array": []any{"a&b", nil, true, int64(5), int64(1 << 40), -1.5, []any{}}, "base64": []byte("abc"), "date": utc(2026, 1, 2, 3, 4, 5, 0), "struct": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(14)
	docs := []string{strings.TrimSpace(string(call)), one("untyped"), one("<i4>1</i4>")}
	for range 5 {
		doc, _ := m.spelled(m.value(1))
		docs = append(docs, doc[:strings.LastIndex(doc, "</methodCall")+len("</methodCall")])
	}
	for _, doc := range docs {
		for i := range doc {
			for way, read := range readings {
				c, err := wire.ParseCall([]byte(doc[:i]), "", wire.Limits{})
				if err == nil {
					err = read(c)
				}
				if code := codeOf(t, err); code != wire.ParseError && (utf8.ValidString(doc[:i]) || code != wire.InvalidCharacter) {
					t.Fatalf("%q into %s: %v, want fault -32700", doc[:i], way, err)
				}
			}
		}
	}
}

// Python takes much that we refuse, but what both take means the same.
func TestPythonReadsBrokenDocumentsAlike(t *testing.T) {
	p := startPython(t)
	m := newMaker(9)
	both, onlyPython, onlyUs := 0, 0, 0
	for range 1500 {
		doc, rules := m.spelled(m.value(1))
		doc = m.broken(doc)
		ours, err := param(doc, "")
		answer := p.loads(t, []byte(doc))
		switch {
		case err == nil && answer.Error != "":
			if onlyUs++; len(rules) == 0 {
				t.Errorf("Python refuses %q: %s", doc, answer.Error)
			}
		case err != nil && answer.Error == "":
			onlyPython++
		case err == nil:
			both++
			if got := answer.Params.value(t); !reflect.DeepEqual(got, []any{ours}) {
				t.Errorf("%q\nmeans %#v to Python\nbut %#v to us", doc, got, ours)
			}
		}
	}
	if both < 40 {
		t.Errorf("of 1500 documents only %d were read by both, %d by Python alone, %d by us alone", both, onlyPython, onlyUs)
	}
}
