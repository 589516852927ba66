package wire_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"co2/methods"
	"co2/methods/wire"
)

const extSpace = "http://ws.apache.org/xmlrpc/namespaces/extensions"

// codeOf is the number of the fault that err is, 0 for no error.
func codeOf(t testing.TB, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	f, ok := errors.AsType[methods.Faulter](err)
	if !ok {
		t.Fatalf("%v (%T) is no Faulter", err, err)
	}
	code, _ := f.Fault()
	return code
}

// param is what the first param of a call decodes to.
func param(doc, charset string) (v any, err error) {
	c, err := wire.ParseCall([]byte(doc), charset, wire.Limits{})
	if err != nil {
		return nil, err
	}
	err = c.Decode(0, &v)
	return v, err
}

// call1 is a call with one param, whose value is x.
func call1(x string) string {
	return "<methodCall><methodName>m</methodName><params><param>" + x + "</param></params></methodCall>"
}

func toUTF16(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	decl := func(enc string) string { return `<?xml version="1.0" encoding="` + enc + `"?>` }
	doc := func(x string) string { return call1("<value>" + x + "</value>") }
	const utf32, badChar, illFormed = wire.UnsupportedEncoding, wire.InvalidCharacter, wire.ParseError
	for _, tt := range []struct {
		rule, doc, charset string
		want               any // string, or the code of a fault
	}{
		{"X1", doc("é"), "", "é"},
		{"X1", decl("iso-8859-1") + doc("\xE9"), "", "é"},
		{"X1", decl("utf-8") + doc("\xE9"), "iso-8859-1", "é"},
		{"X1", decl("iso-8859-1") + doc("é"), "utf-8", "é"},
		{"X1", "\xEF\xBB\xBF" + decl("iso-8859-1") + doc("é"), "latin1", "é"},
		{"X1", "\xEF\xBB\xBF" + decl("x-klingon") + doc("é"), "", "é"},
		{"X1", decl("x-klingon") + doc("é"), "UTF-8", "é"},
		{"X2", decl("UTF8") + doc("é"), "", "é"},
		{"X2", decl("US-ASCII") + doc("é"), "", "é"},
		{"X2", decl("Latin1") + doc("\xA4"), "", "¤"},
		{"X2", decl("ISO-8859-15") + doc("\xA4\xA6\xA8\xB4\xB8\xBC\xBD\xBE\xE9"), "", "€ŠšŽžŒœŸé"},
		{"X2", decl("windows-1252") + doc("\x80\x9F\xE9"), "", "€Ÿé"},
		{"X2", "<?xml version='1.0' encoding='CP1252' standalone = \"yes\" ?>" + doc("\x93x\x94"), "", "“x”"},
		{"X2", "\xFF\xFE" + toUTF16(doc("é😀"), false), "", "é😀"},
		{"X2", "\xFE\xFF" + toUTF16(decl("utf-16")+doc("é😀"), true), "", "é😀"},
		{"X2", toUTF16(doc("é"), false), "utf-16le", "é"},
		{"X2", toUTF16(doc("é"), true), "UTF-16BE", "é"},
		{"X2", toUTF16(decl("UTF-16LE")+doc("é"), false), "", "é"},
		{"X2", toUTF16(decl("utf-16")+doc("é"), true), "utf-16", "é"},
		{"X3", toUTF16(doc("é"), true), "utf-16", utf32},
		{"X3", decl("x-klingon") + doc("a"), "", utf32},
		{"X3", doc("a"), "utf-7", utf32},
		{"X3", doc("a"), "utf-32", utf32},
		{"X3", decl(strings.Repeat("a", 41)) + doc("a"), "", utf32},
		{"X3", "\xFF\xFE\x00\x00<\x00\x00\x00", "", utf32},
		{"X3", "\x00\x00\xFE\xFF\x00\x00\x00<", "", utf32},
		{"X3", "<\x00\x00\x00?\x00\x00\x00", "", utf32},
		{"X3", "\x4C\x6F\xA7\x94\x93", "", utf32},
		{"X4", doc("\xFF"), "", badChar},
		{"X4", doc("\xC3"), "", badChar},
		{"X4", doc("\xC0\x80"), "", badChar},
		{"X4", doc("\xED\xA0\x80"), "", badChar},
		{"X4", doc("\xF4\x90\x80\x80"), "", badChar},
		{"X4", doc("\xE2\x82"), "", badChar},
		{"X4", "<!--\xFF-->" + doc("a"), "", badChar},
		{"X4", "<?p \xFF?>" + doc("a"), "", badChar},
		{"X4", doc("a") + "<!--\xFF-->", "", badChar},
		{"X4", "\xFF\xFE" + toUTF16(doc("a"), false) + "x", "", badChar},
		{"X4", "\xFF\xFE" + toUTF16("<a>", false) + "\x00\xD8x\x00", "", badChar},
		{"X4", "\xFF\xFE" + toUTF16("<a>", false) + "\x00\xDC", "", badChar},
		{"X4", "\xFF\xFE" + toUTF16("<a>", false) + "\x00\xD8", "", badChar},
		{"X4", doc("\x81"), "windows-1252", badChar},
		{"X6", decl("1") + doc("a"), "", illFormed},
		{"X6", decl("") + doc("a"), "", illFormed},
		{"X6", `<?xml encoding="utf-8"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.1"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0" standalone="maybe"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0" standalone="yes" encoding="utf-8"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0"encoding="utf-8"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0" x="y"?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version=1.0?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0?>` + doc("a"), "", illFormed},
		{"X6", `<?xml version="1.0"`, "", illFormed},
		{"X6", `<?xml?>` + doc("a"), "", illFormed},
	} {
		got, err := param(tt.doc, tt.charset)
		if err != nil {
			got = codeOf(t, err)
		}
		if got != tt.want {
			t.Errorf("%s: %q (charset %q) = %v, %v, want %v", tt.rule, tt.doc, tt.charset, got, err, tt.want)
		}
	}
}

func TestWellFormedness(t *testing.T) {
	const name = "<methodCall><methodName>m</methodName>"
	good := call1("<value>a</value>")
	for _, tt := range []struct {
		rule, doc string
		code      int
	}{
		{"X6", "", -32700},
		{"X6", "   ", -32700},
		{"X6", "hello", -32700},
		{"X6", "<", -32700},
		{"X6", "<!-- only -->", -32700},
		{"X6", "\n<!-- a --><?p i?>\n" + good + "\n<!-- b --><?p?> \n", 0},
		{"X6", good + good, -32700},
		{"X6", good + "x", -32700},
		{"X6", good + "&#32;", -32700},
		{"X6", good + "<![CDATA[ ]]>", -32700},
		{"X6", "<![CDATA[ ]]>" + good, -32700},
		{"X6", "x" + good, -32700},
		{"X6", "</methodCall>", -32700},
		{"X6", good + `<?xml version="1.0"?>`, -32700},
		{"X6", "<!-- a -->" + `<?xml version="1.0"?>` + good, -32700},
		{"X6", call1(`<?xml version="1.0"?><value/>`), -32700},
		{"X6", call1(`<?XML x?><value/>`), -32700},
		{"X6", call1(`<?xml-stylesheet href="x"?><value/>`), 0},
		{"X6", call1(`<? x?><value/>`), -32700},
		{"X6", call1(`<?p`), -32700},
		{"X6", call1("<value><int>1</i4></value>"), -32700},
		{"X6", call1("<value><int>1</value>"), -32700},
		{"X6", call1("<value><int>1</int></values>"), -32700},
		{"X6", call1("<value><int>1</int ></value\n>"), 0},
		{"X6", call1("<value><int>1</ int></value>"), -32700},
		{"X6", call1("<value><int>1</int x='1'></value>"), -32700},
		{"X6", call1("< value/>"), -32700},
		{"X6", call1("<value a='1' a='2'/>"), -32700},
		{"X6", call1("<value a='1'b='2'/>"), -32700},
		{"X6", call1("<value a=1/>"), -32700},
		{"X6", call1("<value a/>"), -32700},
		{"X6", call1("<value a='1/>"), -32700},
		{"X6", call1("<value a='<'/>"), -32700},
		{"X6", call1("<value a='&'/>"), -32700},
		{"X6", call1("<value a='&lt;&#65;]]>' b = \"'\"\n/>"), 0},
		{"X6", call1("<value 1a='1'/>"), -32700},
		{"X6", call1("<value/ >"), -32700},
		{"X6", call1("<value><!-- a -- b --></value>"), -32700},
		{"X6", call1("<value><!-- a ---></value>"), -32700},
		{"X6", call1("<value><!-- a </value>"), -32700},
		{"X6", call1("<value><!---->a</value>"), 0},
		{"X6", call1("<value>a]]>b</value>"), -32700},
		{"X6", call1("<value>a]]&gt;b ]] ></value>"), 0},
		{"X6", call1("<value><![CDATA[a</value>"), -32700},
		{"X6", call1("<value><![cdata[a]]></value>"), -32700},
		{"X6", call1("<value>a & b</value>"), -32700},
		{"X6", call1("<value>a < b</value>"), -32700},
		{"X6", call1("<value>a &amp b</value>"), -32700},
		{"X6", call1("<value>&;</value>"), -32700},
		{"X6", call1("<value>&#;</value>"), -32700},
		{"X6", call1("<value>&#x;</value>"), -32700},
		{"X6", call1("<value>&#X41;</value>"), -32700},
		{"X6", call1("<value>&#4a;</value>"), -32700},
		{"X6", call1("<value>&#65</value>"), -32700},
		{"X7", call1("<value>\x00</value>"), -32700},
		{"X7", call1("<value>\x0B</value>"), -32700},
		{"X7", call1("<value>0123456\x1F</value>"), -32700},
		{"X7", call1("<value>\uFFFE</value>"), -32700},
		{"X7", call1("<value>\uFFFF</value>"), -32700},
		{"X7", call1("<value>\uFFFD\u007F\u0085</value>"), 0},
		{"X7", call1("<value><!-- \x01 --></value>"), -32700},
		{"X7", call1("<value>&#0;</value>"), -32700},
		{"X7", call1("<value>&#xD800;</value>"), -32700},
		{"X7", call1("<value>&#xFFFE;</value>"), -32700},
		{"X7", call1("<value>&#x110000;</value>"), -32700},
		{"X7", call1("<value>&#99999999999999999999;</value>"), -32700},
		{"X7", call1("<value>&#1;</value>"), -32700},
		{"X9", call1("<value>&nbsp;</value>"), -32700},
		{"X9", call1("<value>&Lt;</value>"), -32700},
		{"X10", "<!DOCTYPE methodCall>" + good, -32600},
		{"X10", `<?xml version="1.0"?><!DOCTYPE m SYSTEM "http://127.0.0.1:1/x">` + good, -32600},
		{"X10", name + "<!DOCTYPE x></methodCall>", -32600},
		{"X10", call1("<value><!DOCTYPE x></value>"), -32600},
		{"X10", "<!ELEMENT a>" + good, -32700},
		{"X12", `<methodCall version="1.0"><methodName id='1'>m</methodName><params a=''><param b=''><value c=''><int xml:space="preserve">1</int></value></param></params></methodCall>`, 0},
		{"X13", "<MethodCall><methodName>m</methodName></MethodCall>", -32600},
		{"X13", call1("<Value/>"), -32600},
		{"X13", call1("<value><INT>1</INT></value>"), -32600},
		{"X13", `<methodCall xmlns="urn:x"><methodName>m</methodName></methodCall>`, -32600},
		{"X13", `<methodCall xmlns=""><methodName>m</methodName></methodCall>`, 0},
		{"X13", `<x:methodCall xmlns:x="urn:x"><methodName>m</methodName></x:methodCall>`, -32600},
		{"X13", call1(`<value xmlns="` + extSpace + `"/>`), -32600},
		{"X13", call1(`<ex:value/>`), -32600},
		{"X14", call1("\n <!-- x --> <value/> \t\r\n <?p?> "), 0},
		{"X14", call1("x<value/>"), -32600},
		{"X14", call1("<value/>x"), -32600},
		{"X14", call1("&#32;<![CDATA[ \n]]><value/>"), 0},
		{"X14", call1("<![CDATA[x]]><value/>"), -32600},
		{"X14", call1("&nope;<value/>"), -32700},
	} {
		c, err := wire.ParseCall([]byte(tt.doc), "", wire.Limits{})
		if err == nil {
			_, err = c.Len()
		}
		if got := codeOf(t, err); got != tt.code {
			t.Errorf("%s: %q = %d (%v), want %d", tt.rule, tt.doc, got, err, tt.code)
		}
	}
	for i := range len(good) {
		c, err := wire.ParseCall([]byte(good[:i]), "", wire.Limits{})
		if err == nil {
			_, err = c.Len()
		}
		if got := codeOf(t, err); got != wire.ParseError {
			t.Errorf("X6: the first %d octets of a call = %d (%v), want -32700", i, got, err)
		}
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct{ rule, x, want string }{
		{"X8", "a<!--x-->b<![CDATA[c]]>", "abc"},
		{"X8", "<string>a<!--x-->b<![CDATA[<c>&amp;]]>d<?p i?>e</string>", "ab<c>&amp;de"},
		{"X8", "<string><![CDATA[]]></string>", ""},
		{"X8", "<!-- c --><string>x</string><!-- d -->", "x"},
		{"X8", "  <!-- c -->  ", "    "},
		{"X9", "&lt;&gt;&amp;&quot;&apos;", `<>&"'`},
		{"X9", "&#65;&#x42;&#x1F600;&#0000000000000000000000000000000000000000000000067;", "AB😀C"},
		{"X11", "<string>a\r\n\rb&#13;&#10;</string>", "a\n\nb\r\n"},
		{"X11", "<string><![CDATA[a\r\nb]]></string>", "a\nb"},
		{"X15", "<string> \t a \n</string>", " \t a \n"},
		{"V-STR-1", "text", "text"},
		{"V-STR-1", " a\nb ", " a\nb "},
		{"V-STR-1", "", ""},
		{"V-STR-1", "<string/>", ""},
		{"V-STR-1", "   ", "   "},
		{"V-STR-2", "<string>\u0085\u2028𝄞\U0010FFFF</string>", "\u0085\u2028𝄞\U0010FFFF"},
		{"V-STR-4", "<string>%s $x \\n e\u0301</string>", "%s $x \\n e\u0301"},
		{"X6", "a > b ]] c ] > d", "a > b ]] c ] > d"},
	} {
		got, err := param(call1("<value>"+tt.x+"</value>"), "")
		if got != tt.want {
			t.Errorf("%s: %q = %q, %v, want %q", tt.rule, tt.x, got, err, tt.want)
		}
	}
	if got, err := param(call1("<value/>"), ""); got != "" {
		t.Errorf("V-STR-1: <value/> = %q, %v, want an empty string", got, err)
	}
}

func TestStructure(t *testing.T) {
	const faulty = -32600
	member := func(inner string) string { return call1("<value><struct>" + inner + "</struct></value>") }
	array := func(inner string) string { return call1("<value><array>" + inner + "</array></value>") }
	for _, tt := range []struct {
		rule, doc string
		code      int
	}{
		{"S1", "<methodResponse><params/></methodResponse>", faulty},
		{"S1", "<html><body>hi</body></html>", faulty},
		{"S1", `<soap:Envelope xmlns:soap="urn:s"/>`, faulty},
		{"S1", "<methodCall/>", faulty},
		{"S2", "<methodCall></methodCall>", faulty},
		{"S2", "<methodCall><methodName></methodName></methodCall>", faulty},
		{"S2", "<methodCall><methodName/></methodCall>", faulty},
		{"S2", "<methodCall><methodName> \n </methodName></methodCall>", faulty},
		{"S2", "<methodCall><methodName>" + strings.Repeat("a", 256) + "</methodName></methodCall>", faulty},
		{"S2", "<methodCall><methodName>" + strings.Repeat("a", 255) + "</methodName></methodCall>", 0},
		{"S2", "<methodCall><methodName>a<b/></methodName></methodCall>", faulty},
		{"S2", "<methodCall><params/><methodName>m</methodName></methodCall>", faulty},
		{"S2", "<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>", faulty},
		{"S2", "<methodCall>x<methodName>a</methodName></methodCall>", faulty},
		{"S3", "<methodCall><methodName>m</methodName></methodCall>", 0},
		{"S3", "<methodCall><methodName>m</methodName><params></params></methodCall>", 0},
		{"S3", "<methodCall><methodName>m</methodName><params/></methodCall>", 0},
		{"S3", "<methodCall><methodName>m</methodName><params/><params/></methodCall>", faulty},
		{"S3", "<methodCall><methodName>m</methodName><params><value/></params></methodCall>", faulty},
		{"S3", "<methodCall><methodName>m</methodName><param/></methodCall>", faulty},
		{"S3", "<methodCall><methodName>m</methodName><params/><x/></methodCall>", faulty},
		{"S4", call1(""), faulty},
		{"S4", "<methodCall><methodName>m</methodName><params><param/></params></methodCall>", faulty},
		{"S4", call1("<value/><value/>"), faulty},
		{"S4", call1("<int>1</int>"), faulty},
		{"S5", call1("<value><int>1</int><int>2</int></value>"), faulty},
		{"S5", call1("<value><value/></value>"), faulty},
		{"S5", call1("<value>x<int>1</int></value>"), faulty},
		{"S5", call1("<value><int>1</int>x</value>"), faulty},
		{"S5", call1("<value><![CDATA[x]]><int>1</int></value>"), faulty},
		{"S5", call1("<value><int><b>1</b></int></value>"), faulty},
		{"S6", call1("<value><float>1</float></value>"), faulty},
		{"S6", call1("<value><" + strings.Repeat("a", 65) + "/></value>"), faulty},
		{"S7", array(""), 0},
		{"S7", array(" <data/> "), 0},
		{"S7", call1("<value> <array/> </value>"), 0},
		{"S7", array("<value/>"), faulty},
		{"S7", array("<data/><data/>"), faulty},
		{"S7", array("<data></data><data></data>"), faulty},
		{"S7", array("<data><int>1</int></data>"), faulty},
		{"S7", array("<data>x</data>"), faulty},
		{"S7", array("x<data/>"), faulty},
		{"S8", member(""), 0},
		{"S8", call1("<value><struct/></value>"), 0},
		{"S8", member("<member/>"), faulty},
		{"S8", member("<member></member>"), faulty},
		{"S8", member("<member><name>a</name></member>"), faulty},
		{"S8", member("<member><value/></member>"), faulty},
		{"S8", member("<member><value/><name>a</name></member>"), faulty},
		{"S8", member("<member><name>a</name><name>b</name><value/></member>"), faulty},
		{"S8", member("<member><name>a</name><value/><value/></member>"), faulty},
		{"S8", member("<member><name>a</name><value/></member>x"), faulty},
		{"S8", member("<name>a</name><value/>"), faulty},
		{"S8", member("<member><name>a<b/></name><value/></member>"), faulty},
		{"S8", member("\n<member>\n<name>a</name>\n<value/>\n</member>\n"), 0},
		{"S9", member("<member><name>a</name><value/></member><member><name>a</name><value/></member>"), faulty},
		{"S9", member("<member><name>a</name><value/></member><member><name>&#97;</name><value/></member>"), faulty},
		{"S10", member("<member><name/><value/></member><member><name> </name><value/></member><member><name>A&lt;é</name><value/></member><member><name>a&lt;é</name><value/></member>"), 0},
		{"S10", member("<member><name>\u00E9</name><value/></member><member><name>e\u0301</name><value/></member>"), 0},
	} {
		for how, decode := range map[string]func(c *wire.Call) error{
			"Len": func(c *wire.Call) error { _, err := c.Len(); return err },
			"any": func(c *wire.Call) error {
				if _, err := c.Len(); err != nil {
					return c.Decode(0, new(any))
				}
				return nil
			},
			"Raw first": func(c *wire.Call) error {
				if err := c.Decode(0, new(wire.Raw)); codeOf(t, err) != wire.InvalidParams {
					return err
				}
				return nil
			},
			"any first": func(c *wire.Call) error {
				if err := c.Decode(0, new(any)); codeOf(t, err) != wire.InvalidParams {
					return err
				}
				return nil
			},
			"misfit first": func(c *wire.Call) error {
				if err := c.Decode(0, new(bool)); codeOf(t, err) != wire.InvalidParams {
					return err
				}
				return nil
			},
		} {
			c, err := wire.ParseCall([]byte(tt.doc), "", wire.Limits{})
			if err == nil {
				err = decode(c)
			}
			if got := codeOf(t, err); got != tt.code {
				t.Errorf("%s, %s: %q = %d (%v), want %d", tt.rule, how, tt.doc, got, err, tt.code)
			}
		}
	}
}

func TestMethodNameIsTrimmed(t *testing.T) {
	c, err := wire.ParseCall([]byte("<methodCall><methodName>\n relay<!-- x -->.<![CDATA[ping]]> </methodName></methodCall>"), "", wire.Limits{})
	if err != nil || c.Method != "relay.ping" {
		t.Errorf("ParseCall = %+v, %v, want relay.ping (X8, X16)", c, err)
	}
}
