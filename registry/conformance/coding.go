package conformance

import (
	"bytes"
	"compress/gzip"
	"strings"
)

// codingCases are H18 to H20: packed requests.
func codingCases() []Case {
	coded := func(rule, coding, words string, level Level, content body, want Want) row {
		return row{rule, strings.TrimSpace(coding + " " + words), level, posting(content, "Content-Encoding: "+coding), want}
	}
	unknown := and(status(415), header("Accept-Encoding", "gzip, deflate"))
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	flip := func(fromEnd int) func([]byte) []byte {
		return func(b []byte) []byte { b[len(b)-fromEnd] ^= 1; return b }
	}
	junk := func(b []byte) []byte { return append(b, "junk"...) }
	cases := fromRows([]row{
		coded("H18", "gzip", "", Convention, gzipped(goodCall), aResult),
		coded("H18", "GZip", "", Convention, gzipped(goodCall), aResult),
		coded("H18", "x-gzip", "", CO2, gzipped(goodCall), aResult),
		coded("H18", "deflate", "(zlib)", CO2, zlibbed(goodCall), aResult),
		coded("H18", "deflate", "(raw)", CO2, deflated(goodCall), aResult),
		coded("H18", "identity", "", CO2, goodCall, aResult),
		coded("H19", "br", "", CO2, goodCall, unknown),
		coded("H19", "compress", "", CO2, goodCall, unknown),
		coded("H19", "gzip, gzip", "", CO2, gzipped(gzipped(goodCall)), unknown),
		coded("H19", "identity, gzip", "", CO2, gzipped(goodCall), unknown),
		coded("H20", "gzip", "of two members is one stream", CO2, then(gzipped(plain("")), gzipped(goodCall)), aResult),
		coded("H20", "gzip", "cut off", CO2, changed(gzipped(goodCall), cut(1)), status(400)),
		coded("H20", "gzip", "cut in the middle", CO2, changed(gzipped(goodCall), cut(60)), status(400)),
		coded("H20", "gzip", "with a wrong sum", CO2, changed(gzipped(goodCall), flip(8)), status(400)),
		coded("H20", "gzip", "with a wrong size", CO2, changed(gzipped(goodCall), flip(4)), status(400)),
		coded("H20", "gzip", "with octets behind it", CO2, changed(gzipped(goodCall), junk), status(400)),
		coded("H20", "gzip", "that is none", CO2, goodCall, status(400)),
		coded("H20", "gzip", "of nothing", CO2, plain(""), status(400)),
		coded("H20", "deflate", "cut off", CO2, changed(zlibbed(goodCall), cut(1)), status(400)),
		coded("H20", "deflate", "with a wrong sum", CO2, changed(zlibbed(goodCall), flip(1)), status(400)),
		coded("H20", "deflate", "with octets behind it", CO2, changed(zlibbed(goodCall), junk), status(400)),
	})
	bomb := Case{Rule: "H20", Words: "gzip of 1 GiB of blanks", Level: CO2, Heavy: true, Talk: one(posting(gzipOfBlanks, "Content-Encoding: gzip"), status(413))}
	return append(cases, bomb)
}

// gzipOfBlanks is 1 GiB of blanks in 1,024 members, about 1 MiB packed.
func gzipOfBlanks(*Target) []byte {
	var member bytes.Buffer
	w := gzip.NewWriter(&member)
	w.Write(bytes.Repeat([]byte(" "), 1<<20)) // a Buffer takes everything
	w.Close()
	return bytes.Repeat(member.Bytes(), 1024)
}

// gzipAnswerCases are H21: packed answers.
func gzipAnswerCases() []Case {
	long := "<string>" + strings.Repeat("abcdefghij", 200) + "</string>"
	packed := and(and(and(status(200), header("Content-Encoding", "gzip")), header("Vary", "Accept-Encoding")), echoes(long))
	unpacked := and(header("Content-Encoding", ""), echoes(long))
	accepting := func(words, accept string, want Want) row {
		return row{"H21", words, CO2, posting(echoing(long), "Accept-Encoding: "+accept), want}
	}
	cases := fromRows([]row{
		accepting("gzip is asked for", "gzip", packed),
		accepting("gzip beside others", "deflate, GZIP;q=0.5, br", packed),
		accepting("any coding is asked for", "*", packed),
		accepting("any coding but gzip", "*, gzip;q=0", unpacked),
		accepting("gzip;q=0", "gzip;q=0", unpacked),
		accepting("gzip;q=0.000", "gzip; q=0.000", unpacked),
		accepting("identity", "identity", unpacked),
		accepting("deflate", "deflate", unpacked),
		accepting("nothing", "", unpacked),
		{"H21", "without Accept-Encoding", Spec, posting(echoing(long)), unpacked},
		{"H21", "a short answer stays plain", CO2, posting(echoing("x"), "Accept-Encoding: gzip"), header("Content-Encoding", "")},
		{"H21", "so does an error", CO2, postingTo("POST /nope HTTP/1.1", goodCall, "Accept-Encoding: gzip"), header("Content-Encoding", "")},
	}, "echo")
	return append(cases,
		Case{Rule: "H21", Words: "an answer of 1,023 octets stays plain", Level: CO2, Needs: []string{"echo"}, Do: packsFrom(1023, "")},
		Case{Rule: "H21", Words: "an answer of 1,024 octets is packed", Level: CO2, Needs: []string{"echo"}, Do: packsFrom(1024, "gzip")})
}

// packsFrom asks for an answer of just this size. What surrounds the value in
// an answer is measured first.
func packsFrom(size int, coding string) func(*Talker) *Difference {
	return func(k *Talker) *Difference {
		l, err := k.dial()
		if err != nil {
			return nil
		}
		_, empty := k.ask(l, Turn{Send: posting(echoing("<string></string>"))})
		text := "<string>" + strings.Repeat("x", max(0, size-len(empty.Body))) + "</string>"
		sent, a := k.ask(l, Turn{Send: posting(echoing(text), "Accept-Encoding: gzip")})
		want := and(echoes(text), header("Content-Encoding", coding))
		if len(a.document()) != size || !want.meets(a, k.strict) {
			return &Difference{show(sent), want.says, a.String()}
		}
		return nil
	}
}
