package discovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// What a datagram can have wrong before its keys are looked at. The values are
// fixed, so that junk costs no memory.
var (
	errOversized = errors.New("longer than 4096 bytes")
	errNotUTF8   = errors.New("not UTF-8")
	errNotJSON   = errors.New("not JSON")
	errNotObject = errors.New("not a JSON object")
)

// checkObject returns the JSON object that a datagram is, without the white
// space around it.
func checkObject(datagram []byte) ([]byte, error) {
	switch object := trimBlank(datagram); {
	case len(datagram) > MaxMessage:
		return nil, errOversized
	case !utf8.Valid(datagram): // encoding/json would repair it
		return nil, errNotUTF8
	case !json.Valid(datagram):
		return nil, errNotJSON
	case object[0] != '{':
		return nil, errNotObject
	default:
		return object, nil
	}
}

// eachMember calls visit with each key and value of an object that
// [checkObject] returned, in their order and as they are spelled.
func eachMember(object []byte, visit func(key, value []byte)) {
	rest := trimBlank(object[1:])
	for rest[0] != '}' {
		var key, value []byte
		key, rest = cutValue(rest)
		rest = trimBlank(rest)[1:] // the colon
		value, rest = cutValue(trimBlank(rest))
		visit(key, value)
		if rest = trimBlank(rest); rest[0] == ',' {
			rest = trimBlank(rest[1:])
		}
	}
}

// cutValue cuts valid JSON behind its first value.
func cutValue(json []byte) (value, rest []byte) {
	depth := 0
	for i := 0; ; i++ {
		switch json[i] {
		case '"':
			i += quotedLen(json[i:]) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			continue
		default:
			i += plainLen(json[i:]) - 1
		}
		if depth == 0 {
			return json[:i+1], json[i+1:]
		}
	}
}

// quotedLen returns the length of the text at the start of valid JSON.
func quotedLen(json []byte) int {
	for i := 1; ; i++ {
		switch json[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// plainLen returns the length of the number, true, false or null at the start
// of valid JSON.
func plainLen(json []byte) int {
	if n := bytes.IndexAny(json, ",:]} \t\r\n"); n >= 0 {
		return n
	}
	return len(json)
}

// trimBlank cuts what JSON takes as white space, which is less than package
// bytes does.
func trimBlank(json []byte) []byte { return bytes.Trim(json, " \t\r\n") }

// isText reports whether a value, nil if it is absent, is text.
func isText(value []byte) bool { return len(value) > 0 && value[0] == '"' }

// unquote returns what text says, without a copy if it has no escapes. A half
// of a surrogate pair becomes U+FFFD, which no id has.
func unquote(text []byte) []byte {
	plain := text[1 : len(text)-1]
	if bytes.IndexByte(plain, '\\') < 0 {
		return plain
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return nil // not with valid JSON
	}
	return []byte(s)
}
