package conformance

// requestLineCases are H1 to H5: verbs, targets, versions, Host.
func requestLineCases() []Case {
	const about = "X-About: co2-marker-7e1f"
	notAllowed := and(status(405), header("Allow", "POST"))
	cases := fromRows([]row{
		{"H1", "POST calls", Spec, posting(goodCall), aResult},
		{"H1", "PUT is refused", CO2, postingTo("PUT {path} HTTP/1.1", goodCall), notAllowed},
		{"H1", "DELETE is refused", CO2, raw("DELETE {path} HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "PATCH is refused", CO2, postingTo("PATCH {path} HTTP/1.1", goodCall), notAllowed},
		{"H1", "GET /RPC2 is refused", CO2, raw("GET /RPC2 HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "HEAD /RPC2 is refused", CO2, raw("HEAD /RPC2 HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "OPTIONS is refused", CO2, raw("OPTIONS {path} HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "OPTIONS * is refused", CO2, raw("OPTIONS * HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "a browser's preflight is refused", CO2, raw("OPTIONS {path} HTTP/1.1", "Host: {host}", "Origin: http://a.example",
			"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"), notAllowed},
		{"H1", "CONNECT is refused", CO2, raw("CONNECT {host} HTTP/1.1", "Host: {host}"), notAllowed},
		{"H1", "TRACE is refused and echoes nothing", CO2, raw("TRACE {path} HTTP/1.1", "Host: {host}", about), and(notAllowed, lacks("co2-marker"))},
		{"H1", "an unknown verb is refused", CO2, postingTo("BREW {path} HTTP/1.1", goodCall), status(405, 501)},
		{"H1", "verbs are case-sensitive", CO2, postingTo("post {path} HTTP/1.1", goodCall), status(400, 405, 501)},

		{"H2", "/RPC2 takes calls", CO2, postingTo("POST /RPC2 HTTP/1.1", goodCall), aResult},
		{"H2", "/ takes calls", CO2, postingTo("POST / HTTP/1.1", goodCall), aResult},
		{"H2", "a query is ignored", CO2, postingTo("POST {path}?a=b&c HTTP/1.1", goodCall), aResult},
		{"H2", "the absolute form of a target", Spec, postingTo("POST {origin}{path} HTTP/1.1", goodCall), aResult},
		{"H2", "the absolute form without a path", CO2, postingTo("POST {origin} HTTP/1.1", goodCall), aResult},
		{"H2", "POST to another path", CO2, postingTo("POST /nope HTTP/1.1", goodCall), status(404)},
		{"H2", "POST to /rpc2: case counts", CO2, postingTo("POST /rpc2 HTTP/1.1", goodCall), status(404)},
		{"H2", "POST below /RPC2", CO2, postingTo("POST /RPC2/x HTTP/1.1", goodCall), status(404)},
		{"H2", "no way to files", CO2, raw("GET /../../etc/passwd HTTP/1.1", "Host: {host}"), status(400, 404)},
		{"H2", "no way to files, escaped", CO2, raw("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "Host: {host}"), status(400, 404)},
		{"H2", "GET / is a page", CO2, raw("GET / HTTP/1.1", "Host: {host}"), and(status(200), holds("<"))},
		{"H2", "HEAD / is its head", CO2, raw("HEAD / HTTP/1.1", "Host: {host}"), status(200)},
		{"H2", "no profiling page", CO2, raw("GET /debug/pprof/ HTTP/1.1", "Host: {host}"), status(404)},

		{"H3", "HTTP/1.0", Spec, postingTo("POST {path} HTTP/1.0", goodCall), aResult},
		{"H3", "HTTP/0.9 is refused", CO2, plain("POST {path}\r\n\r\n"), orClosed(status(400, 505))},
		{"H3", "HTTP/2.0 in the request line is refused", Spec, postingTo("POST {path} HTTP/2.0", goodCall), orClosed(status(400, 505))},
		{"H3", "HTTP/9.1 is refused", Spec, postingTo("POST {path} HTTP/9.1", goodCall), orClosed(status(400, 505))},
		{"H3", "the preface of HTTP/2 is refused", CO2, plain("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), orClosed(status(400, 405, 501, 505))},
		{"H3", "an offer of h2c is ignored", Spec, posting(goodCall, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"), aResult},
		{"H3", "an offer of websocket is ignored", Spec, posting(goodCall, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), aResult},
		{"H3", "a request line of too many words", CO2, postingTo("POST {path} HTTP/1.1 x", goodCall), status(400)},
		{"H3", "a request line without a target", CO2, postingTo("POST HTTP/1.1", goodCall), orClosed(status(400))},

		{"H4", "HTTP/1.1 without Host", Spec, posting(goodCall, "!Host"), status(400)},
		{"H4", "two Hosts", Spec, posting(goodCall, "Host: {host}", "Host: {host}"), status(400)},
		{"H4", "HTTP/1.0 without Host", Spec, postingTo("POST {path} HTTP/1.0", goodCall, "!Host"), aResult},

		{"H5", "an empty line before the request", Convention, then(plain("\r\n"), posting(goodCall)), aResult},
		{"H5", "several empty lines before the request", Convention, then(plain("\r\n\r\n\r\n"), posting(goodCall)), aResult},
	})
	return append(cases, Case{
		Rule: "H5", Words: "empty lines between requests", Level: Convention,
		Talk: []Turn{{Send: posting(goodCall), Want: aResult}, {Send: then(plain("\r\n\r\n"), posting(goodCall)), Want: aResult}},
	})
}
