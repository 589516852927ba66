package wire

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// MarshalJSON implements [json.Marshaler]. The format is in
// docs/reference/json.md: what JSON has no type for is a struct of one member
// that begins with $.
func (r Raw) MarshalJSON() ([]byte, error) {
	if r.IsZero() {
		return nil, errNoValue
	}
	return r.decoder().appendJSON(make([]byte, 0, len(r.xml)), "param")
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *Raw) UnmarshalJSON(b []byte) error {
	read, err := ParseJSON(b)
	if err == nil {
		*r = read
	}
	return err
}

// appendJSON appends the value at the cursor.
func (d *decoder) appendJSON(dst []byte, in string) ([]byte, error) {
	k, text, err := d.value(in)
	if err != nil {
		return dst, err
	}
	switch k {
	case kindArray:
		return d.appendJSONArray(dst)
	case kindStruct:
		return d.appendJSONObject(dst)
	case kindInt:
		return appendPlainInt(dst, text), nil
	case kindDouble:
		return appendPlainDouble(dst, text), nil
	case kindBool:
		return strconv.AppendBool(dst, text == "1"), nil
	case kindNil:
		return append(dst, "null"...), nil
	case kindI8:
		return appendMarked(dst, "$i8", text), nil
	case kindDate:
		return appendMarked(dst, "$dateTime", text), nil
	case kindBase64:
		return appendMarked(dst, "$base64", text), nil
	}
	return appendJSONString(dst, text), nil
}

func (d *decoder) appendJSONArray(dst []byte) ([]byte, error) {
	dst = append(dst, '[')
	for first := true; ; first = false {
		more, err := d.item()
		if err != nil || !more {
			return append(dst, ']'), err
		}
		if !first {
			dst = append(dst, ',')
		}
		if dst, err = d.appendJSON(dst, "data"); err != nil {
			return dst, err
		}
	}
}

func (d *decoder) appendJSONObject(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	for first := true; ; first = false {
		name, ok, err := d.member()
		if err != nil || !ok {
			return append(dst, '}'), err
		}
		if !first {
			dst = append(dst, ',')
		}
		if strings.HasPrefix(name, "$") {
			name = "$" + name
		}
		dst = append(appendJSONString(dst, name), ':')
		if dst, err = d.appendJSON(dst, "member"); err != nil {
			return dst, err
		}
		if err := d.endMember(); err != nil {
			return dst, err
		}
	}
}

// appendMarked appends {"$mark":"text"}; text holds nothing to escape.
func appendMarked(dst []byte, mark, text string) []byte {
	dst = append(append(append(dst, `{"`...), mark...), `":"`...)
	return append(append(dst, text...), `"}`...)
}

// appendPlainInt keeps the text where JSON allows it: no plus sign, no leading
// zeros.
func appendPlainInt(dst []byte, text string) []byte {
	if number, err := scanNumber(text); err == nil && number.text == text {
		return append(dst, text...)
	}
	n, _ := parseInt(text) // it was checked
	return strconv.AppendInt(dst, n, 10)
}

// appendPlainDouble keeps the text where JSON allows it and it has a point and
// no exponent, so that it reads back as a double, and else writes the number as
// [AppendValue] does (V-DBL-3).
func appendPlainDouble(dst []byte, text string) []byte {
	if number, err := scanNumber(text); err == nil && number.text == text && number.point && !number.exponent {
		return append(dst, text...)
	}
	f, _ := parseDouble(text) // it was checked
	return appendFloat(dst, f, 64)
}

// appendJSONString writes a JSON string; the text is clean.
func appendJSONString(dst []byte, s string) []byte {
	dst = slices.Grow(append(dst, '"'), len(s)+1)
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// A number is one of JSON.
type number struct {
	text            string
	point, exponent bool
}

var errNumber = errors.New("not a number of JSON")

// scanNumber reads the JSON number at the front of s.
func scanNumber(s string) (n number, err error) {
	i := 0
	if strings.HasPrefix(s, "-") {
		i = 1
	}
	whole := digits(s[i:])
	if whole == 0 || whole > 1 && s[i] == '0' {
		return n, errNumber
	}
	i += whole
	if strings.HasPrefix(s[i:], ".") {
		part := digits(s[i+1:])
		if part == 0 {
			return n, errNumber
		}
		n.point = true
		i += 1 + part
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		power := digits(s[i:])
		if power == 0 {
			return n, errNumber
		}
		n.exponent = true
		i += power
	}
	n.text = s[:i]
	return n, nil
}
