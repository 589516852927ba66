package main_test

import (
	"encoding/base64"
	"fmt"
	"strings"
)

func structures() []hostile {
	ping := document("ping")
	var cases []hostile
	for name, doc := range map[string]string{
		"methodResponse":                 "<methodResponse><params><param><value>OK</value></param></params></methodResponse>",
		"fault":                          "<methodResponse><fault><value><int>4</int></value></fault></methodResponse>",
		"SOAP":                           `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>`,
		"HTML":                           "<html><body>hello</body></html>",
		"upper case":                     strings.ToUpper(ping),
		"root closed":                    "<methodCall/>",
		"no name":                        "<methodCall><params/></methodCall>",
		"two names":                      "<methodCall><methodName>ping</methodName><methodName>test</methodName></methodCall>",
		"name last":                      "<methodCall><params/><methodName>ping</methodName></methodCall>",
		"blank name":                     document(" \n "),
		"element in name":                document("pi<b/>ng"),
		"forged name":                    document("ping</methodName><methodName>x"),
		"two params elements":            strings.Replace(ping, "<params>", "<params/><params>", 1),
		"empty param":                    document("test", ""),
		"two values in a param":          document("test", number(1)+number(2)),
		"text in a param":                document("test", "x"+number(1)),
		"text in params":                 strings.Replace(ping, "<params>", "<params>x", 1),
		"text in the root":               strings.Replace(ping, "<params>", "x<params>", 1),
		"value in params":                strings.Replace(ping, "<params>", "<params>"+number(1), 1),
		"fault in a call":                strings.Replace(ping, "<params>", "<fault/><params>", 1),
		"two types":                      test1("<int>1</int><int>2</int>"),
		"text beside a type":             test1("x<int>1</int>"),
		"text behind a type":             test1("<int>1</int>x"),
		"value in a value":               test1("<value>1</value>"),
		"unknown type":                   test1("<float>1</float>"),
		"type in another case":           test1("<Int>1</Int>"),
		"element in a scalar":            test1("<string>a<b/>c</string>"),
		"value in an array":              test1("<array><value>1</value></array>"),
		"two data":                       test1("<array><data/><data/></array>"),
		"member in data":                 test1("<array><data><member/></data></array>"),
		"text in data":                   test1("<array><data>x</data></array>"),
		"value in a struct":              test1("<struct><value>1</value></struct>"),
		"member without a name":          test1("<struct><member><value>1</value></member></struct>"),
		"member without a value":         test1("<struct><member><name>a</name></member></struct>"),
		"member with two names":          test1("<struct><member><name>a</name><name>b</name><value>1</value></member></struct>"),
		"member with two values":         test1("<struct><member><name>a</name><value>1</value><value>2</value></member></struct>"),
		"value before name":              test1("<struct><member><value>1</value><name>a</name></member></struct>"),
		"member twice":                   test1("<struct><member><name>a</name><value>1</value></member><member><name>a</name><value>2</value></member></struct>"),
		"member twice, spelled two ways": test1("<struct><member><name>a</name><value>1</value></member><member><name>&#97;<!-- --></name><value>2</value></member></struct>"),
		"empty name twice":               test1("<struct><member><name/><value>1</value></member><member><name></name><value>2</value></member></struct>"),
		"forged member":                  test1("<struct><member><name>a</name><value>1</value></member><member><name>b</name></member><member><name>c</name><value>2</value></member></struct>"),
		"nil in a foreign namespace":     test1("<z:nil xmlns:z='urn:z'/>"),
		"nil with text":                  test1("<nil>0</nil>"),
		"serializable":                   test1("<ex:serializable>" + base64.StdEncoding.EncodeToString([]byte("\xac\xed\x00\x05sr")) + "</ex:serializable>"),
		"dom":                            test1("<ex:dom><a/></ex:dom>"),
	} {
		cases = append(cases, hostile{"S1-S9", name, calls(doc), "-32600 kept", ""})
	}
	return append(cases,
		hostile{"S10", "names that differ by a blank", calls(test1("<struct><member><name>a</name><value>1</value></member><member><name> a</name><value>2</value></member></struct>")), "result kept", ""},
		hostile{"S10", "names that differ by form", calls(test1("<struct><member><name>\u00e9</name><value>1</value></member><member><name>e\u0301</name><value>2</value></member></struct>")), "result kept", ""},
	)
}

func scalars() []hostile {
	var cases []hostile
	add := func(rule, kind string, texts ...string) {
		for _, text := range texts {
			cases = append(cases, hostile{rule, fmt.Sprintf("%s %.20q", kind, text), calls(test1("<" + kind + ">" + text + "</" + kind + ">")), "-32600 kept", ""})
		}
	}
	long := strings.Repeat("9", 1_000_000)
	add("V-INT-3", "int", "", " ", "1 2", "1.0", "1e3", "0x10", "0b1", "1_000", "1,000", "++1", "- 1", "\u0661", "\uff11", "9223372036854775808", "-9223372036854775809", long, strings.Repeat("0", 100)+"1", "NaN")
	add("V-INT-1", "i8", long, "0xffffffffffffffff", "18446744073709551615")
	add("V-BOOL-1", "boolean", "", "2", "-1", "T", "TRUE", "True", "yes", "on", "00", "1.0", strings.Repeat("0", 1_000_000)+"1")
	add("V-DBL-2", "double", "", ".", "+", "e5", "1e", "NaN", "nan", "inf", "-Inf", "Infinity", "0x1p-2", "0X1P+1023", "1_0.0", "1,5", "1e999", "-1e999999999", "1e99999999999999999999", "1.0f", "1d", long, "0."+strings.Repeat("0", 1_000_000)+"1")
	add("V-DT-2", "dateTime.iso8601", "", "00000000T00:00:00", "19980717", "T14:08:55", "19980231T00:00:00", "19980717T24:00:00", "19980717T23:59:60", "19981317T14:08:55", "900684535", "19980717T14:08:55+99:00", "-19980717T14:08:55", "99999-01-01T00:00:00", "19980717T14:08:55."+long, "19980717T14:08:55Z; rm -rf /")
	add("V-B64-2", "base64", "abc", "hello world", "YQ=", "YQ===", "Y=Q=", "YQ==YQ==", "====", "-_-_", "YQ==\u00a0", strings.Repeat("A", 4_000_001))
	return append(cases,
		hostile{"V-B64-1", "base64 of 8 MiB", makes(func() string { return test1("<base64>" + strings.Repeat("QUJD", 2_000_000) + "</base64>") }), "result kept", ""},
		hostile{"V-B64-1", "base64 with a blank after each octet", makes(func() string { return test1("<base64>" + strings.Repeat("Q U J D\n", 1_000_000) + "</base64>") }), "result kept", ""},
		hostile{"V-B64-2", "base64 of 8 MiB, wrong at its end", makes(func() string { return test1("<base64>" + strings.Repeat("QUJD", 2_000_000) + "!</base64>") }), "-32600 kept", ""},
		hostile{"V-DBL-1", "double of 1,024 digits", calls(test1("<double>" + strings.Repeat("0", 1023) + "1</double>")), "result kept", "<double>1.0</double>"},
		hostile{"V-INT-1", "int in a million blanks", makes(func() string { return test1("<int>" + strings.Repeat(" ", 1_000_000) + "1</int>") }), "result kept", "<int>1</int>"},
	)
}

// manyMembers is a struct of n members that differ, and more.
func manyMembers(n int, more string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<member><name>%d</name><value/></member>", i)
	}
	return test1("<struct>" + b.String() + more + "</struct>")
}

func quantities() []hostile {
	many := func(n int) string {
		return "<methodCall><methodName>sys.listMethods</methodName><params>" + strings.Repeat("<param>"+number(1)+"</param>", n) + "</params></methodCall>"
	}
	array := func(item string, n int) func() string {
		return func() string { return test1("<array><data>" + strings.Repeat(item, n) + "</data></array>") }
	}
	return []hostile{
		{"L6", "256 params", calls(many(256)), "result kept", ""},
		{"L6", "257 params", calls(many(257)), "-32001 kept", "256"},
		{"L6", "300,000 empty params", makes(func() string {
			return strings.Replace(many(1), "<param>"+number(1)+"</param>", strings.Repeat("<param><value/></param>", 300_000), 1)
		}), "-32001 kept", ""},
		{"L7", "262,143 values in an array", makes(array("<value/>", 262_143)), "result kept", ""},
		{"L7", "300,000 values", makes(array("<value/>", 300_000)), "-32001 kept", "262144"},
		{"L7", "300,000 values in arrays of one", makes(array("<value><array><data><value/></data></array></value>", 150_000)), "-32001 kept", ""},
		{"L7", "300,000 values for a method that takes none", makes(func() string {
			return strings.Replace(array("<value/>", 300_000)(), "test", "ping", 1)
		}), "-32001 kept", ""},
		{"S9", "100,000 members", makes(func() string { return manyMembers(100_000, "") }), "result kept", ""},
		{"S9", "100,000 members and one again", makes(func() string { return manyMembers(100_000, "<member><name>7</name><value/></member>") }), "-32600 kept", ""},
		{"L8", "member name of 1,024 octets", calls(test1("<struct><member><name>" + strings.Repeat("a", 1024) + "</name><value/></member></struct>")), "result kept", ""},
		{"L8", "member name of 1,025 octets", calls(test1("<struct><member><name>" + strings.Repeat("a", 1025) + "</name><value/></member></struct>")), "-32001 kept", ""},
		{"L8", "member name of 1 MiB", calls(test1("<struct><member><name>" + strings.Repeat("a", 1<<20) + "</name><value/></member></struct>")), "-32001 kept", ""},
		{"L9", "element name of 65 octets", calls(test1("<" + strings.Repeat("a", 65) + "/>")), "-32600 kept", ""},
		{"L9", "element name of 4 MiB", makes(func() string { return test1("<" + strings.Repeat("a", 4<<20) + "/>") }), "-32600 kept", ""},
		{"L9", "method name of 255 octets", calls(document(strings.Repeat("a", 255))), "-32601 kept", ""},
		{"L9", "method name of 256 octets", calls(document(strings.Repeat("a", 256))), "-32600 kept", ""},
		{"L9", "method name of 4 MiB", makes(func() string { return document(strings.Repeat("a", 4<<20)) }), "-32600 kept", ""},
		{"L13", "answer that escaping makes too long", makes(func() string { return test1("<string>" + strings.Repeat(">", 8_000_000) + "</string>") }), "-32001 kept", ""},
		{"L13", "answer that spelling out makes too long", makes(array("<value><double>1e308</double></value>", 220_000)), "-32001 kept", ""},
		{"L13", "answer of many empty arrays", makes(array("<value><array/></value>", 262_143)), "result kept", ""},
	}
}
