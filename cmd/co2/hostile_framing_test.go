package main_test

import (
	"fmt"
	"strings"
)

func lengths() []hostile {
	cases := []hostile{
		{"H10", "no length", raw(callWith("", document("ping"))), "411 closed", ""},
		{"H11", "two differing lengths", raw(callWith("Content-Length: 5\r\nContent-Length: 50\r\n", "12345") + smuggled()), "400 closed", ""},
		{"H11", "two differing lengths, the right one last", raw(sized("content-length: 1\r\n", document("ping"))), "400 closed", ""},
		{"H17", "length 4000000000", raw(callWith("Content-Length: 4000000000\r\n", "")), "413 closed", ""},
		{"H17", "length 4000000000 and Expect", raw(callWith("Content-Length: 4000000000\r\nExpect: 100-continue\r\n", "")), "413 closed", ""},
		{"H17", "length one above L3", raw(callWith("Content-Length: 8388609\r\n", "")), "413 closed", "8388608"},
		{"H17", "length of 18 digits", raw(callWith("Content-Length: 999999999999999999\r\n", "")), "413 closed", ""},
		{"L3", "9 MiB sent whole", made(func() string { return sized("", strings.Repeat(" ", 9<<20)) }), "413 closed", ""},
		{"L3", "8 MiB of blanks", made(func() string { return sized("", strings.Repeat(" ", 8<<20)) }), "-32700 kept", ""},
		{"X6", "length 0", raw(callWith("Content-Length: 0\r\n", "")), "-32700 kept", ""},
		{"H11", "length too short", raw(callWith("Content-Length: 12\r\n", document("ping"))), "-32700 400 closed", ""},
		{"H15", "length too long", cut(callWith("Content-Length: 5000\r\n", document("relay.register", members("port", number(smugglersPort))))), "400 closed | closed", ""},
		{"H15", "length one too long", cut(strings.Replace(smuggled(), "Content-Length: ", "Content-Length: 1", 1)), "400 closed | closed", ""},
	}
	for _, length := range []string{
		"+5", "-5", "-0", "0x5", "5,5", "5, 5", "", " ", "5 5", "5e0", "5.", "5;", "5\t5", "\"5\"", "five", "\uff15",
		"0000000000000000005", "9999999999999999999", "18446744073709551621", strings.Repeat("9", 400), strings.Repeat("0", 5000) + "5",
	} {
		name := fmt.Sprintf("length %.24q", length)
		cases = append(cases, hostile{"H11", name, raw(callWith("Content-Length: "+length+"\r\n", "<a/> ") + smuggled()), "400 closed", ""})
	}
	return cases
}

func chunks() []hostile {
	ping := document("ping")
	sent := func(body string) sender { return raw(callWith(coded, body)) }
	cases := []hostile{
		{"H14", "chunks of one octet", raw(chunked(1, ping)), "OK kept", ""},
		{"H14", "a million chunks of one octet", made(func() string { return chunked(1, ping+strings.Repeat(" ", 1<<20)) }), "OK kept", ""},
		{"H14", "extensions and trailers", sent(fmt.Sprintf("%x;a=b;c=\"d;e\"\r\n%s\r\n0;x\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\nHost: evil.example\r\n\r\n", len(ping), ping)), "OK kept", ""},
		{"H14", "size with zeros", sent(fmt.Sprintf("0000%X\r\n%s\r\n0000\r\n\r\n", len(ping), ping)), "OK kept", ""},
		{"L3", "endless chunks", endless(strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 8)), "413 closed", ""},
		{"L3", "endless chunks of one octet", endless(strings.Repeat("1\r\n \r\n", 20_000)), "413 closed", ""},
		{"L3", "a chunk of 2 GiB", sent("7fffffff\r\n"), "413 closed", ""},
		{"L3", "a chunk of 9 EiB", sent("7fffffffffffffff\r\n"), "413 closed | 400 closed", ""},
		{"L3", "chunks that add up past 2^64", sent("8\r\n        \r\nfffffffffffffff8\r\n"), "413 closed | 400 closed", ""},
		{"H14", "extension of 1 MiB", made(func() string { return callWith(coded, "1;"+strings.Repeat("x", 1<<20)+"\r\n \r\n0\r\n\r\n") }), "400 closed | 431 closed", ""},
		{"H14", "extensions without end", endlessAfter(callWith(coded, "1"), strings.Repeat(";xxxxxxx", 8192)), "400 closed | 431 closed", ""},
		{"H14", "a flood of extensions", made(func() string {
			return callWith(coded, strings.Repeat("1;"+strings.Repeat("x", 200)+"\r\n \r\n", 50_000)+"0\r\n\r\n")
		}), "400 closed | 413 closed | 431 closed", ""},
		{"H14", "300 trailers", sent("0\r\n" + strings.Repeat("X: y\r\n", 300) + "\r\n"), "-32700 kept", ""},
		{"L1", "trailer of 1 MiB", made(func() string { return callWith(coded, "0\r\nX: "+strings.Repeat("y", 1<<20)+"\r\n\r\n") }), "400 closed | 431 closed", ""},
		{"L1", "trailers without end", endlessAfter(callWith(coded, "0\r\n"), strings.Repeat("X: y\r\n", 1000)), "400 closed | 431 closed", ""},
		{"H14", "bad trailer", sent("0\r\nno colon\r\n\r\n" + smuggled()), "400 closed", ""},
		{"H15", "chunks that end early", cut(strings.TrimSuffix(chunked(100, document("relay.register", members("port", number(smugglersPort)))), "0\r\n\r\n")), "400 closed | closed", ""},
		{"H15", "chunks without the last empty line", cut(strings.TrimSuffix(chunked(100, document("relay.register", members("port", number(smugglersPort)))), "\r\n")), "400 closed | closed", ""},
		{"H14", "data longer than its chunk", sent("4\r\n<a/>x\r\n0\r\n\r\n" + smuggled()), "400 closed", ""},
		{"H14", "data shorter than its chunk", sent("6\r\n<a/>\r\n0\r\n\r\n" + smuggled()), "400 closed", ""},
		{"L1", "chunk size of 1 MiB", made(func() string { return callWith(coded, strings.Repeat("0", 1<<20)+"4\r\n<a/>\r\n0\r\n\r\n"+smuggled()) }), "431 closed | 400 closed", ""},
		{"X6", "no data", sent("0\r\n\r\n"), "-32700 kept", ""},
	}
	for _, size := range []string{"", " ", "-1", "+4", "0x4", " 4", "g", "4g", "4 4", "\uff14", "4\x00", "10000000000000004", "\n4"} {
		cases = append(cases, hostile{"H14", fmt.Sprintf("chunk size %.20q", size), sent(size + "\r\n<a/>\r\n0\r\n\r\n" + smuggled()), "400 closed", ""})
	}
	return cases
}

// endless sends a call in chunks and then piece for ever.
func endless(piece string) sender { return endlessAfter(callWith(coded, ""), piece) }

// endlessAfter sends head and then piece until it is told to stop.
func endlessAfter(head, piece string) sender {
	say := func(c *conversation) error {
		err := c.say(head)
		for err == nil {
			err = c.say(piece)
		}
		return err
	}
	return sender{say, true}
}

func codings() []hostile {
	var cases []hostile
	body := "4\r\n<a/>\r\n0\r\n\r\n"
	for _, field := range []string{
		"xchunked", "chunked, chunked", "gzip, chunked", "chunked, gzip", "gzip", "identity", "identity, chunked", "chunked, identity",
		"chunked;q=1", "chunked\r\nTransfer-Encoding: identity", "identity\r\nTransfer-Encoding: chunked", "chunked\r\nTransfer-Encoding: chunked",
		"\"chunked\"", "chunked,", ",chunked", "chun ked", "chunked\x0b", "\x0bchunked", "", "chunked\\", "chun\u212aed", "cow",
	} {
		cases = append(cases, hostile{"H13", fmt.Sprintf("Transfer-Encoding: %q", field), raw(callWith("Transfer-Encoding: "+field+"\r\n", body) + smuggled()), "501 closed | 400 closed", ""})
	}
	return append(cases,
		hostile{"H10", "CHUNKED", raw(strings.Replace(chunked(7, document("ping")), "chunked", "ChUnKeD", 1)), "OK kept", ""},
		hostile{"H13", "chunked in HTTP/1.0", raw(strings.Replace(chunked(7, document("ping")), "HTTP/1.1", "HTTP/1.0", 1)), "400 closed | 411 closed", ""},
	)
}

// smuggling are heads that two parsers would frame in two ways. Whoever reads
// the length sees one call; whoever reads the chunks sees another behind it.
func smuggling() []hostile {
	ping := document("ping")
	both := func(length, coding string) sender {
		return raw(callWith(length+coding, "0\r\n\r\n") + smuggled())
	}
	head := func(fields string) sender { return raw(callWith(fields, ping) + smuggled()) }
	size := fmt.Sprintf("Content-Length: %d\r\n", len(ping))
	return []hostile{
		{"H12", "CL.TE", both("Content-Length: 400\r\n", coded), "400 closed", ""},
		{"H12", "TE.CL", both(coded, "Content-Length: 3\r\n"), "400 closed", ""},
		{"H12", "TE.CL, not quite chunked", both("Transfer-Encoding: xchunked\r\n", "Content-Length: 5\r\n"), "400 closed | 501 closed", ""},
		{"H12", "TE with a blank before its colon", both("Transfer-Encoding : chunked\r\n", "Content-Length: 5\r\n"), "400 closed", ""},
		{"H12", "TE with a tab before its colon", both("Transfer-Encoding\t: chunked\r\n", "Content-Length: 5\r\n"), "400 closed", ""},
		{"H12", "TE after a blank", both("Content-Length: 5\r\n", " Transfer-Encoding: chunked\r\n"), "400 closed", ""},
		{"H12", "TE on a folded line", both("Content-Length: 5\r\n", "Transfer-Encoding:\r\n chunked\r\n"), "400 closed", ""},
		{"H12", "TE after a bare CR", both("Content-Length: 5\r\n", "X: y\rTransfer-Encoding: chunked\r\n"), "400 closed", ""},
		{"H12", "TE after a bare LF", both("Content-Length: 5\r\n", "X: y\nTransfer-Encoding: chunked\r\n"), "400 closed", ""},
		{"H12", "TE with a NUL", both("Content-Length: 5\r\n", "Transfer-Encoding: chunked\x00\r\n"), "400 closed", ""},
		{"H12", "TE with a NUL in its name", both("Content-Length: 5\r\n", "Transfer-Encoding\x00: chunked\r\n"), "400 closed", ""},
		{"H12", "TE with an underscore", raw(sized("Transfer_Encoding: chunked\r\n", ping)), "OK kept", ""},
		{"H12", "TE in a query of Connection", raw(sized("Connection: Transfer-Encoding\r\nTE: chunked\r\n", ping)), "OK kept", ""},
		{"H11", "length with a blank before its colon", head("Content-Length : 5\r\n" + size), "400 closed", ""},
		{"H11", "length on a folded line", head("Content-Length:\r\n " + fmt.Sprint(len(ping)) + "\r\n"), "400 closed", ""},
		{"H11", "length with a fold behind it", head(fmt.Sprintf("Content-Length: %d\r\n 5\r\n", len(ping))), "400 closed", ""},
		{"H14", "chunk ended by a bare LF", raw(callWith(coded, "4\n<a/>\n0\n\n") + smuggled()), "400 closed", ""},
		{"H14", "chunk ended by a bare CR", raw(callWith(coded, "4\r<a/>\r0\r\r") + smuggled()), "400 closed", ""},
		{"H14", "extension with a bare LF", raw(callWith(coded, "4;x\ny\r\n<a/>\r\n0\r\n\r\n") + smuggled()), "400 closed", ""},
		{"H14", "extension with a bare CR", raw(callWith(coded, "4;x\ry\r\n<a/>\r\n0\r\n\r\n") + smuggled()), "400 closed", ""},
		{"H12", "a body with GET", raw(look("GET /", fmt.Sprintf("Content-Length: %d\r\n", len(smuggled()))) + smuggled()), "page kept | page closed | 400 closed", ""},
		{"H12", "a body with an unknown verb", raw(look("BREW /", fmt.Sprintf("Content-Length: %d\r\n", len(smuggled()))) + smuggled()), "405 kept | 405 closed | 501 closed", ""},
	}
}

func heads() []hostile {
	ping := document("ping")
	with := func(fields string) sender { return raw(sized(fields, ping) + smuggled()) }
	return []hostile{
		{"L2", "250 fields", raw(sized(strings.Repeat("X: y\r\n", 250), ping)), "OK kept", ""},
		{"L2", "257 fields", with(strings.Repeat("X: y\r\n", 254)), "431 closed", ""},
		{"L2", "10,000 fields", with(strings.Repeat("X:\r\n", 10_000)), "431 closed", ""},
		{"L1", "fields of 60 KiB", raw(sized("X: "+strings.Repeat("y", 60<<10)+"\r\n", ping)), "OK kept", ""},
		{"L1", "fields of 66 KiB", with(strings.Repeat("X: "+strings.Repeat("y", 1<<10)+"\r\n", 66)), "431 closed", ""},
		{"L1", "a line of 10 MiB", made(func() string { return sized("X: "+strings.Repeat("y", 10<<20)+"\r\n", ping) }), "431 closed", ""},
		{"L1", "a line without end", endlessAfter(callHead+"X: ", strings.Repeat("y", 1<<16)), "431 closed", ""},
		{"L1", "fields without end", endlessAfter(callHead, strings.Repeat("X: y\r\n", 1000)), "431 closed", ""},
		{"L1", "a request line of 70 KiB", raw(to("POST /" + strings.Repeat("a", 70<<10) + " HTTP/1.1")), "431 closed", ""},
		{"L1", "a request line without end", endlessAfter("POST /", strings.Repeat("a", 1<<16)), "431 closed", ""},
		{"L1", "NULs without end", endlessAfter("", strings.Repeat("\x00", 1<<16)), "431 closed | 400 closed", ""},
		{"H11", "NUL in a value", with("X: a\x00b\r\n"), "400 closed", ""},
		{"H11", "NUL in a name", with("X\x00: a\r\n"), "400 closed", ""},
		{"H11", "bell in a value", with("X: a\x07b\r\n"), "400 closed", ""},
		{"H11", "blank in a name", with("X Y: a\r\n"), "400 closed", ""},
		{"H11", "letter beyond ASCII in a name", with("\u00c4: a\r\n"), "400 closed", ""},
		{"H11", "letters beyond ASCII in a value", raw(sized("X: \u00e4\xff\r\n", ping)), "OK kept", ""},
		{"H11", "no name", with(": a\r\n"), "400 closed", ""},
		{"H11", "no colon", with("X\r\n"), "400 closed", ""},
		{"H11", "fold", with("X: a\r\n b\r\n"), "400 closed", ""},
		{"H11", "fold before any field", raw("POST /RPC2 HTTP/1.1\r\n Host: localhost\r\n" + strings.TrimPrefix(goodCall(), "POST /RPC2 HTTP/1.1\r\n")), "400 closed", ""},
		{"H11", "bare CR in a value", with("X: a\rb\r\n"), "400 closed", ""},
		{"H11", "bare CR behind the last value", raw(strings.Replace(goodCall(), "\r\n\r\n", "\r\r\n\r\n", 1) + smuggled()), "400 closed", ""},
		{"H11", "lines ended by bare CR", raw(strings.ReplaceAll(goodCall(), "\r\n", "\r") + "\r\n\r\n"), "400 closed", ""},
		{"H11", "escape sequences", with("X: \x1b]0;" + secret + "\x07\r\n"), "400 closed", ""},
	}
}
