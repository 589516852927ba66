package conformance

// compoundCases are V-ARR, V-STRUCT and V-NIL.
func compoundCases() []Case {
	const mixed = "<array><data><value><int>12</int></value><value><string>Egypt</string></value><value><boolean>0</boolean></value><value><int>-31</int></value></data></array>"
	nested := "<struct><member><name>lowerBound</name><value><array><data><value>" + mixed + "</value><value><struct></struct></value></data></array></value></member></struct>"
	cases := fromEchoRows([]echoRow{
		{"V-ARR-1", Spec, "mixed types", mixed, ""},
		{"V-ARR-1", Spec, "arrays in arrays", "<array><data><value><array><data></data></array></value><value><array><data><value><int>1</int></value></data></array></value></data></array>", ""},
		{"V-ARR-1", Spec, "untyped items", "<array><data><value>a</value><value/></data></array>", "<array><data><value><string>a</string></value><value><string></string></value></data></array>"},
		{"V-STRUCT-1", Spec, "two members", "<struct><member><name>lowerBound</name><value><int>18</int></value></member><member><name>upperBound</name><value><int>139</int></value></member></struct>", ""},
		{"V-STRUCT-1", Spec, "an empty struct", "<struct></struct>", ""},
		{"V-STRUCT-1", Spec, "<struct/>", "<struct/>", "<struct></struct>"},
		{"V-STRUCT-1", Spec, "structs and arrays in each other", nested, ""},
		{"V-NIL-1", Convention, "", "<nil/>", ""},
		{"V-NIL-1", Convention, "", "<nil></nil>", "<nil/>"},
		{"V-NIL-1", CO2, "nil with white space", "<nil> \n</nil>", "<nil/>"},
		{"V-NIL-1", CO2, "nil with text", "<nil>0</nil>", "-32600"},
		{"V-NIL-1", Convention, "nil in an array", "<array><data><value><nil/></value></data></array>", ""},
		{"V-NIL-1", Convention, "nil in a struct", "<struct><member><name>n</name><value><nil/></value></member></struct>", ""},
	})
	refused := func(method string) Case {
		return Case{Rule: "V-NIL-2", Words: method + " does not take nil", Level: CO2, Needs: []string{method}, Talk: one(posting(call(method, "<nil/>")), faults(-32602))}
	}
	return append(cases, refused("system.methodHelp"), refused("system.multicall"), refused("validator1.easyStructTest"))
}

const apache = `"http://ws.apache.org/xmlrpc/namespaces/extensions"`

// extensionCases are V-EX.
func extensionCases() []Case {
	ex := func(kind, text string) string {
		return "<ex:" + kind + " xmlns:ex=" + apache + ">" + text + "</ex:" + kind + ">"
	}
	is := func(kind, text, back string) echoRow {
		return echoRow{"V-EX-2", CO2, "ex:" + kind + " " + text, ex(kind, text), back}
	}
	bad := func(kind, text string) echoRow {
		return echoRow{"V-EX-3", CO2, "ex:" + kind + " " + text, ex(kind, text), "-32600"}
	}
	cases := fromEchoRows([]echoRow{
		{"V-EX-1", CO2, "ex:nil", "<ex:nil xmlns:ex=" + apache + "/>", "<nil/>"},
		{"V-EX-1", CO2, "another prefix", "<a:i8 xmlns:a=" + apache + ">5</a:i8>", "<int>5</int>"},
		{"V-EX-1", CO2, "the default namespace on the type", "<i8 xmlns=" + apache + ">5</i8>", "<int>5</int>"},
		{"V-EX-1", CO2, "another namespace", `<ex:nil xmlns:ex="http://example.org/"/>`, "-32600"},
		{"V-EX-1", CO2, "a prefix out of its scope", "<array><data><value>" + ex("i1", "1") + "</value><value><z:nil/></value></data></array>", "-32600"},
		is("i8", "5000000000", "<i8>5000000000</i8>"), is("i1", "-128", "<int>-128</int>"), is("i1", "127", "<int>127</int>"),
		is("i2", "-32768", "<int>-32768</int>"), is("i2", "32767", "<int>32767</int>"),
		is("float", "1.5", "<double>1.5</double>"), is("dateTime", "1998-07-17T14:08:55.123Z", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"),
		is("biginteger", "9223372036854775807", "<i8>9223372036854775807</i8>"),
		{"V-EX-2", CO2, "ex:i1 128", ex("i1", "128"), "-32600"}, {"V-EX-2", CO2, "ex:i2 32768", ex("i2", "32768"), "-32600"},
		bad("bigdecimal", "1.5"), bad("biginteger", "9223372036854775808"), bad("dom", "<a/>"), bad("serializable", "rO0ABXQAAWE="),
	})
	return append(cases, fromDocumentRows([]documentRow{
		{"V-EX-1", CO2, "declared on the root", `<methodCall xmlns:ex=` + apache + `><methodName>{echo}</methodName><params><param><value>` + vStruct("<ex:i2>7</ex:i2>") + `</value></param></params></methodCall>`, "<int>7</int>"},
	})...)
}
