package conformance

import "strings"

// vectorCases are the vectors of section 14, one by one.
func vectorCases() []Case {
	cases := fromEchoRows(valueVectors())
	cases = append(cases, fromDocumentRows(documentVectors())...)
	cases = append(cases, httpVectors()...)
	for i := range cases {
		cases[i].Rule, cases[i].Level = "14", CO2
	}
	return cases
}

func valueVectors() []echoRow {
	var rows []echoRow
	vector := func(x, back string, words ...string) {
		rows = append(rows, echoRow{words: strings.Join(words, ""), x: x, back: back})
	}
	vector("  a b  ", "<string>  a b  </string>")
	vector("", "<string></string>", "nothing")
	vector("<string/>", "<string></string>")
	vector("ab<!-- c -->cd", "<string>abcd</string>")
	vector("<string>a<![CDATA[]]]]><![CDATA[>]]>b</string>", "<string>a]]&gt;b</string>")
	vector("<string>a&#13;&#10;b</string>", "<string>a&#13;\nb</string>")
	vector("<string>a\r\nb</string>", "<string>a\nb</string>", "a string with raw CR LF")
	vector("<string>&#x1F600;</string>", "<string>\U0001F600</string>")
	vector("<int>+7</int>", "<int>7</int>")
	vector("<i8>\n 5 \n</i8>", "<int>5</int>", "<i8> on a line of its own")
	vector("<int>4611686018427387904</int>", "<i8>4611686018427387904</i8>")
	vector("<boolean>true</boolean>", "<boolean>1</boolean>")
	vector("<double>1e300</double>", "<double>1"+strings.Repeat("0", 300)+".0</double>")
	vector("<double>1e-7</double>", "<double>0.0000001</double>")
	vector("<double>-0.0</double>", "<double>-0.0</double>")
	vector("<dateTime.iso8601>1998-07-17T16:08:55.123+02:00</dateTime.iso8601>", "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>")
	vector("<base64>YQ\n==</base64>", "<base64>YQ==</base64>", "base64 with a line end in its padding")
	vector("<nil/>", "<nil/>")
	vector("<ex:nil xmlns:ex="+apache+"/>", "<nil/>")
	vector("<array/>", "<array><data></data></array>")
	vector(nested(127), nested(127), "127 nested arrays")
	vector(nested(128), "-32001", "128 nested arrays")
	for _, x := range []string{
		"<int>9223372036854775808</int>", "<int></int>", "<int>1e3</int>", "<int>0x10</int>", "<boolean>2</boolean>",
		"<double>NaN</double>", "<double>0x1p-2</double>", "<double>1e999</double>", "<dateTime.iso8601>00000000T00:00:00</dateTime.iso8601>",
		"<base64>abc</base64>", "<base64>hello world</base64>", `<z:nil xmlns:z="http://example.org/"/>`, "<array><value>1</value></array>",
		"x<int>1</int>", "<int>1</int><int>2</int>", "<float>1</float>",
	} {
		vector(x, "-32600")
	}
	vector(members("a", "1", "a", "2"), "-32600", "member a twice")
	vector("<struct><member><value>1</value><name>a</name></member></struct>", "-32600", "value before name")
	vector("<struct><member><name>a</name></member></struct>", "-32600", "member without value")
	return rows
}

func documentVectors() []documentRow {
	doc := echoText("<int>1</int>")
	edit := func(words, old, new, back string) documentRow {
		return documentRow{words: words, doc: strings.Replace(doc, old, new, 1), back: back}
	}
	return []documentRow{
		{words: "empty body", doc: "", back: "-32700"},
		{words: "hello", doc: "hello", back: "-32700"},
		{words: "two roots", doc: doc + "<a/>", back: "-32700"},
		{words: "blank before the declaration", doc: " " + doc, back: "-32700"},
		edit("a DOCTYPE with an entity before a good call", "<methodCall>", `<!DOCTYPE m [<!ENTITY a "b">]><methodCall>`, "-32600"),
		edit("octet FF in a string", "<int>1</int>", "<string>\xff</string>", "-32702"),
		edit("&#0;", "<int>1</int>", "<string>&#0;</string>", "-32700"),
		edit("x-klingon", `version="1.0"`, `version="1.0" encoding="x-klingon"`, "-32701"),
		{words: "methodResponse root", doc: "<methodResponse><params><param><value/></param></params></methodResponse>", back: "-32600"},
		edit("two methodNames", "<params>", "<methodName>x</methodName><params>", "-32600"),
		edit("an empty param", "<params>", "<params><param></param>", "-32600"),
		{words: "no.such", doc: callText("no.such"), back: "-32601"},
		{words: "relay.Register", doc: callText("relay.Register"), back: "-32601"},
	}
}

// httpVectors are those of HTTP, and of methods that a server may lack.
func httpVectors() []Case {
	long := "<string>" + strings.Repeat("chunk ", 50) + "</string>"
	cases := fromRows([]row{
		{words: "GET /RPC2", send: raw("GET /RPC2 HTTP/1.1", "Host: {host}"), want: status(405)},
		{words: "POST /nope", send: postingTo("POST /nope HTTP/1.1", goodCall), want: status(404)},
		{words: "text/plain", send: posting(goodCall, "Content-Type: text/plain"), want: status(415)},
		{words: "Origin: http://a", send: posting(goodCall, "Origin: http://a"), want: status(403)},
		{words: "GET / with Host: evil.example", send: raw("GET / HTTP/1.1", "Host: evil.example"), want: status(421)},
		{words: "no length", send: announcing(), want: status(411)},
		{words: "length 4000000000", send: announcing("Content-Length: 4000000000"), want: and(status(413), unasked)},
		{words: "Content-Encoding: br", send: posting(goodCall, "Content-Encoding: br"), want: status(415)},
		{words: "HTTP/1.0", send: postingTo("POST {path} HTTP/1.0", goodCall), want: aResult},
		{words: "Expect: 100-continue", send: posting(goodCall, "Expect: 100-continue"), want: aResult},
	})
	cases = append(cases, heavy(fromRows([]row{{words: "gzip of 1 GiB of blanks", send: posting(gzipOfBlanks, "Content-Encoding: gzip"), want: status(413)}}))...)
	cases = append(cases, fromRows([]row{{words: "chunks of one octet", send: postingChunks(chunked(echoing(long), 1, "")), want: echoes(long)}}, "echo")...)
	piped := pipelined()
	piped.Words = "20 pipelined"
	cases = append(cases, piped)
	cases = append(cases, fromRows([]row{
		{words: "test()", send: posting(call("test")), want: answers("<struct></struct>")},
		{words: "test({}, {})", send: posting(call("test", "<struct/>", "<struct/>")), want: faults(-32602)},
	}, "test")...)
	return append(cases, fromRows([]row{
		{words: "multicall of ping, no.such, system.multicall", send: posting(multicall(entry("ping"), entry("no.such"), entry("system.multicall"))), want: results(`[string "OK"]`, -32601, -32600)},
	}, "system.multicall", "ping")...)
}
