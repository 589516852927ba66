package conformance

import (
	"bytes"
	"fmt"
	"strings"
)

// lengthCases are H10 to H17: how long a body is.
func lengthCases() []Case {
	length := func(rule, value string, want Want) row {
		return row{rule, "Content-Length: " + value, CO2, then(announcing("Content-Length: "+value), goodCall), want}
	}
	refused := orClosed(status(400))
	rows := []row{
		{"H10", "no length at all", CO2, announcing(), status(411)},
		{"H10", "length 0 is an empty document", CO2, posting(plain("")), faults(-32700)},
		{"H10", "leading zeros, 18 digits", CO2, sized("%018d"), aResult},
		{"H10", "19 digits", CO2, sized("%019d"), refused},
		{"H10", "chunked", Spec, postingChunks(chunked(goodCall, 64, "")), aResult},
		{"H10", "Chunked, in any case", Spec, postingChunks(chunked(goodCall, 64, ""), "Transfer-Encoding: ChunKed"), aResult},
		length("H11", "+5", refused), length("H11", "-5", refused), length("H11", "0x5", refused), length("H11", "1e3", refused),
		length("H11", "5 5", refused), length("H11", "5,6", refused), length("H11", "many", refused), length("H11", "5.0", refused),
		{"H11", "Content-Length: (nothing)", CO2, then(announcing("Content-Length:"), goodCall), refused},
		{"H11", "two lengths that differ", CO2, then(announcing("Content-Length: 5", "Content-Length: 6"), goodCall), refused},
		{"H11", "a blank before the colon", CO2, then(announcing("Content-Length : 5"), goodCall), refused},
	}
	coded := func(rule, coding string, codes ...int) row {
		return row{rule, "Transfer-Encoding: " + coding, CO2, postingChunks(chunked(goodCall, 64, ""), "Transfer-Encoding: "+coding), orClosed(status(codes...))}
	}
	rows = append(rows,
		coded("H13", "gzip", 400, 501), coded("H13", "gzip, chunked", 400, 501), coded("H13", "chunked, chunked", 400, 501),
		coded("H13", "xchunked", 400, 501), coded("H13", "chunked, identity", 400, 501), coded("H13", "\vchunked", 400, 501),
		row{"H13", "two Transfer-Encodings", CO2, postingChunks(chunked(goodCall, 64, ""), "Transfer-Encoding: identity", "Transfer-Encoding: chunked"), orClosed(status(400, 501))},
		row{"H13", "a blank before the colon", CO2, then(announcing("Transfer-Encoding : chunked", "Content-Length: 5"), chunked(goodCall, 64, "")), refused},
		row{"H13", "chunked in HTTP/1.0", CO2, then(raw("POST {path} HTTP/1.0", "Host: {host}", "Content-Type: text/xml", "Transfer-Encoding: chunked"), chunked(goodCall, 64, "")), orClosed(status(400, 411))},
	)
	cases := append(fromRows(rows), chunkCases()...)
	cases = append(cases, shortBodyCases()...)
	return append(cases, smuggle("longer than the chunks", 5000), smuggle("shorter than the chunks", 5))
}

// sized sends a good call whose length is spelled in a form.
func sized(form string) sender {
	return func(t *Target) []byte {
		b := goodCall(t)
		return append(announcing("Content-Length: "+fmt.Sprintf(form, len(b)))(t), b...)
	}
}

// chunkCases are H14.
func chunkCases() []Case {
	edit := func(old, new string) sender {
		return postingChunks(changed(chunked(goodCall, 32, ""), func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }))
	}
	refused := orClosed(status(400))
	return fromRows([]row{
		{"H14", "chunks of one octet", Spec, postingChunks(chunked(goodCall, 1, "")), aResult},
		{"H14", "one chunk", Spec, postingChunks(chunked(goodCall, 1<<20, "")), aResult},
		{"H14", "extensions of a chunk are ignored", Spec, edit("20\r\n", "20;a=b;c=\"d\"\r\n"), aResult},
		{"H14", "trailers are ignored", Spec, postingChunks(chunked(goodCall, 64, "X-Sum: 1\r\nX-More: 2\r\n")), aResult},
		{"H14", "leading zeros of a size", Spec, edit("20\r\n", "00020\r\n"), aResult},
		{"H14", "a size that is no number", CO2, edit("20\r\n", "zz\r\n"), refused},
		{"H14", "an empty size", CO2, edit("20\r\n", "\r\n"), refused},
		{"H14", "a negative size", CO2, edit("20\r\n", "-20\r\n"), refused},
		{"H14", "a size with a sign", CO2, edit("20\r\n", "+20\r\n"), refused},
		{"H14", "a size with 0x", CO2, edit("20\r\n", "0x20\r\n"), refused},
		{"H14", "a size beyond 64 bit", CO2, edit("20\r\n", "10000000000000020\r\n"), refused},
		{"H14", "a chunk longer than its size", CO2, edit("20\r\n", "1f\r\n"), refused},
		{"H14", "trailers without end", CO2, postingChunks(chunked(goodCall, 64, strings.Repeat("X-Sum: "+strings.Repeat("1", 100)+"\r\n", 1000))), orClosed(status(400, 413, 431))},
	})
}

// shortBodyCases are H15 to H17.
func shortBodyCases() []Case {
	cutOff := func(words string, send sender) Case {
		return Case{Rule: "H15", Words: words, Level: Spec, Talk: []Turn{{Send: send, Want: unprocessed, Then: halfClose}}}
	}
	tooLong := func(words, length string, header ...string) Case {
		return Case{
			Rule: "H17", Words: words, Level: CO2,
			Talk: one(announcing(append(header, "Content-Length: "+length)...), and(status(413), unasked)),
		}
	}
	return []Case{
		cutOff("a body that ends early", then(announcing("Content-Length: 5000"), goodCall)),
		cutOff("chunks that end early", postingChunks(changed(chunked(goodCall, 64, ""), func(b []byte) []byte { return b[:len(b)-5] }))),
		cutOff("a chunk that ends early", postingChunks(changed(chunked(goodCall, 64, ""), func(b []byte) []byte { return b[:len(b)/2] }))),
		tooLong("8 MiB and one octet is refused before the body", "8388609"),
		tooLong("4000000000 octets are refused before the body", "4000000000"),
		tooLong("18 nines are refused before the body", strings.Repeat("9", 18)),
		tooLong("and without 100 Continue", "8388609", "Expect: 100-continue"),
	}
}

// unprocessed wants HTTP 400, or the connection closed; by the public text any
// refusal will do.
var unprocessed = Want{"HTTP 400, or the connection closed", func(a *Answer, strict Level) bool {
	return a.silent() || a.Status == 400 || strict < CO2 && a.refused()
}}

// smuggle is H12: Content-Length beside chunks. Either the request is refused
// and nothing after it is read, or the chunks alone count and the next request
// is answered.
func smuggle(words string, length int) Case {
	return Case{Rule: "H12", Words: "both lengths, Content-Length " + words, Level: CO2, Do: func(k *Talker) *Difference {
		l, err := k.dial()
		if err != nil {
			return nil
		}
		both := postingChunks(chunked(goodCall, 64, ""), fmt.Sprintf("Content-Length: %d", length))
		sent, first := k.ask(l, Turn{Send: then(both, posting(goodCall))})
		if first.silent() || status(400).meets(first, k.strict) && first.Closed {
			return nil
		}
		_, second := k.ask(l, Turn{})
		if aResult.meets(first, k.strict) && aResult.meets(second, k.strict) {
			return nil
		}
		return &Difference{show(sent), "HTTP 400 and the connection closed, or two results", first.String() + " and " + second.String()}
	}}
}
