package conformance

import "strings"

// structureCases are S1 to S14.
func structureCases() []Case {
	ping := callText("{echo}", vStruct("<int>1</int>"))
	edit := func(rule string, level Level, words, old, new, back string) documentRow {
		return documentRow{rule, level, words, strings.Replace(ping, old, new, 1), back}
	}
	bad := func(rule, words, old, new string) documentRow {
		return edit(rule, Convention, words, old, new, "-32600")
	}
	root := func(words, doc string) documentRow { return documentRow{"S1", Convention, words, doc, "-32600"} }
	const param = "<param><value><int>1</int></value></param>"
	noParams := `<?xml version="1.0"?><methodCall><methodName>ping</methodName>`
	cases := fromDocumentRows([]documentRow{
		root("a methodResponse", "<methodResponse><params>"+param+"</params></methodResponse>"),
		root("SOAP", `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>`),
		root("HTML", "<html><body/></html>"), root("a bare value", "<value/>"),
		bad("S2", "no methodName", "<methodName>{echo}</methodName>", ""), bad("S2", "an empty methodName", "{echo}", ""),
		bad("S2", "a methodName of blanks", "{echo}", " \n"), bad("S2", "a self-closed methodName", "<methodName>{echo}</methodName>", "<methodName/>"),
		bad("S2", "two methodNames", "<params>", "<methodName>{echo}</methodName><params>"), bad("S2", "an element in methodName", "{echo}", "<b>{echo}</b>"),
		bad("S2", "methodName behind params", "<methodName>{echo}</methodName>", "<params/><methodName>{echo}</methodName>"),
		bad("S2", "a name that closes its element", "{echo}", "{echo}</methodName><methodName>x"),
		bad("S3", "params twice", "</params>", "</params><params/>"), bad("S3", "an element beside params", "</params>", "</params><x/>"),
		bad("S3", "value in params", "<params>", "<params><value/>"), bad("S3", "methodName in params", "<params>", "<params><methodName>x</methodName>"),
		bad("S4", "an empty param", "<params>", "<params><param></param>"), bad("S4", "a self-closed param", "<params>", "<params><param/>"),
		bad("S4", "two values in a param", "</param>", "<value/></param>"), bad("S4", "no value in a param", "<params>", "<params><param><int>1</int></param>"),
		bad("S5", "two types in a value", "<int>1</int>", "<int>1</int><int>2</int>"), bad("S5", "text before a type", "<int>1</int>", "x<int>1</int>"),
		bad("S5", "text behind a type", "<int>1</int>", "<int>1</int>x"), bad("S5", "a value in a value", "<int>1</int>", "<value>1</value>"),
		bad("S5", "CDATA beside a type", "<int>1</int>", "<![CDATA[x]]><int>1</int>"),
		bad("S5", "an element in a number", "<int>1</int>", "<int><b>1</b></int>"), bad("S5", "an element in a string", "<int>1</int>", "<string><b/></string>"),
		bad("S6", "an unknown type", "<int>1</int>", "<float>1</float>"), bad("S6", "an unknown empty type", "<int>1</int>", "<none/>"),
		bad("S7", "a value without data", "<int>1</int>", "<array><value/></array>"), bad("S7", "two data", "<int>1</int>", "<array><data/><data/></array>"),
		bad("S7", "a type in data", "<int>1</int>", "<array><data><int>1</int></data></array>"),
		bad("S7", "a param in data", "<int>1</int>", "<array><data><param/></data></array>"),
		bad("S8", "a member without name", "<name>v</name>", ""), bad("S8", "a member without value", "<value><int>1</int></value>", ""),
		bad("S8", "an empty member", "<struct>", "<struct><member/>"), bad("S8", "two names", "<name>v</name>", "<name>v</name><name>w</name>"),
		bad("S8", "two values", "<value><int>1</int></value>", "<value/><value/>"),
		bad("S8", "value before name", "<name>v</name><value><int>1</int></value>", "<value><int>1</int></value><name>v</name>"),
		bad("S8", "a name with an element", "<name>v</name>", "<name><b>v</b></name>"),
		bad("S8", "an element beside name and value", "<name>v</name>", "<name>v</name><x/>"), bad("S8", "a value in struct", "<struct>", "<struct><value/>"),
		edit("S6", CO2, "an element like a structural one", "<int>1</int>", "<params/>", "-32600"),
		edit("S9", CO2, "a member twice", "<struct>", "<struct><member><name>v</name><value/></member>", "-32600"),
		edit("S9", CO2, "a member twice, spelled in two ways", "<struct>", "<struct><member><name>&#118;</name><value/></member>", "-32600"),
	})
	cases = append(cases, needing("ping", fromDocumentRows([]documentRow{
		{"S3", Convention, "no params", noParams + "</methodCall>", "ok"}, {"S3", Convention, "empty params", noParams + "<params></params></methodCall>", "ok"},
		{"S3", Convention, "self-closed params", noParams + "<params/></methodCall>", "ok"},
	}))...)
	cases = append(cases, needing("system.listMethods", fromDocumentRows([]documentRow{
		{"S3", Spec, "a method without parameters may have no params", `<?xml version="1.0"?><methodCall><methodName>system.listMethods</methodName></methodCall>`, "ok"},
	}))...)
	return append(cases, shapeCases()...)
}

// needing makes cases apply only where a method is.
func needing(method string, cases []Case) []Case {
	for i := range cases {
		cases[i].Needs = append(cases[i].Needs, method)
	}
	return cases
}

// shapeCases are S7, S10, S11 and S13: arrays and structs that are fine.
func shapeCases() []Case {
	named := func(words, name string) echoRow {
		return echoRow{"S10", Spec, words, "<struct><member><name>" + name + "</name><value><int>1</int></value></member></struct>", ""}
	}
	member := func(name string) string {
		return "<member><name>" + name + "</name><value><int>1</int></value></member>"
	}
	cases := fromEchoRows([]echoRow{
		{"S7", Spec, "an empty array", "<array><data></data></array>", ""},
		{"S7", Spec, "self-closed data", "<array><data/></array>", "<array><data></data></array>"},
		{"S7", CO2, "an array without data", "<array></array>", "<array><data></data></array>"},
		{"S7", CO2, "a self-closed array", "<array/>", "<array><data></data></array>"},
		named("a name with blanks", "a b"), named("a name with markup", "&lt;b&gt;&amp;"), named("a name that is not Latin", "名前"), named("a name of digits", "2000"),
		named("a name with dots", "a.b"), {"S10", CO2, "an empty name", "<struct>" + member("") + "</struct>", ""},
		{"S10", Spec, "names that differ by case", "<struct>" + member("A") + member("a") + "</struct>", ""},
		{"S10", Spec, "names that differ by normalisation", "<struct>" + member("e\u0301") + member("\u00e9") + "</struct>", ""},
		{"S13", CO2, "members come back as they were sent", "<struct>" + member("b") + member("a") + "</struct>", ""},
	})
	extra := "<struct>" + member("x") + "<member><name>method_name</name><value>ping</value></member></struct>"
	return append(cases, Case{
		Rule: "S11", Words: "unknown members are ignored", Level: CO2, Needs: []string{"sys.methodHelp"},
		Talk: one(posting(call("sys.methodHelp", extra)), aResult),
	})
}
