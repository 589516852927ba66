package wire

import "strings"

// A declaration is <?xml … ?>.
type declaration struct {
	encoding string // empty if not given
	size     int    // octets, 0 if there is none
}

// usualDeclarations are those that nearly every peer sends.
var usualDeclarations = [...]struct{ text, encoding string }{
	{`<?xml version="1.0" encoding="UTF-8"?>`, "UTF-8"},
	{`<?xml version="1.0" encoding="utf-8"?>`, "utf-8"},
	{`<?xml version="1.0"?>`, ""},
	{`<?xml version='1.0'?>`, ""},
}

// parseDeclaration reads the XML declaration at the front of s, if there is
// one (X6).
func parseDeclaration(s string) (declaration, error) {
	for _, usual := range usualDeclarations {
		if strings.HasPrefix(s, usual.text) {
			return declaration{usual.encoding, len(usual.text)}, nil
		}
	}
	if !strings.HasPrefix(s, "<?xml") || len(s) > 5 && !isSpace(s[5]) && s[5] != '?' {
		return declaration{}, nil
	}
	p := declParser{s: s, pos: 5}
	version, ok := p.attribute("version")
	if !ok || version != "1.0" {
		return declaration{}, p.fail("it has to begin with version 1.0")
	}
	enc, ok := p.attribute("encoding")
	if ok && !isEncodingName(enc) {
		return declaration{}, p.fail("bad name of an encoding")
	}
	if alone, ok := p.attribute("standalone"); ok && alone != "yes" && alone != "no" {
		return declaration{}, p.fail("standalone is yes or no")
	}
	p.pos += blank(s[p.pos:])
	if p.bad || !strings.HasPrefix(s[p.pos:], "?>") {
		return declaration{}, p.fail("it is not spelled right")
	}
	return declaration{enc, p.pos + 2}, nil
}

type declParser struct {
	s   string
	pos int
	bad bool
}

func (p *declParser) fail(why string) error {
	return errorAt(p.s, p.pos, ParseError, "bad XML declaration: %s", why)
}

// attribute reads name="value" if it comes next.
func (p *declParser) attribute(name string) (value string, ok bool) {
	gap := blank(p.s[p.pos:])
	rest, found := strings.CutPrefix(p.s[p.pos+gap:], name)
	if gap == 0 || !found {
		return "", false
	}
	rest, equals := strings.CutPrefix(rest[blank(rest):], "=")
	rest = rest[blank(rest):]
	if !equals || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		p.bad = true
		return "", false
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		p.bad = true
		return "", false
	}
	p.pos = len(p.s) - len(rest) + end + 2
	return rest[1 : end+1], true
}

func isEncodingName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return s != ""
}
