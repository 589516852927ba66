package wire_test

import (
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"co2/methods/wire"
)

// canonical elements and what text each may hold.
var canonicalText = map[string]*regexp.Regexp{
	"methodName": regexp.MustCompile(`.`), "name": regexp.MustCompile(``), "string": regexp.MustCompile(``),
	"int":              regexp.MustCompile(`^[+-]?[0-9]+$`),
	"i8":               regexp.MustCompile(`^[+-]?[0-9]+$`),
	"boolean":          regexp.MustCompile(`^[01]$`),
	"double":           regexp.MustCompile(`^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$`), // a Raw keeps an exponent
	"dateTime.iso8601": regexp.MustCompile(`^[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T ]`),
	"base64":           regexp.MustCompile(`^[A-Za-z0-9+/]*=*$`),
}

// checkCanonical checks what we write: plain elements only, no attribute, no
// prefix, no comment, no CDATA, nothing self-closed but nil, no white space but
// in texts (X19, S14, V-EX-4).
func checkCanonical(t *testing.T, doc string) {
	t.Helper()
	if strings.Contains(doc, "<![CDATA[") || strings.Contains(strings.ReplaceAll(doc, "<nil/>", ""), "/>") || strings.Contains(doc, "\r") {
		t.Fatalf("%s is not canonical (X17, X19)", doc)
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	d.Strict = true
	leaf, text := "", ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(tok.Attr) > 0 || tok.Name.Space != "" || text != "" {
				t.Fatalf("<%s> in %s has attributes, a namespace or text before it (X19, S14)", tok.Name.Local, doc)
			}
			leaf = tok.Name.Local
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			want := canonicalText[tok.Name.Local]
			if want == nil && text != "" || want != nil && (tok.Name.Local != leaf || !want.MatchString(text)) {
				t.Fatalf("<%s> holds %q in %s (X19, S14)", tok.Name.Local, text, doc)
			}
			leaf, text = "", ""
		case xml.Comment, xml.Directive:
			t.Fatalf("%s holds markup that no answer has (X19)", doc)
		}
	}
}

// Whatever is written begins with the declaration (X5), is one line but for
// the breaks behind the declaration and at the end (S14), and is spelled in
// the canonical way.
func TestWrittenSpelling(t *testing.T) {
	m := newMaker(7)
	exponent := regexp.MustCompile(`<double>[^<]*[eE]`)
	for range 400 {
		v := m.value(3)
		call, err := wire.AppendCall(nil, "a.b", v)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range [][]byte{call, response(t, v), wire.AppendFault(nil, wire.Fault{Code: int(m.Int32()), String: m.text() + string(m.octets())})} {
			body, ok := strings.CutPrefix(string(doc), `<?xml version="1.0" encoding="UTF-8"?>`+"\n")
			body, end := strings.CutSuffix(body, "\n")
			if !ok || !end {
				t.Fatalf("%s does not begin and end as it should (X5)", doc)
			}
			checkCanonical(t, body)
			if strings.Contains(body, "<i4>") || exponent.MatchString(body) {
				t.Fatalf("%s holds i4 or an exponent (V-INT-4, V-DBL-3)", body)
			}
		}
	}
}
