package wire

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// A Canonical is a [Raw] that is written as the results of methods are: an
// integer as int or, beyond 32 bit, as i8, a double without exponent, a date
// in UTC (V-INT-4, V-DBL-3, V-DT-4). Members stay in their order. A method
// that gives back what it got needs no more. Its zero value is no value.
type Canonical Raw

// XMLRPCType implements [methods.Typer]: a Canonical holds any type.
func (Canonical) XMLRPCType() string { return "undef" }

// appendCanonical appends c. What is neither number, date nor octets is copied.
func appendCanonical(dst []byte, c Canonical, in room) ([]byte, error) {
	s := c.xml
	if s == "" {
		return dst, errNoValue
	}
	for {
		at, tag := nextScalar(s)
		dst = append(dst, s[:at]...)
		if tag == "" {
			return dst, nil
		}
		s = s[at+len(tag):]
		n := strings.IndexByte(s, '<')
		dst = appendRevalued(dst, tag, s[:n])
		s = s[n+len("</")+len(tag)-len("<"):]
		if len(dst) > in.end {
			return dst, ErrTooLong
		}
	}
}

// nextScalar finds the first element of s whose text may have to be spelled
// anew, or the end of s with no tag. Where s begins there is a tag, of those
// that a Raw has; text has no < in it.
func nextScalar(s string) (at int, tag string) {
	for at < len(s) {
		skip := ""
		switch s[at+1] {
		case '/':
			at += closing(s[at+2])
			continue
		case 'v':
			skip = "<value>"
		case 'm':
			skip = "<member>"
		case 'a':
			skip = "<array>"
		case 'n':
			if s[at+2] == 'i' {
				skip = "<nil/>"
				break
			}
			at += strings.IndexByte(s[at+len("<name>"):], '<') + len("<name></name>")
			continue
		case 's':
			if s[at+4] == 'u' {
				skip = "<struct>"
				break
			}
			at += strings.IndexByte(s[at+len("<string>"):], '<') + len("<string></string>")
			continue
		case 'b':
			if s[at+2] == 'o' {
				skip = "<boolean>0</boolean>"
				break
			}
			return at, "<base64>"
		case 'i':
			if s[at+2] == '8' {
				return at, "<i8>"
			}
			return at, "<int>"
		case 'd':
			switch s[at+5] {
			case '>':
				skip = "<data>"
			case 'l':
				return at, "<double>"
			default:
				return at, "<dateTime.iso8601>"
			}
		}
		at += len(skip)
	}
	return len(s), ""
}

// closing is the length of the end tag whose name begins with c.
func closing(c byte) int {
	switch c {
	case 'v':
		return len("</value>")
	case 'm':
		return len("</member>")
	case 's':
		return len("</struct>")
	case 'a':
		return len("</array>")
	}
	return len("</data>")
}

// appendRevalued appends the element that begins with tag; its text has been
// checked.
func appendRevalued(dst []byte, tag, text string) []byte {
	switch tag {
	case "<double>":
		f, _ := parseDouble(text)
		dst = appendFloat(append(dst, tag...), f, 64)
		return append(dst, "</double>"...)
	case "<base64>":
		if strings.HasSuffix(text, "=") { // what bits are left over there need not be zero
			text = base64.StdEncoding.EncodeToString(unpackBase64(text))
		}
		return append(append(append(dst, tag...), text...), "</base64>"...)
	case "<dateTime.iso8601>":
		t, _ := parseDate(text)
		dst, _ = appendDate(append(dst, tag...), t)
		return append(dst, "</dateTime.iso8601>"...)
	}
	n, _ := parseInt(text)
	if fitsInt(n) {
		return append(strconv.AppendInt(append(dst, "<int>"...), n, 10), "</int>"...)
	}
	return append(strconv.AppendInt(append(dst, "<i8>"...), n, 10), "</i8>"...)
}
