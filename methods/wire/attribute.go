package wire

import (
	"slices"
	"strings"
)

// attributes reads the rest of a start tag and returns the namespace that it
// makes the default.
func (sc *scanner) attributes(t *tag) (own space, err error) {
	var few [8]string
	seen := few[:0]
	for {
		gap := blank(sc.s[sc.pos:])
		sc.pos += gap
		switch {
		case sc.has(">"):
			sc.pos++
			return own, nil
		case sc.has("/>"):
			sc.pos += 2
			t.empty = true
			return own, nil
		case sc.pos == len(sc.s):
			return 0, sc.fail(sc.pos, ParseError, "the document ends inside a tag")
		case gap == 0:
			return 0, sc.fail(sc.pos, ParseError, "a bad start tag <%s", clip(t.name, 64))
		case len(seen) == sc.lim.Attributes:
			return 0, sc.fail(sc.pos, InvalidRequest, "more than %d attributes", sc.lim.Attributes)
		}
		from := sc.pos
		name, value, err := sc.attribute()
		if err != nil {
			return 0, err
		}
		if slices.Contains(seen, name) {
			return 0, sc.fail(from, ParseError, "attribute %s twice", clip(name, 64))
		}
		seen = append(seen, name)
		if prefix, ok := strings.CutPrefix(name, "xmlns:"); ok && len(prefix) <= sc.lim.Element {
			sc.spaces.bind(prefix, value)
		} else if name == "xmlns" && value != "" {
			own = spaceOf(value)
		}
	}
}

// attribute reads name="value" and resolves references in the value.
func (sc *scanner) attribute() (name, value string, err error) {
	rest := sc.s[sc.pos:]
	name = rest[:nameLen(rest)]
	if name == "" {
		return "", "", sc.fail(sc.pos, ParseError, "a bad attribute name")
	}
	n := len(name)
	n += blank(rest[n:])
	if !strings.HasPrefix(rest[n:], "=") {
		return "", "", sc.fail(sc.pos, ParseError, "attribute %s without a value", clip(name, 64))
	}
	n++
	n += blank(rest[n:])
	if !strings.HasPrefix(rest[n:], `"`) && !strings.HasPrefix(rest[n:], "'") {
		return "", "", sc.fail(sc.pos, ParseError, "the value of attribute %s is not quoted", clip(name, 64))
	}
	size := strings.IndexByte(rest[n+1:], rest[n])
	if size < 0 {
		return "", "", sc.fail(sc.pos, ParseError, "the value of attribute %s does not end", clip(name, 64))
	}
	sc.pos += n + 1
	value, err = sc.attributeValue(rest[n+1 : n+1+size])
	sc.pos++ // the quote
	return name, value, err
}

// attributeValue checks raw, which is at the cursor, and decodes it.
func (sc *scanner) attributeValue(raw string) (string, error) {
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		return "", sc.fail(sc.pos+i, ParseError, "< in the value of an attribute")
	}
	var b strings.Builder
	for rest := raw; ; {
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			sc.pos += len(rest)
			if b.Len() == 0 {
				return rest, nil
			}
			b.WriteString(rest)
			return b.String(), nil
		}
		r, n := reference(rest[i:])
		if n == 0 {
			return "", sc.fail(sc.pos+i, ParseError, "& that begins no reference XML knows; write &amp;")
		}
		b.WriteString(rest[:i])
		b.WriteRune(r)
		sc.pos += i + n
		rest = rest[i+n:]
	}
}
