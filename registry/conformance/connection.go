package conformance

import "fmt"

// connectionCases are H22 to H24.
func connectionCases() []Case {
	again := Turn{Send: posting(goodCall), Want: aResult}
	last := Turn{Send: posting(goodCall, "Connection: close"), Want: aResult, Then: ends}
	closing := Turn{Send: postingTo("POST {path} HTTP/1.0", goodCall), Want: aResult, Then: ends}
	kept := Turn{Send: postingTo("POST {path} HTTP/1.0", goodCall, "Connection: Keep-Alive"), Want: and(aResult, keepsAlive)}
	fault := Turn{Send: posting(call("no.such.method")), Want: faults(-32601)}
	talk := func(words string, level Level, turns ...Turn) Case {
		return Case{Rule: "H22", Words: words, Level: level, Talk: turns}
	}
	expecting := func(words string, level Level, turns ...Turn) Case {
		return Case{Rule: "H24", Words: words, Level: level, Talk: turns}
	}
	return []Case{
		talk("HTTP/1.1 stays open", CO2, again, again, again),
		talk("also after a fault", CO2, again, fault, again),
		talk("Connection: close is honoured", Spec, last),
		talk("Connection: close in a list", Spec, Turn{Send: posting(goodCall, "Connection: x, Close"), Want: aResult, Then: ends}),
		talk("close on the second request", CO2, again, last),
		talk("HTTP/1.0 closes", Spec, closing),
		talk("HTTP/1.0 with keep-alive stays open and is told so", CO2, kept, kept, closing),
		pipelined(),
		expecting("Expect: 100-continue", Spec,
			Turn{Send: func(t *Target) []byte {
				return announcing("Expect: 100-continue", fmt.Sprintf("Content-Length: %d", len(goodCall(t))))(t)
			}, Want: status(100)},
			Turn{Send: goodCall, Want: aResult}),
		expecting("Expect: 100-Continue, chunked", CO2,
			Turn{Send: announcing("Expect: 100-Continue", "Transfer-Encoding: chunked"), Want: status(100)},
			Turn{Send: chunked(goodCall, 64, ""), Want: aResult}),
		expecting("the body comes without waiting", Spec, Turn{Send: posting(goodCall, "Expect: 100-continue"), Want: aResult}),
		expecting("and then another call", CO2, Turn{Send: posting(goodCall, "Expect: 100-continue"), Want: aResult}, again),
		expecting("the final error instead of 100 Continue", CO2,
			Turn{Send: announcing("Expect: 100-continue", "Content-Length: 500", "Content-Type: text/plain"), Want: and(status(415), unasked)}),
		expecting("another path: no 100 Continue", CO2,
			Turn{Send: raw("POST /nope HTTP/1.1", "Host: {host}", "Content-Type: text/xml", "Expect: 100-continue", "Content-Length: 500"), Want: and(status(404), unasked)}),
		expecting("another expectation", CO2, Turn{Send: posting(goodCall, "Expect: a-miracle"), Want: status(417)}),
	}
}

var keepsAlive = Want{"Connection: keep-alive", func(a *Answer, _ Level) bool {
	return fieldName(a.Header.Get("Connection")) == "keep-alive"
}}

// pipelined is H23: twenty calls in one go.
func pipelined() Case {
	c := Case{Rule: "H23", Words: "20 pipelined calls are answered in order", Level: CO2, Needs: []string{"echo"}}
	var all []sender
	for i := range 20 {
		x := fmt.Sprintf("<int>%d</int>", i)
		all = append(all, posting(echoing(x)))
		c.Talk = append(c.Talk, Turn{Want: echoes(x)})
	}
	c.Talk[0].Send = then(all...)
	return c
}
