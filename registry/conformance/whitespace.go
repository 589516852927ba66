package conformance

import "strings"

// whiteSpaceCases are X14 to X16.
func whiteSpaceCases() []Case {
	indented := strings.NewReplacer("><", ">\r\n\t <", "><int>", "><int>", "</int><", "</int><").Replace(echoText("<int>1</int>"))
	text := func(words, old, new string) documentRow {
		return documentRow{"X14", CO2, words, strings.Replace(echoText("<array><data></data></array>"), old, new, 1), "-32600"}
	}
	cases := fromDocumentRows([]documentRow{
		{"X14", Spec, "a document with line breaks and indentation", indented, "<int>1</int>"},
		text("text in methodCall", "<methodName>", "x<methodName>"), text("text in params", "<params>", "<params>x"), text("text in param", "<param>", "<param>x"),
		text("text in struct", "<struct>", "<struct>x"), text("text in member", "<member>", "<member>x"), text("text in array", "<array>", "<array>x"),
		text("text in data", "<data>", "<data>x"),
		text("CDATA in data", "<data>", "<data><![CDATA[x]]>"), text("a reference in data", "<data>", "<data>&#120;"),
		{"X16", Convention, "blanks round methodName", strings.Replace(echoText("<int>1</int>"), "{echo}", " \n{echo}\t", 1), "<int>1</int>"},
	})
	return append(cases, fromEchoRows([]echoRow{
		{"X15", Spec, "a string keeps its blanks", "<string>  a\n\t b </string>", ""},
		{"X15", Spec, "an untyped value keeps its blanks", "  a\n\t b ", "<string>  a\n\t b </string>"},
		{"X15", Spec, "a string of blanks", "<string> \t\n</string>", ""},
		{"X15", Spec, "a name keeps its blanks", "<struct><member><name> a  b </name><value><int>1</int></value></member></struct>", ""},
		{"X16", Convention, "an int on a line of its own", "<int>\r\n 5\t\n</int>", "<int>5</int>"},
		{"X16", Convention, "a boolean on a line of its own", "<boolean>\n1\n</boolean>", "<boolean>1</boolean>"},
		{"X16", Convention, "a double on a line of its own", "<double>\n-1.5 </double>", "<double>-1.5</double>"},
		{"X16", Convention, "a date on a line of its own", "<dateTime.iso8601>\n19980717T14:08:55 </dateTime.iso8601>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"},
		{"X16", CO2, "a blank inside an int", "<int>1 2</int>", "-32600"},
		{"X16", CO2, "a blank behind a sign", "<int>- 1</int>", "-32600"},
		{"X16", CO2, "a no-break space round an int", "<int>\u00a01</int>", "-32600"},
		{"X16", Convention, "base64 with blanks anywhere", "<base64>\n Y W\tJ\r\nj </base64>", "<base64>YWJj</base64>"},
	})...)
}
