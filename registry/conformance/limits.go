package conformance

import (
	"fmt"
	"strings"
	"time"
)

// The cases here are the limits at their default values.

// headLimitCases are L1 and L2.
func headLimitCases() []Case {
	padded := func(n int) sender { return posting(goodCall, "X-Padding: "+strings.Repeat("x", n)) }
	fields := func(n int) sender {
		lines := make([]string, n-3) // Host, Content-Type and Content-Length are there too
		for i := range lines {
			lines[i] = fmt.Sprintf("X-%d: 1", i)
		}
		return posting(goodCall, lines...)
	}
	return heavy(fromRows([]row{
		{"L1", "a head of 60 KiB", CO2, padded(60 << 10), aResult},
		{"L1", "a head of 66 KiB", CO2, padded(66 << 10), status(431)},
		{"L1", "a request line of 66 KiB", CO2, postingTo("POST {path}?"+strings.Repeat("x", 66<<10)+" HTTP/1.1", goodCall), status(414, 431)},
		{"L2", "256 header fields", CO2, fields(256), aResult},
		{"L2", "257 header fields", CO2, fields(257), status(431)},
	}))
}

// heavy marks cases that quick runs leave out.
func heavy(cases []Case) []Case {
	for i := range cases {
		cases[i].Heavy = true
	}
	return cases
}

const maxBody = 8 << 20

// padding is a call of exactly n octets.
func padding(n int) body {
	return later(func() string {
		doc := callText("system.methodHelp", "<string></string>")
		return strings.Replace(doc, "<string>", "<string>"+strings.Repeat("x", n-len(doc)), 1)
	})
}

// bodyLimitCases are L3, L4 and L13. A body that fits is a call of an unknown
// method's help, so that the answer is short.
func bodyLimitCases() []Case {
	fits := faults(-32601)
	tooLarge := status(413)
	cases := fromRows([]row{
		{"L3", "a body of 8 MiB", CO2, posting(padding(maxBody)), fits},
		{"L3", "8 MiB in chunks", CO2, postingChunks(chunked(padding(maxBody), 64<<10, "")), fits},
		{"L3", "8 MiB and one octet in chunks", CO2, postingChunks(chunked(padding(maxBody+1), 64<<10, "")), tooLarge},
		{"L3", "8 MiB and one octet, sent although it is refused", CO2, posting(padding(maxBody + 1)), tooLarge},
		{"L4", "8 MiB unpacked", CO2, posting(gzipped(padding(maxBody)), "Content-Encoding: gzip"), fits},
		{"L4", "8 MiB and one octet unpacked, gzip", CO2, posting(gzipped(padding(maxBody+1)), "Content-Encoding: gzip"), tooLarge},
		{"L4", "8 MiB and one octet unpacked, deflate", CO2, posting(zlibbed(padding(maxBody+1)), "Content-Encoding: deflate"), tooLarge},
	}, "system.methodHelp")
	return heavy(append(cases, Case{
		Rule: "L13", Words: "an answer that would be beyond 16 MiB", Level: CO2, Needs: []string{"echo"},
		Talk: one(posting(later(func() string { return echoText("<string><![CDATA[" + strings.Repeat("&", 4<<20) + "]]></string>") })), faults(-32001)),
	}))
}

// documentLimitCases are L5 to L10.
func documentLimitCases() []Case {
	repeat := strings.Repeat
	name := func(n int) string { return members(repeat("n", n), integer(1)) }
	values := func(n int) sender { // beside them: the param, and the array in its member v
		return posting(later(func() string { return echoText("<array><data>" + repeat("<value/>", n-2) + "</data></array>") }))
	}
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ` a%d=""`, i)
		}
		return "<int" + b.String() + ">1</int>"
	}
	params := func(n int) sender { return posting(call("no.such", strings.Split(repeat("x,", n-1)+"x", ",")...)) }
	deep := func(words string, x string, want Want) row {
		return row{"L5", words, CO2, posting(later(func() string { return echoText(x) })), want}
	}
	cases := fromRows([]row{
		deep("128 levels", nested(127), echoes(nested(127))),
		deep("129 levels", nested(128), faults(-32001)),
		deep("128 levels of structs", repeat("<struct><member><name>a</name><value>", 127)+repeat("</value></member></struct>", 127), aResult),
		{"L5", "100,000 levels that never end", CO2, posting(later(func() string { return echoText(repeat("<array><data><value>", 100_000)) })), faults(-32001)},
		{"L6", "256 params", CO2, params(256), faults(-32601)},
		{"L6", "257 params", CO2, params(257), faults(-32001)},
		{"L7", "262,144 values", CO2, values(262_144), aResult},
		{"L7", "262,145 values", CO2, values(262_145), faults(-32001)},
		{"L8", "a member name of 1,024 octets", CO2, posting(echoing(name(1024))), echoes(name(1024))},
		{"L8", "a member name of 1,025 octets", CO2, posting(echoing(name(1025))), faults(-32001)},
		{"L9", "a methodName of 255 octets", CO2, posting(call(repeat("m", 255))), faults(-32601)},
		{"L9", "a methodName of 256 octets", CO2, posting(call(repeat("m", 256))), faults(-32600)},
		{"L9", "an element name of 65 octets", CO2, posting(echoing("<" + repeat("e", 65) + "/>")), faults(-32600)},
		{"L9", "64 attributes", CO2, posting(echoing(attributes(64))), echoes(integer(1))},
		{"L9", "65 attributes", CO2, posting(echoing(attributes(65))), faults(-32600)},
		{"L10", "an int of 65 characters", CO2, posting(echoing("<int>" + repeat("0", 64) + "1</int>")), faults(-32600)},
		{"L10", "an int among 100,000 blanks", CO2, posting(echoing("<int>" + repeat(" ", 100_000) + "1</int>")), echoes(integer(1))},
		{"L10", "an int of a million digits", CO2, posting(later(func() string { return echoText("<int>" + repeat("1", 1_000_000) + "</int>") })), faults(-32600)},
		{"L10", "a double of 1,024 characters", CO2, posting(echoing("<double>" + repeat("0", 1021) + "1.5</double>")), echoes("<double>1.5</double>")},
		{"L10", "a double of 1,025 characters", CO2, posting(echoing("<double>" + repeat("0", 1022) + "1.5</double>")), faults(-32600)},
		{"L10", "a date of 65 characters", CO2, posting(echoing("<dateTime.iso8601>" + repeat("1", 65) + "</dateTime.iso8601>")), faults(-32600)},
	}, "echo")
	return heavy(cases)
}

// nested is arrays in each other.
func nested(n int) string {
	return strings.Repeat("<array><data><value>", n-1) + "<array><data></data></array>" + strings.Repeat("</value></data></array>", n-1)
}

// timeLimitCases are L15 and L16: heads and bodies that stop coming.
func timeLimitCases() []Case {
	stalled := func(rule, words string, send sender, within time.Duration, want Want) Case {
		return Case{Rule: rule, Words: words, Level: CO2, Heavy: true, Do: func(k *Talker) *Difference {
			l, err := k.dial()
			if err != nil {
				return nil
			}
			l.SetDeadline(time.Now().Add(within))
			sent, a := k.ask(l, Turn{Send: send})
			if !want.meets(a, k.strict) {
				return &Difference{show(sent) + " and no more", want.says, a.String()}
			}
			return nil
		}}
	}
	return []Case{
		stalled("L15", "half a head is given up", plain("POST {path} HTTP/1.1\r\nHost: {ho"), 20*time.Second, orClosed(status(408))),
		stalled("L15", "a connection without a head is closed", plain(""), 20*time.Second, orClosed(status(408))),
		stalled("L16", "half a body is given up", then(announcing("Content-Length: 1000"), plain("<?xml")), 50*time.Second, status(408)),
	}
}
