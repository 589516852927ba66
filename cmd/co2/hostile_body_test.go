package main_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	endian "encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"io"
	"strings"
)

// packed is s in gzip, zlib or raw deflate.
func packed(s string, coder func(io.Writer) (io.WriteCloser, error)) string {
	var b bytes.Buffer
	w, err := coder(&b)
	if err == nil {
		_, err = io.WriteString(w, s)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.String()
}

func gzipper(w io.Writer) (io.WriteCloser, error)  { return gzip.NewWriter(w), nil }
func zlibber(w io.Writer) (io.WriteCloser, error)  { return zlib.NewWriter(w), nil }
func deflater(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 9) }

// dictionary packs with a dictionary that the reader does not have.
func dictionary(w io.Writer) (io.WriteCloser, error) {
	return zlib.NewWriterLevelDict(w, 9, []byte("<methodCall><methodName>ping"))
}

// squeezed is n MiB of blanks as raw deflate, made of one MiB compressed once.
func squeezed(n int) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err == nil {
		_, err = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	if err == nil {
		err = w.Flush() // what follows can be put behind it as often as one likes
	}
	if err != nil {
		panic(err)
	}
	return strings.Repeat(b.String(), n) + "\x03\x00"
}

const gzipHead = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// gzipBomb is n MiB of blanks, sound to the last octet.
func gzipBomb(n int) string {
	mib, sum := bytes.Repeat([]byte(" "), 1<<20), uint32(0)
	for range n {
		sum = crc32.Update(sum, crc32.IEEETable, mib)
	}
	tail := endian.LittleEndian.AppendUint32(nil, sum)
	return gzipHead + squeezed(n) + string(endian.LittleEndian.AppendUint32(tail, uint32(n<<20)))
}

func zlibBomb(n int) string {
	sum := adler32.Checksum(bytes.Repeat([]byte(" "), n<<20))
	return "\x78\xda" + squeezed(n) + string(endian.BigEndian.AppendUint32(nil, sum))
}

func compressed() []hostile {
	ping := document("ping")
	zipped := packed(ping, gzipper)
	coding := func(name, body string) sender { return raw(sized("Content-Encoding: "+name+"\r\n", body)) }
	large := func(name string, body func() string) sender {
		return made(func() string { return sized("Content-Encoding: "+name+"\r\n", body()) })
	}
	flip := func(s string, at int) string {
		b := []byte(s)
		b[len(b)+at] ^= 1
		return string(b)
	}
	return []hostile{
		{"H20", "gzip bomb of 1 GiB", large("gzip", func() string { return gzipBomb(1024) }), "413 closed", ""},
		{"H20", "deflate bomb of 64 MiB", large("deflate", func() string { return zlibBomb(64) }), "413 closed", ""},
		{"H20", "raw deflate bomb of 1 GiB", large("deflate", func() string { return squeezed(1024) }), "413 closed", ""},
		{"H20", "chunked gzip bomb", made(func() string {
			return strings.Replace(chunked(1000, gzipBomb(1024)), coded, coded+"Content-Encoding: gzip\r\n", 1)
		}), "413 closed", ""},
		{"H20", "bomb in two members", large("gzip", func() string { return gzipBomb(5) + gzipBomb(5) }), "413 closed", ""},
		{"L4", "8 MiB of blanks", large("gzip", func() string { return gzipBomb(8) }), "-32700 kept", ""},
		{"L4", "one octet more", large("gzip", func() string { return gzipBomb(8) + packed(" ", gzipper) }), "413 closed", ""},
		{"H20", "gzip in gzip", coding("gzip", packed(zipped, gzipper)), "-32700 kept", ""},
		{"H20", "bomb in gzip in gzip", large("gzip", func() string { return packed(packed(gzipBomb(1024), gzipper), gzipper) }), "-32700 kept", ""},
		{"H20", "four members", coding("x-gzip", packed(ping[:9], gzipper)+packed("", gzipper)+packed(ping[9:], gzipper)+packed(" ", gzipper)), "OK kept", ""},
		{"H20", "100,000 empty members", large("gzip", func() string { return zipped + strings.Repeat(packed("", gzipper), 100_000) }), "OK kept", ""},
		{"H20", "gzip cut short", coding("gzip", zipped[:len(zipped)-9]), "400 closed", ""},
		{"H20", "gzip without its sums", coding("gzip", zipped[:len(zipped)-8]), "400 closed", ""},
		{"H20", "gzip with a wrong CRC", coding("gzip", flip(zipped, -8)), "400 closed", ""},
		{"H20", "gzip with a wrong size", coding("gzip", flip(zipped, -1)), "400 closed", ""},
		{"H20", "gzip and junk", coding("gzip", zipped+"junk"), "400 closed", ""},
		{"H20", "gzip and NULs", coding("gzip", zipped+strings.Repeat("\x00", 512)), "400 closed", ""},
		{"H20", "gzip and half a member", coding("gzip", zipped+gzipHead), "400 closed", ""},
		{"H20", "gzip with a name without end", large("gzip", func() string { return "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + strings.Repeat("x", 4<<20) }), "400 closed", ""},
		{"H20", "gzip that is none", coding("gzip", ping), "400 closed", ""},
		{"H20", "gzip of nothing", coding("gzip", ""), "400 closed", ""},
		{"H20", "deflate cut short", coding("deflate", packed(ping, zlibber)[:40]), "400 closed", ""},
		{"H20", "deflate with a wrong sum", coding("deflate", flip(packed(ping, zlibber), -1)), "400 closed", ""},
		{"H20", "deflate and junk", coding("deflate", packed(ping, zlibber)+"junk"), "400 closed", ""},
		{"H20", "deflate with a dictionary", coding("deflate", packed(ping, dictionary)), "400 closed", ""},
		{"H20", "raw deflate cut short", coding("deflate", packed(ping, deflater)[:40]), "400 closed", ""},
		{"H20", "raw deflate and junk", coding("deflate", packed(ping, deflater)+"junk"), "400 closed", ""},
		{"H20", "deflate that is none", coding("deflate", "<methodCall>"), "400 closed", ""},
		{"H19", "br", coding("br", ping), "415 kept", "Accept-Encoding: gzip, deflate"},
		{"H19", "zstd", coding("zstd", ping), "415 kept", "Accept-Encoding: gzip, deflate"},
		{"H19", "gzip, gzip", coding("gzip, gzip", packed(zipped, gzipper)), "415 kept", ""},
		{"H19", "gzip twice", coding("gzip\r\nContent-Encoding: gzip", packed(zipped, gzipper)), "415 kept", ""},
		{"H19", "deflate, identity", coding("deflate, identity", packed(ping, zlibber)), "415 kept", ""},
		{"H19", "GZIP in a blank", coding(" \t GZIP \t ", zipped), "OK kept", ""},
		{"H19", "gzip;q=1", coding("gzip;q=1", zipped), "415 kept", ""},
		{"L5", "depth in gzip", large("gzip", func() string { return packed(deep("<array><data><value>", 350_000), gzipper) }), "-32001 kept", ""},
		{"H21", "no answer in gzip for those who refuse it", raw(sized("Accept-Encoding: gzip;q=0, *;q=0, identity\r\n", document("sys.listMethods"))), "result kept", ""},
	}
}

func mediaTypes() []hostile {
	var cases []hostile
	doc := document("relay.register", members("port", number(smugglersPort)))
	for _, kind := range []string{
		"text/plain", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html",
		"application/json", "application/octet-stream", "image/svg+xml", "xml", "text/", "/xml", "text/xmlx", "text/xml, text/plain",
		"text/plain; text/xml", "text/plain;a=\"text/xml\"", "multipart/related; type=\"text/xml\"", "*/*", "\"text/xml\"",
	} {
		cases = append(cases, hostile{"H8", kind, raw(strings.Replace(sized("", doc), "text/xml", kind, 1)), "415 kept", ""})
	}
	return append(cases,
		hostile{"H8", "two types, XML last", raw(strings.Replace(sized("Content-Type: text/xml\r\n", doc), "text/xml", "text/plain", 1)), "415 kept", ""},
		hostile{"H8", "a form that smuggles XML", raw(strings.Replace(sized("", "x="+doc), "text/xml", "text/plain", 1)), "415 kept", ""},
		hostile{"H6", "TEXT/XML with odd parameters", raw(strings.Replace(goodCall(), "text/xml", "TEXT/XML ; CHARSET=\"utf-8\";x=y;x=z", 1)), "OK kept", ""},
	)
}

// browsers are what pages of other sites make a browser send.
func browsers() []hostile {
	doc := document("relay.register", members("port", number(smugglersPort)))
	from := func(fields string) sender { return raw(sized(fields, doc)) }
	named := func(host, fields string) sender {
		return raw(strings.Replace(sized(fields, doc), "Host: localhost", "Host: "+host, 1))
	}
	page := func(host string) sender { return raw("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") }
	const refused, misled = "403 kept", "421 kept"
	cases := []hostile{
		{"H25", "foreign Origin", from("Origin: http://a.example\r\n"), refused, ""},
		{"H25", "Origin null", from("Origin: null\r\n"), refused, ""},
		{"H25", "empty Origin", from("Origin:\r\n"), refused, ""},
		{"H25", "Origin of another scheme", from("Origin: https://localhost\r\n"), refused, ""},
		{"H25", "Origin of another port", from("Origin: http://localhost:1\r\n"), refused, ""},
		{"H25", "Origin with more behind", from("Origin: http://localhost.a.example\r\n"), refused, ""},
		{"H25", "Origin with a user", from("Origin: http://localhost@a.example\r\n"), refused, ""},
		{"H25", "two Origins", from("Origin: http://localhost\r\nOrigin: http://a.example\r\n"), refused, ""},
		{"H25", "Sec-Fetch-Site: cross-site", from("Sec-Fetch-Site: cross-site\r\n"), refused, ""},
		{"H25", "Sec-Fetch-Site: same-site", from("sec-fetch-site: same-site\r\n"), refused, ""},
		{"H25", "two Sec-Fetch-Sites", from("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n"), refused, ""},
		{"H25", "own Origin, foreign Sec-Fetch-Site", from("Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n"), refused, ""},
		{"H25", "own Origin, a good call", raw(sized("Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n", document("ping"))), "OK kept", ""},
		{"H7", "no type, foreign Origin", raw(strings.Replace(sized("Origin: http://a.example\r\n", doc), "Content-Type: text/xml\r\n", "", 1)), refused, ""},
		{"H7", "no type, own Origin", raw(strings.Replace(sized("Origin: http://localhost\r\n", doc), "Content-Type: text/xml\r\n", "", 1)), "415 kept", ""},
		{"H8", "form of an own page", raw(strings.Replace(sized("Origin: http://localhost\r\n", doc), "text/xml", "text/plain", 1)), "415 kept", ""},
		{"H26", "rebound name and Origin", named("evil.example", "Origin: http://evil.example\r\n"), misled, ""},
		{"H26", "rebound name and Cookie", named("evil.example", "Cookie: a=b\r\n"), misled, ""},
		{"H26", "rebound name and Sec-Fetch-Mode", named("evil.example", "Sec-Fetch-Mode: cors\r\n"), misled, ""},
		{"H26", "page under an absolute foreign name", raw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), misled, ""},
		{"H4", "page of a name with a user", page("127.0.0.1@evil.example"), "400 closed", ""},
		{"H26", "page under an address", page("[::1]:2003"), "page kept", ""},
	}
	for _, host := range []string{
		"evil.example", "evil.example:2003", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example.", "localhost.",
		"127.1", "0x7f000001", "2130706433", "127.0.0.1:80:evil.example", "[::1].evil.example", "xn--localhost-",
	} {
		cases = append(cases, hostile{"H26", "page of " + host, page(host), misled, ""})
	}
	for _, field := range []string{"X-Forwarded-Host: localhost", "X-Forwarded-For: 127.0.0.1", "Forwarded: host=localhost"} {
		cases = append(cases, hostile{"H26", "page with " + field, raw(fmt.Sprintf("GET / HTTP/1.1\r\nHost: evil.example\r\n%s\r\n\r\n", field)), misled, ""})
	}
	return cases
}
