package conformance

import (
	"encoding/base64"
	"strings"
)

// textCases are V-STR, V-DT and V-B64.
func textCases() []Case {
	var rows []echoRow
	fits := func(rule string, level Level, words, x, back string) {
		rows = append(rows, echoRow{rule, level, words, x, back})
	}
	s := func(text string) string { return "<string>" + text + "</string>" }
	fits("V-STR-1", Spec, "an untyped value", "South Dakota", s("South Dakota"))
	fits("V-STR-1", Spec, "an empty value", "", s(""))
	fits("V-STR-1", Spec, "an empty string", s(""), "")
	fits("V-STR-1", Spec, "<string/>", "<string/>", s(""))
	fits("V-STR-1", Spec, "a value of three blanks", "   ", s("   "))
	fits("V-STR-1", Spec, "an untyped value that looks like a number", "42", s("42"))
	fits("V-STR-2", Spec, "Latin, Greek, CJK and beyond the first plane", s("éßΩ漢字한글😀𝄞"), "")
	fits("V-STR-2", Spec, "an astral character by reference", s("&#x1F600;"), s("😀"))
	fits("V-STR-4", Spec, "nothing is trimmed, normalised or interpreted", s(` %s %00 $HOME \n \\ e`+"\u0301 "), "")
	fits("V-STR-4", Spec, "a string that looks like XML", s("&lt;nil/&gt;"), "")

	date := func(text string) string { return "<dateTime.iso8601>" + text + "</dateTime.iso8601>" }
	const moment = "19980717T14:08:55"
	fits("V-DT-1", Spec, "", date(moment), "")
	for _, text := range []string{
		"1998-07-17T14:08:55", "19980717T140855", "19980717 14:08:55", "19980717T14:08:55Z", "1998-07-17T14:08:55Z", "19980717T16:08:55+0200",
		"19980717T16:08:55+02:00", "19980717T16:08:55+02",
		"19980717T09:08:55-05:00", "1998-07-17T14:08:55.5", "1998-07-17T14:08:55,123456789Z", "1998-07-17T16:08:55.123+02:00", "19980718T00:08:55+10:00",
	} {
		fits("V-DT-1", CO2, "", date(text), date(moment))
	}
	fits("V-DT-2", CO2, "29 February 2000", date("20000229T00:00:00"), "")
	fits("V-DT-3", CO2, "a zone leads into another year", date("20000101T00:30:00+01:00"), date("19991231T23:30:00"))
	fits("V-DT-4", CO2, "the year 1", date("00010101T00:00:00"), "")
	for _, text := range []string{
		"", "19980717", "14:08:55", "00000000T00:00:00", "19980717T24:00:00", "19980717T23:59:60", "19980717T23:60:00", "19981317T00:00:00", "19980700T00:00:00",
		"19980431T00:00:00", "19990229T00:00:00", "19000229T00:00:00",
		"900684535", "19980717T14:08", "19980717X14:08:55", "19980717T14:08:55.", "19980717T14:08:55.1234567890", "19980717T14:08:55+25:00",
		"19980717T14:08:55 +02", "199807-17T14:08:55", "1998-7-17T14:08:55", "today",
	} {
		fits("V-DT-2", Convention, "", date(text), "-32600")
	}
	return append(fromEchoRows(rows), base64Cases()...)
}

// base64Cases are V-B64.
func base64Cases() []Case {
	b64 := func(text string) string { return "<base64>" + text + "</base64>" }
	var every strings.Builder
	for c := range 256 {
		every.WriteByte(byte(c))
	}
	all := base64.StdEncoding.EncodeToString([]byte(every.String()))
	bad := func(words, text string) echoRow { return echoRow{"V-B64-2", Convention, words, b64(text), "-32600"} }
	return fromEchoRows([]echoRow{
		{"V-B64-1", Spec, "", b64("eW91IGNhbid0IHJlYWQgdGhpcyE="), ""},
		{"V-B64-1", Spec, "lines of 76 characters", b64(all[:76] + "\n" + all[76:152] + "\n" + all[152:] + "\n"), b64(all)},
		{"V-B64-1", Convention, "line ends by reference", b64("YWJj&#10;ZGVm&#13;&#10;"), b64("YWJjZGVm")},
		{"V-B64-1", CO2, "a blank inside a quantum", b64("Y W\nJ\tj"), b64("YWJj")},
		{"V-B64-1", Spec, "nothing is no octets", b64(""), ""},
		{"V-B64-1", Spec, "<base64/>", "<base64/>", b64("")},
		bad("three characters", "abc"), bad("text", "hello world"), bad("the URL's alphabet", "_-8="), bad("padding inside", "YQ==YQ=="),
		bad("too much padding", "YQ==="), bad("padding alone", "===="), bad("one padding too few", "YQ="), bad("a character that is none", "YW*j"),
		bad("not ASCII", "YWJé"),
		{"V-B64-2", CO2, "padding bits that are not zero", b64("YR=="), b64("YQ==")},
		{"V-B64-3", CO2, "back on one line, padded", b64(all[:100] + "\n" + all[100:]), b64(all)},
		{"V-B64-4", Spec, "all 256 octets", b64(all), ""},
	})
}
