package conformance

import "strings"

// faultCases are F2, F3 and F6; F1 and F4 hold for every fault of the run.
func faultCases() []Case {
	long := strings.Repeat("x", 200)
	isFault := Want{"HTTP 200 and a fault", func(a *Answer, _ Level) bool { return faultIn(a) != nil }}
	cases := fromRows([]row{
		{"F4", "a document that is not well-formed", Convention, posting(plain("<methodCall>")), faults(-32700)},
		{"F4", "an octet that is no UTF-8", Convention, posting(plain("<methodCall><methodName>\xff</methodName></methodCall>")), faults(-32702, -32700)},
		{"F1", "an unknown method is a fault of the public form", Spec, posting(call("no.such.method")), isFault},
		{"F2", "a fault comes with HTTP 200 and text/xml", Spec, posting(call("no.such.method")), and(status(200), mediaType("text/xml"))},
		{"F3", "a name from the request is cut at 64 characters", CO2, posting(call(long)), and(faults(-32601), lacks(long[:65]))},
		{"F3", "an element's name is cut at 64 characters", CO2, posting(echoing("<" + long + "/>")), and(faults(-32600), lacks(long[:65]))},
		{"F3", "markup from the request stays text", CO2, posting(call("a&lt;/string&gt;&lt;b/&gt;")), and(faults(-32601), lacks("<b/>"))},
		{"F3", "line breaks and escapes from the request do not reach the text", CO2, posting(call("a&#10;b&#13;c&#127;d&#x9b;e")), and(faults(-32601), textLacks("\n\r\x7f\u009b"))},
		{"F3", "no type names of Go, no files", CO2, posting(call("system.multicall", "<int>1</int>")), and(faults(-32602), and(lacks(".go"), lacks("wire.")))},
	})
	return append(cases, Case{
		Rule: "F6", Words: "a fault inside a multicall is a struct", Level: Convention, Needs: []string{"system.multicall"},
		Talk: one(posting(multicall(entry("no.such.method"))), and(aResult, lacks("<fault>"))),
	})
}

func mediaType(kind string) Want {
	return Want{kind, func(a *Answer, _ Level) bool { return strings.HasPrefix(a.Header.Get("Content-Type"), kind) }}
}

// textLacks wants none of these characters in a fault's text.
func textLacks(characters string) Want {
	return Want{"its text without " + show([]byte(characters)), func(a *Answer, _ Level) bool {
		f := faultIn(a)
		return f != nil && !strings.ContainsAny(f.text, characters)
	}}
}
