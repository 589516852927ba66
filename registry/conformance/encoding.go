package conformance

import (
	"strings"
	"unicode/utf16"
)

// encodingCases are X1 to X5.
func encodingCases() []Case {
	// in declares an encoding and holds a text as the octets say.
	in := func(name, octets string) body {
		return plain(strings.Replace(echoText("<string>"+octets+"</string>"), `version="1.0"`, `version="1.0" encoding="`+name+`"`, 1))
	}
	text := func(s string) Want { return echoes("<string>" + s + "</string>") }
	declared := func(rule, name string, level Level, octets, meant string) row {
		return row{rule, "encoding=" + name, level, posting(in(name, octets)), text(meant)}
	}
	unknown := func(words, name string) row {
		return row{"X3", words, Convention, posting(in(name, "x")), faults(-32701)}
	}
	told := func(rule, charset string, level Level, content body, want Want) row {
		return row{rule, "charset=" + charset, level, posting(content, "Content-Type: text/xml; charset="+charset), want}
	}
	bad := func(words, octets string) row {
		return row{"X4", words, Spec, posting(echoing("<string>" + octets + "</string>")), faults(-32702, -32700)}
	}
	return fromRows([]row{
		{"X1", "bare text/xml is UTF-8", Spec, posting(echoing("<string>é€😀</string>")), text("é€😀")},
		{"X1", "a byte order mark of UTF-8", Spec, posting(then(plain("\ufeff"), echoing("<string>é</string>"))), text("é")},
		{"X1", "the mark wins over charset and declaration", CO2, posting(then(plain("\ufeff"), in("us-ascii", "é")), "Content-Type: text/xml; charset=iso-8859-1"), text("é")},
		{"X1", "charset wins over the declaration", Spec, posting(in("iso-8859-1", "é"), "Content-Type: text/xml; charset=utf-8"), text("é")},

		declared("X2", "UTF-8", Spec, "é", "é"), declared("X2", "utf8", CO2, "é", "é"),
		declared("X2", "us-ascii", Convention, "e", "e"), declared("X2", "US-ASCII", CO2, "é", "é"),
		declared("X2", "ISO-8859-1", Convention, "\xe9", "é"), declared("X2", "latin1", CO2, "\xe9", "é"),
		declared("X2", "iso-8859-15", CO2, "\xa4", "€"), declared("X2", "windows-1252", CO2, "\x80\xe9", "€é"), declared("X2", "CP1252", CO2, "\x93", "“"),
		told("X2", "iso-8859-1", Convention, echoing("<string>\xe9</string>"), text("é")),
		told("X2", "Windows-1252", CO2, echoing("<string>\x80</string>"), text("€")),
		told("X2", "utf-16le", CO2, utf16Of(echoing("<string>é😀</string>"), false, false), text("é😀")),
		told("X2", "utf-16be", CO2, utf16Of(echoing("<string>é😀</string>"), true, false), text("é😀")),
		{"X2", "UTF-16 with a mark, little end first", Spec, posting(utf16Of(in("utf-16", "é😀"), false, true)), text("é😀")},
		{"X2", "UTF-16 with a mark, big end first", Spec, posting(utf16Of(in("utf-16", "é😀"), true, true)), text("é😀")},

		unknown("encoding=x-klingon", "x-klingon"), unknown("encoding=utf-7", "utf-7"), unknown("encoding=utf-32", "utf-32"),
		unknown("encoding=ebcdic-cp-us", "ebcdic-cp-us"), unknown("a name of 41 characters", "u"+strings.Repeat("8", 40)),
		told("X3", "x-klingon", Convention, echoing("x"), faults(-32701)),

		bad("octet FF", "\xff"), bad("a sequence cut short", "a\xe2\x82"), bad("a stray continuation", "\x80"), bad("an overlong form", "\xc0\x80"),
		bad("an overlong slash", "\xe0\x80\xaf"), bad("an encoded surrogate", "\xed\xa0\x80"), bad("beyond U+10FFFF", "\xf4\x90\x80\x80"),
		bad("in a comment", "<!-- \xff -->"), bad("in a processing instruction", "<?a \xff?>"), bad("in CDATA", "<![CDATA[\xff]]>"),
		{"X4", "in a member name", Spec, posting(echoing("<struct><member><name>\xff</name><value/></member></struct>")), faults(-32702, -32700)},
		{"X4", "UTF-16 of an odd number of octets", Spec, posting(then(utf16Of(echoing("x"), true, true), octets("\x00"))), faults(-32702, -32700)},
		{"X4", "UTF-16 with half a surrogate pair", Spec, posting(changed(utf16Of(echoing("<string>😀</string>"), true, true), halfPair)), faults(-32702, -32700)},
	}, "echo")
}

// utf16Of transcodes a body from UTF-8.
func utf16Of(content body, bigEnd, mark bool) body {
	return changed(content, func(b []byte) []byte {
		units := utf16.Encode([]rune(string(b)))
		if mark {
			units = append([]uint16{0xfeff}, units...)
		}
		var out []byte
		for _, u := range units {
			if bigEnd {
				out = append(out, byte(u>>8), byte(u))
			} else {
				out = append(out, byte(u), byte(u>>8))
			}
		}
		return out
	})
}

// halfPair takes the second half of the first surrogate pair away.
func halfPair(b []byte) []byte {
	for i := 0; i+3 < len(b); i += 2 {
		if b[i]&0xfc == 0xd8 {
			return append(b[:i+2], b[i+4:]...)
		}
	}
	return b
}
