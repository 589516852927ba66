package conformance

import "strings"

// nameCases are M1 and M3: names are exact, and params are checked.
func nameCases() []Case {
	unknown := func(words, name string, level Level) row {
		return row{"M1", words, level, posting(call(name)), faults(-32601)}
	}
	cases := fromRows([]row{
		unknown("an unknown name", "no.such", Convention), unknown("relay.Register", "relay.Register", Convention), unknown("PING", "PING", CO2),
		unknown("relay", "relay", CO2), unknown("relay.", "relay.", CO2),
		unknown(".ping", ".ping", CO2), unknown("relay..register", "relay..register", CO2), unknown("String", "String", CO2),
		unknown("ServeHTTP", "ServeHTTP", CO2), unknown("__class__", "__class__", Convention),
		unknown("system.__init__", "system.__init__", Convention), unknown("ping with a blank inside", "pi ng", CO2),
		unknown("system.listmethods", "system.listmethods", CO2), unknown("a name of markup", "&lt;ping/&gt;", Convention),
		unknown("a name that is not Latin", "名前", Convention),
	})
	asking := func(words, method string, want Want, values ...string) Case {
		return Case{Rule: "M3", Words: words, Level: CO2, Needs: []string{method}, Talk: one(posting(call(method, values...)), want)}
	}
	const i, s = "<int>1</int>", "<struct></struct>"
	return append(cases,
		asking("test of two params", "test", faults(-32602), s, s), asking("ping of two params", "ping", faults(-32602), i, i),
		asking("ping ignores one", "ping", answers("<string>OK</string>"), i),
		asking("system.methodHelp of nothing", "system.methodHelp", faults(-32602)), asking("of an int", "system.methodHelp", faults(-32602), i),
		asking("of two names", "system.methodHelp", faults(-32602), "ping", "ping"),
		asking("system.multicall of a struct", "system.multicall", faults(-32602), s),
		asking("a missing member", "validator1.easyStructTest", faults(-32602), s),
		asking("a member of another type", "validator1.easyStructTest", faults(-32602), stooges("<int>1</int>", "<string>2</string>", "<int>3</int>")),
		asking("a double where an int is wanted", "validator1.easyStructTest", faults(-32602), stooges("<int>1</int>", "<double>2.0</double>", "<int>3</int>")),
		asking("the fault says which member", "validator1.easyStructTest", and(faults(-32602), holds("larry")), stooges("<int>1</int>", "<nil/>", "<int>3</int>")),
		Case{Rule: "V-DBL-5", Words: "an int where a double is wanted", Level: CO2, Needs: []string{"validator1.manyTypesTest"}, Talk: one(
			posting(call("validator1.manyTypesTest", i, "<boolean>1</boolean>", "", "<int>20</int>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<base64/>")), holds("<double>20.0</double>"))},
		Case{Rule: "V-INT-6", Words: "an int beyond what the method takes", Level: CO2, Needs: []string{"validator1.simpleStructReturnTest"}, Talk: one(posting(call("validator1.simpleStructReturnTest", "<i8>2147483648</i8>")), faults(-32602))},
		Case{Rule: "M3", Words: "test of nothing is an empty struct", Level: CO2, Needs: []string{"test"}, Talk: one(posting(call("test")), answers(s))},
		Case{Rule: "M3", Words: "test of a scalar", Level: CO2, Needs: []string{"test"}, Talk: one(posting(call("test", "<double>1.50</double>")), answers("<double>1.5</double>"))},
	)
}

// introspectionCases are M5 to M8.
func introspectionCases() []Case {
	about := func(rule, words, method string, want Want, values ...string) Case {
		return Case{Rule: rule, Words: words, Level: Convention, Needs: []string{method}, Talk: one(posting(call(method, values...)), want)}
	}
	const list, signature, help = "system.listMethods", "system.methodSignature", "system.methodHelp"
	name := func(s string) string { return "<string>" + s + "</string>" }
	cases := []Case{
		about("M5", "the list holds itself and its sisters", list, anArrayWith(name(list), name(signature), name(help))),
		about("M5", "an argument is ignored", list, aResult, name("x")),
		about("M6", "a signature is an array of arrays of type names", signature, signatureForm, name(list)),
		about("M6", "of an unknown name", signature, faults(-32601), name("no.such")),
		about("M7", "help is a string", help, Want{"a string", func(a *Answer, _ Level) bool { return resultIs(a, "string ") }}, name(list)),
		about("M7", "of an unknown name", help, faults(-32601), name("no.such")),
		about("M8", "capabilities", "system.getCapabilities", capabilities),
	}
	co2 := []Case{
		about("M5", "sys.listMethods is its alias", "sys.listMethods", anArrayWith(name(list), name("sys.listMethods"))),
		about("M5", "the names are sorted", list, Want{"a sorted array", sortedArray}),
		about("M6", "a method without parameters", signature, holds("<value><array><data><value><array><data><value><string>array</string></value></data></array></value>"), name(list)),
	}
	for i := range co2 {
		co2[i].Level = CO2
	}
	return append(cases, co2...)
}

// resultIs looks at the kind of a result.
func resultIs(a *Answer, kind string) bool {
	if !a.isXML() {
		return false
	}
	v, err := result(a.document())
	return err == nil && strings.HasPrefix(v.normal(), kind)
}

func sortedArray(a *Answer, _ Level) bool {
	items := itemsOf(a)
	for i := 1; i < len(items); i++ {
		if items[i-1] >= items[i] {
			return false
		}
	}
	return len(items) > 1
}

var signatureForm = Want{"an array of arrays of type names, the result's first", func(a *Answer, _ Level) bool {
	ways := itemsOf(a)
	for _, way := range ways {
		if !strings.HasPrefix(way, `[string "array"`) {
			return false
		}
	}
	return len(ways) > 0
}}

var capabilities = Want{"a struct of structs {specUrl, specVersion}, xmlrpc and faults_interop among them", func(a *Answer, strict Level) bool {
	if !a.isXML() {
		return false
	}
	v, err := result(a.document())
	if err != nil {
		return false
	}
	versions := map[string]string{"xmlrpc": "int 1", "faults_interop": "int 20010516", "introspection": "int 1", "system.multicall": "int 1", "nil": "int 1"}
	for name, version := range versions {
		c := v.member(name)
		if c == nil && strict < CO2 && name != "xmlrpc" {
			continue
		}
		if c == nil || c.member("specVersion") == nil || c.member("specUrl") == nil || c.member("specVersion").normal() != version {
			return false
		}
	}
	return true
}}
