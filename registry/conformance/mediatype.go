package conformance

// mediaTypeCases are H6 to H9.
func mediaTypeCases() []Case {
	typed := func(rule, kind string, level Level, want Want) row {
		return row{rule, kind, level, posting(goodCall, "Content-Type: "+kind), want}
	}
	return fromRows([]row{
		typed("H6", "text/xml", Spec, aResult),
		typed("H6", "TEXT/XML", Spec, aResult),
		typed("H6", "text/xml; charset=utf-8", Spec, aResult),
		typed("H6", `text/xml;charset="utf-8";x=y`, Spec, aResult),
		typed("H6", "application/xml", CO2, aResult),
		typed("H6", "application/xml-rpc", CO2, aResult),
		typed("H6", "Text/Vnd.Example+XML", CO2, aResult),
		typed("H6", "application/vnd.example+xml; v=1", CO2, aResult),
		{"H7", "no Content-Type", CO2, posting(goodCall, "!Content-Type"), aResult},
		{"H7", "no Content-Type, with an Origin", CO2, posting(goodCall, "!Content-Type", "Origin: {origin}"), status(415)},
		{"H7", "no Content-Type, cross-site", CO2, posting(goodCall, "!Content-Type", "Sec-Fetch-Site: cross-site"), status(403, 415)},
		typed("H8", "text/plain", CO2, status(415)),
		typed("H8", "text/plain; x=text/xml", CO2, status(415)),
		typed("H8", "application/x-www-form-urlencoded", CO2, status(415)),
		typed("H8", "multipart/form-data; boundary=text/xml", CO2, status(415)),
		typed("H8", "application/json", CO2, status(415)),
		typed("H8", "application/octet-stream", CO2, status(415)),
		typed("H8", "text/html", CO2, status(415)),
		typed("H8", "text/xmlx", CO2, status(415)),
		typed("H8", "image/svg+xml", CO2, status(415)),
		typed("H8", "*/*", CO2, status(415)),
		typed("H8", ";;", CO2, status(415)),
	})
}
