package wire

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// An encoding is a way to write text in octets (X2).
type encoding uint8

const (
	utf8Text encoding = iota
	latin1
	latin9
	cp1252
	utf16LE
	utf16BE
	utf16Marked // UTF-16 that must tell its order by a mark
)

// encodings are the names that are read. US-ASCII counts as UTF-8.
var encodings = map[string]encoding{
	"utf-8": utf8Text, "utf8": utf8Text, "us-ascii": utf8Text,
	"iso-8859-1": latin1, "latin1": latin1, "iso-8859-15": latin9,
	"windows-1252": cp1252, "cp1252": cp1252,
	"utf-16": utf16Marked, "utf-16le": utf16LE, "utf-16be": utf16BE,
}

// A mark is what the first octets of a document tell about its encoding.
type mark struct {
	octets string
	enc    encoding
	drop   bool // the octets are a byte order mark, not text
	unread bool // an encoding that is not read (X3)
}

// marks are tried in this order: the mark of UTF-32LE begins with UTF-16LE's.
var marks = []mark{
	{octets: "\xEF\xBB\xBF", enc: utf8Text, drop: true},
	{octets: "\xFF\xFE\x00\x00", unread: true},
	{octets: "\x00\x00\xFE\xFF", unread: true},
	{octets: "\xFF\xFE", enc: utf16LE, drop: true},
	{octets: "\xFE\xFF", enc: utf16BE, drop: true},
}

// guesses are the first characters of a document without a mark, "<?" in
// UTF-16 and "<" in UTF-32 and EBCDIC. A charset from outside goes before them.
var guesses = []mark{
	{octets: "<\x00?\x00", enc: utf16LE},
	{octets: "\x00<\x00?", enc: utf16BE},
	{octets: "<\x00\x00\x00", unread: true},
	{octets: "\x00\x00\x00<", unread: true},
	{octets: "\x4C\x6F\xA7\x94", unread: true},
}

func findMark(marks []mark, body []byte) (mark, bool) {
	if len(body) > 1 && body[0] == '<' && body[1] != 0 {
		return mark{}, false // nearly every document
	}
	for _, m := range marks {
		if len(body) >= len(m.octets) && string(body[:len(m.octets)]) == m.octets {
			return m, true
		}
	}
	return mark{}, false
}

// toText returns body as UTF-8. The byte order mark rules, then charset, then
// the XML declaration, then UTF-8 (X1).
func toText(body []byte, charset string) (string, error) {
	enc, err := utf8Text, error(nil)
	switch m, marked := findMark(marks, body); {
	case marked:
		if m.unread {
			return "", unread("this byte order mark's")
		}
		enc, body = m.enc, body[len(m.octets):]
	case charset != "":
		enc, err = encodingNamed(charset, body)
	default:
		enc, err = guess(body)
	}
	if err != nil {
		return "", err
	}
	return decodeText(body, enc)
}

// guess finds the encoding of a document that came without a mark and
// without a charset.
func guess(body []byte) (encoding, error) {
	if m, ok := findMark(guesses, body); ok {
		if m.unread {
			return 0, unread("this document's")
		}
		return m.enc, nil
	}
	if !bytes.HasPrefix(body, []byte("<?xml")) {
		return utf8Text, nil
	}
	for _, usual := range usualDeclarations { // all of them UTF-8
		if len(body) >= len(usual.text) && string(body[:len(usual.text)]) == usual.text {
			return utf8Text, nil
		}
	}
	end := bytes.Index(body, []byte("?>"))
	if end < 0 {
		return utf8Text, nil
	}
	decl, err := parseDeclaration(string(body[:end+2]))
	if err != nil || decl.encoding == "" {
		return utf8Text, nil // a broken declaration is reported where it is read
	}
	return encodingNamed(decl.encoding, body)
}

func encodingNamed(name string, body []byte) (encoding, error) {
	if len(name) > 40 {
		return 0, unread("a name of more than 40 characters'")
	}
	enc, ok := encodings[strings.ToLower(name)]
	if !ok {
		return 0, unread(quote(name))
	}
	if enc == utf16Marked {
		m, ok := findMark(guesses, body)
		if !ok || m.unread {
			return 0, unread("UTF-16 without a byte order mark")
		}
		enc = m.enc
	}
	return enc, nil
}

func unread(what string) error {
	return &SyntaxError{Code: UnsupportedEncoding, Text: "encoding not supported: " + what + "; use UTF-8"}
}

// decodeText transcodes body. UTF-8 is checked later, with the characters.
func decodeText(body []byte, enc encoding) (string, error) {
	switch enc {
	case utf16LE, utf16BE:
		return decodeUTF16(body, enc == utf16BE)
	case latin1, latin9, cp1252:
		return decodeTable(body, &upperHalves[enc-latin1])
	}
	return string(body), nil
}

// upperHalves give the characters of the octets 80 to FF in latin1, latin9
// and cp1252; 0 where there is none.
var upperHalves = [3][128]rune{
	upperHalf(nil),
	upperHalf(map[byte]rune{0xA4: '€', 0xA6: 'Š', 0xA8: 'š', 0xB4: 'Ž', 0xB8: 'ž', 0xBC: 'Œ', 0xBD: 'œ', 0xBE: 'Ÿ'}),
	upperHalf(map[byte]rune{
		0x80: '€', 0x81: 0, 0x82: '‚', 0x83: 'ƒ', 0x84: '„', 0x85: '…', 0x86: '†', 0x87: '‡',
		0x88: 'ˆ', 0x89: '‰', 0x8A: 'Š', 0x8B: '‹', 0x8C: 'Œ', 0x8D: 0, 0x8E: 'Ž', 0x8F: 0,
		0x90: 0, 0x91: '‘', 0x92: '’', 0x93: '“', 0x94: '”', 0x95: '•', 0x96: '–', 0x97: '—',
		0x98: '˜', 0x99: '™', 0x9A: 'š', 0x9B: '›', 0x9C: 'œ', 0x9D: 0, 0x9E: 'ž', 0x9F: 'Ÿ',
	}),
}

func upperHalf(but map[byte]rune) (half [128]rune) {
	for i := range half {
		c := byte(0x80 + i)
		half[i] = rune(c)
		if r, ok := but[c]; ok {
			half[i] = r
		}
	}
	return half
}

func decodeTable(body []byte, upper *[128]rune) (string, error) {
	var b strings.Builder
	b.Grow(len(body) + len(body)/8)
	for i, c := range body {
		switch {
		case c < 0x80:
			b.WriteByte(c)
		case upper[c-0x80] == 0:
			return "", errorAt(b.String(), b.Len(), InvalidCharacter, "octet %#02x at %d is no character of this encoding", c, i)
		default:
			b.WriteRune(upper[c-0x80])
		}
	}
	return b.String(), nil
}

func decodeUTF16(body []byte, big bool) (string, error) {
	if len(body)%2 != 0 {
		return "", &SyntaxError{Code: InvalidCharacter, Text: "UTF-16 with an odd number of octets"}
	}
	unit := func(i int) rune {
		if big {
			return rune(body[i])<<8 | rune(body[i+1])
		}
		return rune(body[i+1])<<8 | rune(body[i])
	}
	var b strings.Builder
	b.Grow(len(body) / 2)
	for i := 0; i < len(body); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			second := rune(0)
			if i+2 < len(body) {
				second = unit(i + 2)
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				return "", errorAt(b.String(), b.Len(), InvalidCharacter, "a lone surrogate in UTF-16")
			}
			i += 2
		}
		b.WriteRune(r)
	}
	return b.String(), nil
}
