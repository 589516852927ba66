package conformance

import (
	"fmt"
	"strings"
)

func stooges(moe, larry, curly string) string {
	var b strings.Builder
	for _, m := range [][2]string{{"moe", moe}, {"curly", curly}, {"shemp", "<string>nobody</string>"}, {"larry", larry}} {
		b.WriteString("<member><name>" + m[0] + "</name><value>" + m[1] + "</value></member>")
	}
	return "<struct>" + b.String() + "</struct>"
}

func integer(n int) string { return fmt.Sprintf("<int>%d</int>", n) }

func members(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("<member><name>" + pairs[i] + "</name><value>" + pairs[i+1] + "</value></member>")
	}
	return "<struct>" + b.String() + "</struct>"
}

func array(items ...string) string {
	var b strings.Builder
	for _, item := range items {
		b.WriteString("<value>" + item + "</value>")
	}
	return "<array><data>" + b.String() + "</data></array>"
}

// validatorCases are the eight methods of the protocol author's validator.
func validatorCases() []Case {
	with := func(name, words, want string, values ...string) Case {
		method := "validator1." + name
		return Case{Rule: "validator1", Words: strings.TrimSpace(name + " " + words), Level: Convention, Needs: []string{method}, Talk: one(posting(call(method, values...)), answers(want))}
	}
	structs, sum := []string{}, 0
	for i := range 20 {
		structs, sum = append(structs, stooges(integer(i), integer(2*i), integer(i*i-100))), sum+i*i-100
	}
	strs := []string{"&lt;first&gt;"}
	for i := range 150 {
		strs = append(strs, fmt.Sprintf("<string>item %d</string>", i))
	}
	six := []string{integer(-42), "<boolean>1</boolean>", "<string> &lt;&amp;&gt; </string>", "<double>-1.5</double>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<base64>AP8=</base64>"}
	april := func(moe, larry, curly int) string {
		month := []string{}
		for day := 1; day <= 30; day++ {
			value := "<struct></struct>"
			if day == 1 {
				value = stooges(integer(moe), integer(larry), integer(curly))
			}
			month = append(month, fmt.Sprintf("%02d", day), value)
		}
		return members("1999", members("04", members("01", stooges(integer(1), integer(1), integer(1)))), "2000", members("03", "<struct></struct>", "04", members(month...)), "2001", "<struct></struct>")
	}
	deep := members("a", array(integer(1), members("b", "<string>c</string>")), "z", "<boolean>0</boolean>")
	return []Case{
		with("arrayOfStructsTest", "", integer(sum), array(structs...)),
		with("arrayOfStructsTest", "of none", integer(0), array()),
		with("countTheEntities", "", members("ctLeftAngleBrackets", integer(3), "ctRightAngleBrackets", integer(2), "ctAmpersands", integer(4), "ctApostrophes", integer(1), "ctQuotes", integer(5)),
			"<string>&lt;a&gt; &lt;&lt;b &gt; &amp;&amp;&amp;lt;&amp; ' \"\"\"\"\"</string>"),
		with("easyStructTest", "", integer(1+20-300), stooges(integer(1), integer(20), integer(-300))),
		with("echoStructTest", "", deep, deep),
		with("manyTypesTest", "", array(six...), six...),
		with("moderateSizeArrayCheck", "", "<string>&lt;first&gt;item 149</string>", array(strs...)),
		with("nestedStructTest", "", integer(6-100), april(6, 4, -104)),
		with("simpleStructReturnTest", "", members("times10", integer(-420), "times100", integer(-4200), "times1000", integer(-42000)), integer(-42)),
	}
}

// probes are how Open finds out which methods a server has.
var probes = map[string]probe{
	"ping":                              {nil, "<string>OK</string>"},
	"test":                              {[]string{"<struct></struct>"}, "<struct></struct>"},
	"call_method":                       {[]string{members("method_name", "<string>ping</string>")}, "<string>OK</string>"},
	"sys.listMethods":                   {},
	"sys.methodHelp":                    {params: []string{"<string>ping</string>"}},
	"system.listMethods":                {},
	"system.methodHelp":                 {params: []string{"<string>system.listMethods</string>"}},
	"system.methodSignature":            {params: []string{"<string>system.listMethods</string>"}},
	"system.getCapabilities":            {},
	"system.multicall":                  {[]string{array()}, array()},
	"validator1.arrayOfStructsTest":     {params: []string{array()}},
	"validator1.countTheEntities":       {params: []string{"<string></string>"}},
	"validator1.easyStructTest":         {params: []string{stooges(integer(1), integer(1), integer(1))}},
	"validator1.echoStructTest":         {params: []string{"<struct></struct>"}},
	"validator1.manyTypesTest":          {params: []string{integer(1), "<boolean>1</boolean>", "<string></string>", "<double>1.5</double>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>", "<base64></base64>"}},
	"validator1.moderateSizeArrayCheck": {params: []string{array("<string>a</string>")}},
	"validator1.nestedStructTest":       {params: []string{members("2000", members("04", members("01", stooges(integer(1), integer(1), integer(1)))))}},
	"validator1.simpleStructReturnTest": {params: []string{integer(1)}},
}
