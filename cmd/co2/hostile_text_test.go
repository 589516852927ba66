package main_test

import (
	"fmt"
	"strings"
)

// places are where text can stand in a call; %s is the text.
var places = map[string]string{
	"text":             "<methodCall><methodName>test</methodName><params><param><value><string>a%sb</string></value></param></params></methodCall>",
	"untyped text":     "<methodCall><methodName>test</methodName><params><param><value>a%sb</value></param></params></methodCall>",
	"member name":      "<methodCall><methodName>test</methodName><params><param><value><struct><member><name>a%sb</name><value/></member></struct></value></param></params></methodCall>",
	"method name":      "<methodCall><methodName>ping%s</methodName></methodCall>",
	"CDATA":            "<methodCall><methodName>test</methodName><params><param><value><![CDATA[%s]]></value></param></params></methodCall>",
	"comment":          "<methodCall><!--%s--><methodName>ping</methodName></methodCall>",
	"instruction":      "<methodCall><?a %s?><methodName>ping</methodName></methodCall>",
	"attribute":        "<methodCall a='%s'><methodName>ping</methodName></methodCall>",
	"element name":     "<methodCall><method%sName>ping</methodName></methodCall>",
	"number":           "<methodCall><methodName>test</methodName><params><param><value><int>1%s2</int></value></param></params></methodCall>",
	"before the root":  "%s<methodCall><methodName>ping</methodName></methodCall>",
	"behind the root":  "<methodCall><methodName>ping</methodName></methodCall><!-- %s -->",
	"between elements": "<methodCall>%s<methodName>ping</methodName></methodCall>",
}

// octets are what no encoding allows, in every place.
func octets() []hostile {
	var cases []hostile
	for where, form := range places {
		for name, bad := range map[string]struct{ octets, want string }{
			"NUL":              {"\x00", "-32700 kept"},
			"ESC":              {"\x1b[2J", "-32700 kept"},
			"U+FFFF":           {"\uffff", "-32700 kept"},
			"a stray octet":    {"\xff", "-32702 kept"},
			"overlong /":       {"\xc0\xaf", "-32702 kept"},
			"surrogates":       {"\xed\xa0\xbd\xed\xb8\x80", "-32702 kept"},
			"above U+10FFFF":   {"\xf4\x90\x80\x80", "-32702 kept"},
			"a cut sequence":   {"\xe2\x82", "-32702 kept"},
			"overlong NUL":     {"\xc0\x80", "-32702 kept"},
			"overlong, 6 long": {"\xfc\x80\x80\x80\x80\xaf", "-32702 kept"},
		} {
			cases = append(cases, hostile{"X4", name + " in " + where, calls(fmt.Sprintf(form, bad.octets)), bad.want, ""})
		}
	}
	for _, ref := range []string{
		"&#0;", "&#x1B;", "&#xD800;", "&#xDFFF;", "&#xD83D;&#xDE00;", "&#xFFFE;", "&#x110000;", "&#4294967361;", "&#18446744073709551681;",
		"&#;", "&#x;", "&#X41;", "&#65", "&# 65;", "&#-65;", "&#+65;", "&#x4_1;", "&#\u0666;", "&;", "&a", "&AMP;", "&nbsp;", "& amp;", "&amp",
		"&#" + strings.Repeat("9", 1<<20) + ";", "&" + strings.Repeat("a", 1<<20) + ";",
	} {
		cases = append(cases, hostile{"X7", fmt.Sprintf("reference %.24s", ref), calls(test1(ref)), "-32700 kept", ""})
	}
	return append(cases,
		hostile{"X9", "reference with many zeros", calls(test1("&#" + strings.Repeat("0", 100_000) + "65;")), "result kept", ">A<"},
		hostile{"X17", "markup comes back escaped", calls(test1("<![CDATA[</string></value>]]>&#13;&lt;")), "result kept", "&lt;/string&gt;&lt;/value&gt;&#13;&lt;"})
}

func markup() []hostile {
	ping := document("ping")
	many := func(piece string, n int) func() string {
		return func() string { return test1("<string>" + strings.Repeat(piece, n) + "</string>") }
	}
	attributes := func(n int, value string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d='%s'", i, value)
		}
		return b.String()
	}
	var cases []hostile
	for name, doc := range map[string]string{
		"two roots": ping + ping, "text behind the root": ping + "x", "text before the root": "x" + ping,
		"blank before the declaration": ` <?xml version="1.0"?>` + ping, "declaration twice": `<?xml version="1.0"?><?xml version="1.0"?>` + ping,
		"declaration inside":      strings.Replace(ping, "<params>", `<?xml version="1.0"?><params>`, 1),
		"XML 1.1":                 `<?xml version="1.1"?>` + ping,
		"declaration without end": `<?xml version="1.0"` + ping, "standalone maybe": `<?xml version="1.0" standalone="maybe"?>` + ping,
		"-- in a comment": "<!-- a -- b -->" + ping, "comment without end": ping + "<!-- ", "CDATA without end": test1("<![CDATA[") + "]>",
		"CDATA outside": "<![CDATA[]]>" + ping, "]]> in text": test1("]]>"), "bare &": test1("a & b"), "bare <": test1("a < b"),
		"attribute twice": strings.Replace(ping, "<params", "<params a='1' a='2'", 1), "attribute without quotes": strings.Replace(ping, "<params", "<params a=1", 1),
		"attribute without a value": strings.Replace(ping, "<params", "<params a", 1), "< in an attribute": strings.Replace(ping, "<params", "<params a='<'", 1),
		"no blank between attributes": strings.Replace(ping, "<params", "<params a='1'b='2'", 1),
		"tags crossed":                "<methodCall><methodName>ping</methodCall></methodName>", "no end": "<methodCall><methodName>ping",
		"end in a tag": "<methodCall><methodName", "end in an end tag": "<methodCall><methodName>ping</methodNa", "PI without a name": "<? ?>" + ping,
		"attribute on an end tag": strings.Replace(ping, "</methodName>", "</methodName a='b'>", 1), "blank after <": strings.Replace(ping, "<params", "< params", 1),
		"JSON": `{"jsonrpc":"2.0","method":"ping"}`, "nothing but blanks": " \r\n\t ", "a form": "a=b&c=d",
	} {
		cases = append(cases, hostile{"X6", name, calls(doc), "-32700 kept", ""})
	}
	return append(cases,
		hostile{"X4", "serialized Java", calls("\xac\xed\x00\x05sr"), "-32702 kept", ""},
		hostile{"L9", "65,536 attributes", makes(func() string { return strings.Replace(ping, "<params", "<params"+attributes(65_536, ""), 1) }), "-32600 kept", "64"},
		hostile{"L9", "64 attributes", calls(strings.Replace(ping, "<params", "<params"+attributes(64, "x"), 1)), "OK kept", ""},
		hostile{"L9", "65 attributes", calls(strings.Replace(ping, "<params", "<params"+attributes(65, "x"), 1)), "-32600 kept", ""},
		hostile{"L-A", "64 attributes of 100,000 octets", makes(func() string {
			return strings.Replace(ping, "<params", "<params"+attributes(64, strings.Repeat("&#97;", 20_000)), 1)
		}), "OK kept", ""},
		hostile{"L-A", "attribute name of 4 MiB", makes(func() string { return strings.Replace(ping, "<params", "<params "+strings.Repeat("a", 4<<20)+"=''", 1) }), "OK kept", ""},
		hostile{"L-A", "a million references", makes(many("&#97;", 1_000_000)), "result kept", ""},
		hostile{"L-A", "a million comments", makes(many("<!---->", 1_000_000)), "result kept", ""},
		hostile{"L-A", "a million instructions", makes(many("<?a?>", 1_000_000)), "result kept", ""},
		hostile{"L-A", "half a million CDATA sections", makes(many("<![CDATA[]]]]>", 500_000)), "result kept", ""},
		hostile{"L-A", "a million ends of CDATA, escaped", makes(many("]]&gt;", 1_000_000)), "result kept", ""},
		hostile{"L-A", "8 MiB of CR", makes(many("\r", 8_000_000)), "result kept", ""},
		hostile{"L-A", "half a million comments between params", makes(func() string {
			return strings.Replace(ping, "<params>", "<params>"+strings.Repeat("<!-- a -->\n", 500_000), 1)
		}), "OK kept", ""},
		hostile{"L-A", "comment of 8 MiB without end", makes(func() string { return "<!--" + strings.Repeat(" -", 4_000_000) }), "-32700 kept", ""},
		hostile{"L-A", "prefixes declared by 8 MiB", makes(prefixes), "result kept", ""},
		hostile{"L-A", "one prefix declared in each of 100 nested arrays", makes(func() string {
			return test1(strings.Repeat("<array xmlns:p='u'><data><value>", 100) + strings.Repeat("</value></data></array>", 100))
		}), "result kept", ""},
		hostile{"X13", "undeclared prefix", calls(strings.ReplaceAll(ping, "methodCall", "a:methodCall")), "-32600 kept", ""},
		hostile{"X13", "default namespace", calls(strings.Replace(ping, "<methodCall", "<methodCall xmlns='http://schemas.xmlsoap.org/soap/envelope/'", 1)), "-32600 kept", ""},
	)
}

// prefixes is a call with more than half a million prefixes in its first
// param and many params after it.
func prefixes() string {
	var b strings.Builder
	b.WriteString("<methodCall xmlns:a='u'><methodName>sys.listMethods</methodName><params><param><value><array><data>")
	for n := 0; b.Len() < 8_000_000; {
		b.WriteString("<value")
		for range 60 {
			fmt.Fprintf(&b, " xmlns:p%x=''", n)
			n++
		}
		b.WriteString("/>")
	}
	return b.String() + "</data></array></value></param>" + strings.Repeat("<param><value/></param>", 250) + "</params></methodCall>"
}
