package conformance

// browserCases are H25, H26 and H28: what pages in a browser must not reach,
// and what errors must not tell.
func browserCases() []Case {
	post := func(rule, words string, want Want, header ...string) row {
		return row{rule, words, CO2, posting(goodCall, header...), want}
	}
	return fromRows([]row{
		post("H25", "a foreign Origin", status(403), "Origin: http://a"),
		post("H25", "the own Origin", aResult, "Origin: {origin}"),
		post("H25", "Origin: null", status(403), "Origin: null"),
		post("H25", "the own host, another port", status(403), "Origin: {origin}1"),
		post("H25", "the own Origin and a foreign one", status(403), "Origin: {origin}", "Origin: http://a"),
		post("H25", "cross-site", status(403), "Sec-Fetch-Site: cross-site"),
		post("H25", "same-site", status(403), "Sec-Fetch-Site: same-site"),
		post("H25", "same-origin", aResult, "Sec-Fetch-Site: same-origin"),
		post("H25", "Sec-Fetch-Site: none", aResult, "Sec-Fetch-Site: none"),
		{"H25", "before parsing", CO2, posting(plain("no XML"), "Origin: http://a"), status(403)},
		{"H25", "a page may be asked for from elsewhere", CO2, raw("GET / HTTP/1.1", "Host: {host}", "Origin: http://a", "Sec-Fetch-Site: cross-site"), status(200)},
		{"H26", "a page under a foreign name", CO2, raw("GET / HTTP/1.1", "Host: evil.example"), status(421)},
		{"H26", "a page under localhost, another port", CO2, raw("GET / HTTP/1.1", "Host: LocalHost:1"), status(200)},
		{"H26", "a page under an IPv6 address", CO2, raw("GET / HTTP/1.1", "Host: [::1]:9"), status(200)},
		post("H26", "Origin and a foreign name", status(421), "Host: evil.example", "Origin: http://evil.example"),
		post("H26", "Cookie and a foreign name", status(421), "Host: evil.example", "Cookie: a=b"),
		post("H26", "Sec-Fetch-Mode and a foreign name", status(421), "Host: evil.example", "Sec-Fetch-Mode: cors"),
		post("H26", "Cookie and an IP address", aResult, "Host: 192.0.2.1:7", "Cookie: a=b"),
		post("H26", "a program may use any name", aResult, "Host: relay.example"),
		{"H28", "an error does not repeat the path", CO2, postingTo("POST /co2-marker-7e1f HTTP/1.1", goodCall), and(status(404), lacks("co2-marker"))},
		{"H28", "nor the media type", CO2, posting(goodCall, "Content-Type: text/co2-marker"), and(status(415), lacks("co2-marker"))},
		{"H28", "nor the coding", CO2, posting(goodCall, "Content-Encoding: co2-marker"), and(status(415), lacks("co2-marker"))},
		{"H28", "nor the Host", CO2, raw("GET / HTTP/1.1", "Host: co2-marker.example"), and(status(421), lacks("co2-marker"))},
		{"H28", "nor the Origin", CO2, posting(goodCall, "Origin: http://co2-marker"), and(status(403), lacks("co2-marker"))},
	})
}
