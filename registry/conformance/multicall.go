package conformance

import (
	"fmt"
	"strings"
)

func entry(method string, values ...string) string {
	var params strings.Builder
	for _, v := range values {
		params.WriteString("<value>" + v + "</value>")
	}
	return "<struct><member><name>methodName</name><value><string>" + method + "</string></value></member><member><name>params</name><value><array><data>" + params.String() + "</data></array></value></member></struct>"
}

func multicallText(entries ...string) string {
	return callText("system.multicall", "<array><data><value>"+strings.Join(entries, "</value><value>")+"</value></data></array>")
}

func multicall(entries ...string) body { return plain(multicallText(entries...)) }

// results wants an array: of "[…]" for an entry that succeeds, as normal
// spells it, and of a code for one that fails.
func results(want ...any) Want {
	return Want{fmt.Sprintf("the results %v", want), func(a *Answer, strict Level) bool {
		got := itemsOf(a)
		if len(got) != len(want) || got == nil {
			return false
		}
		for i, w := range want {
			switch w := w.(type) {
			case string:
				if got[i] != w {
					return false
				}
			case int:
				if !strings.HasPrefix(got[i], fmt.Sprintf(`{"faultCode": int %d, "faultString": string "`, w)) && (strict >= Convention || !strings.HasPrefix(got[i], `{"faultCode": int `)) {
					return false
				}
			}
		}
		return true
	}}
}

// multicallCases are M10 to M17.
func multicallCases() []Case {
	const none = "<array><data></data></array>"
	echo := func(x string) string { return entry("{echo}", vStruct(x)) }
	echoed := func(normal string) string { return `[{"v": ` + normal + "}]" }
	rows := []row{
		{"M10", "an empty array", Convention, posting(call("system.multicall", none)), answers(none)},
		{"M10", "not an array", CO2, posting(call("system.multicall", "<int>1</int>")), faults(-32602)},
		{"M10", "no param", CO2, posting(call("system.multicall")), faults(-32602)},
		{"M10", "two params", CO2, posting(call("system.multicall", none, none)), faults(-32602)},
		{"M11", "results in order, each in an array of one", Convention, posting(multicall(echo("<int>1</int>"), echo("b"))), results(echoed("int 1"), echoed(`string "b"`))},
		{"M11", "an array comes in an array", Convention, posting(multicall(echo("<array><data><value><int>1</int></value></data></array>"))), results(echoed("[int 1]"))},
		{"M12", "a failing entry does not stop the rest", Convention, posting(multicall(echo("a"), entry("no.such"), echo("b"))), results(echoed(`string "a"`), -32601, echoed(`string "b"`))},
		{"M13", "an entry that is no struct", CO2, posting(multicall("<int>1</int>", echo("a"))), results(-32602, echoed(`string "a"`))},
		{"M13", "an entry without methodName", CO2, posting(multicall("<struct></struct>")), results(-32602)},
		{"M13", "a methodName that is an int", CO2, posting(multicall(strings.Replace(echo("a"), "<string>{echo}</string>", "<int>1</int>", 1))), results(-32602)},
		{"M13", "params that are no array", CO2, posting(multicall(strings.Replace(entry("ping"), none, "<int>1</int>", 1))), results(-32602)},
		{"M13", "a methodName without type", CO2, posting(multicall(strings.Replace(echo("a"), "<string>{echo}</string>", "{echo}", 1))), results(echoed(`string "a"`))},
		{"M13", "other members are ignored", CO2, posting(multicall(strings.Replace(echo("a"), "<struct>", "<struct><member><name>x</name><value>y</value></member>", 1))), results(echoed(`string "a"`))},
		{"M14", "multicall inside multicall", CO2, posting(multicall(entry("system.multicall", none), echo("a"))), results(-32600, echoed(`string "a"`))},
	}
	cases := needing("system.multicall", fromRows(rows, "echo"))
	cases = append(cases,
		Case{Rule: "M13", Words: "params may be missing", Level: CO2, Needs: []string{"system.multicall", "ping"}, Talk: one(
			posting(multicall("<struct><member><name>methodName</name><value>ping</value></member></struct>")), results(`[string "OK"]`))},
		Case{Rule: "M14", Words: "not through call_method either", Level: CO2, Needs: []string{"system.multicall", "call_method"}, Talk: one(
			posting(multicall(entry("call_method", "<struct><member><name>method_name</name><value>system.multicall</value></member><member><name>data</name><value>"+none+"</value></member></struct>"))), results(-32600))},
	)
	many := func(n int) sender {
		return later(func() string {
			entries := make([]string, n)
			for i := range entries {
				entries[i] = entry("no.such")
			}
			return multicallText(entries...)
		})
	}
	aThousand := make([]any, 1000)
	for i := range aThousand {
		aThousand[i] = -32601
	}
	return append(cases, needing("system.multicall", []Case{
		{Rule: "M15", Words: "1,000 entries (L11)", Level: CO2, Heavy: true, Talk: one(posting(many(1000)), Want{"1,000 faults -32601", results(aThousand...).meets})},
		{Rule: "M15", Words: "1,001 entries (L11)", Level: CO2, Heavy: true, Talk: one(posting(many(1001)), faults(-32001))},
	})...)
}
