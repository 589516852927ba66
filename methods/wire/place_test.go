package wire_test

import (
	"strings"
	"testing"

	"co2/methods/wire"
)

// A fault names the line, which LF, CR or CR LF ends, and the column, in
// characters. White space before a text counts, a byte order mark does not.
func TestFaultsNameThePlace(t *testing.T) {
	const open = "<methodCall>\n<methodName>m</methodName>\n"
	crlf := strings.NewReplacer("\n", "\r\n")
	cr := strings.NewReplacer("\n", "\r")
	value := open + "<params><param><value>\n<struct>\n\t<member><name>é漢😀</name>"
	for _, tt := range []struct{ doc, want string }{
		{open + "  <é/>", "line 3, column 3: <é> in <methodCall>, want <params>"},
		{crlf.Replace(open) + "  <é/>", "line 3, column 3: <é> in <methodCall>, want <params>"},
		{cr.Replace(open) + "  <é/>", "line 3, column 3: <é> in <methodCall>, want <params>"},
		{"\xEF\xBB\xBF" + open + "  <é/>", "line 3, column 3: <é> in <methodCall>, want <params>"},
		{"\xFF\xFE" + toUTF16(open+"é<é/>", false), "line 3, column 1: text between the elements of <methodCall>"},
		{"<?xml version='1.0' encoding='latin1'?>\n" + open + "\xE9\xE9<!-- x", "line 4, column 3: a comment does not end"},
		{value + "<value>\n<int>1x</int>\n</value>", `line 5, column 26: "1x" is no int`},
		{value + "<value><int>1x</int></value>", `line 5, column 26: "1x" is no int`},
		{crlf.Replace(value) + "<value><int>1x</int></value>", `line 5, column 26: "1x" is no int`},
		{cr.Replace(value) + "<value><int>1x</int></value>", `line 5, column 26: "1x" is no int`},
		{value + "<value>a & b</value>", "line 5, column 35: & that begins no reference XML knows; write &amp;"},
		{value + "<value>a\n\n]]>b</value>", "line 7, column 1: ]]> in text"},
		{value + "<value>a &amp; b &bad; c</value>", "line 5, column 43: & that begins no reference XML knows; write &amp;"},
		{value + "<value a='1'\na='2'/>", "line 6, column 1: attribute a twice"},
		{value + "<value a='é\n<'/>", "line 6, column 1: < in the value of an attribute"},
		{value + "\x01", "line 5, column 26: character U+0001 is not allowed"},
		{cr.Replace(value) + "\x01", "line 5, column 26: character U+0001 is not allowed"},
		{crlf.Replace(value) + "\xFF", "line 5, column 26: octet 0xff is not UTF-8 here"},
		{value, "line 5, column 26: the document ends inside <member>"},
		{value + "<value/></member><member><name>é漢😀</name><value/></member>", `line 5, column 67: member "é漢😀" twice in one struct`},
		{call1("<value><int>1x</int></value>"), `line 1, column 54: "1x" is no int`},
		{call1("<value><float>1</float></value>"), "line 1, column 61: <float> is no type of XML-RPC"},
		{call1("<value><int>1</i4></value>"), "line 1, column 67: </i4> ends <int>"},
		{"hello", "line 1, column 1: no XML here; want <methodCall>"},
		{"\n\n <!-- x -->hello", "line 3, column 12: no XML here; want <methodCall>"},
		{"<html/>", "line 1, column 1: the document is <html>, want <methodCall>"},
	} {
		for _, into := range []any{new(any), new(wire.Raw), new(map[string]any)} {
			c, err := wire.ParseCall([]byte(tt.doc), "", wire.Limits{})
			if err == nil {
				err = c.Decode(0, into)
			}
			if err == nil || err.Error() != tt.want {
				t.Errorf("%q into %T: %v, want %s", tt.doc, into, err, tt.want)
			}
		}
	}
	for _, tt := range []struct{ doc, want string }{
		{"<html/>", "line 1, column 1: the document is <html>, want <methodResponse>"},
		{" \r\n\t <html/>", "line 2, column 3: the document is <html>, want <methodResponse>"},
		{" <html/>", "line 1, column 2: the document is <html>, want <methodResponse>"},
		{"\n<!-- a\nb --><html/>", "line 3, column 6: the document is <html>, want <methodResponse>"},
	} {
		if err := wire.ParseResponse([]byte(tt.doc), "", wire.Limits{}, nil); err == nil || err.Error() != tt.want {
			t.Errorf("answer %q: %v, want %s", tt.doc, err, tt.want)
		}
	}
}
