package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads exactly one JSON value in the format of
// docs/reference/json.md. Its errors are *SyntaxError, whose text names the
// octet where reading stopped.
func ParseJSON(b []byte) (Raw, error) {
	p := jsonParser{s: string(b), lim: Limits{}.or(), out: make([]byte, 0, 2*len(b))}
	if err := p.document(); err != nil {
		return Raw{}, err
	}
	return Raw{string(p.out)}, nil
}

// A jsonParser turns JSON into a canonical value as it reads.
type jsonParser struct {
	s      string
	pos    int
	lim    Limits
	depth  int
	values int
	out    []byte
}

func (p *jsonParser) fail(at int, format string, args ...any) error {
	return p.failCode(ParseError, at, format, args...)
}

func (p *jsonParser) failCode(code, at int, format string, args ...any) error {
	return &SyntaxError{Code: code, Text: fmt.Sprintf("JSON, octet %d: %s", at, fmt.Sprintf(format, args...))}
}

func (p *jsonParser) document() error {
	if !utf8.ValidString(p.s) {
		at := 0
		for at < len(p.s) {
			r, n := utf8.DecodeRuneInString(p.s[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return p.failCode(InvalidCharacter, at, "not UTF-8")
	}
	if err := p.value(); err != nil {
		return err
	}
	if p.space(); p.pos < len(p.s) {
		return p.fail(p.pos, "text after the value")
	}
	return nil
}

func (p *jsonParser) space() { p.pos += blank(p.s[p.pos:]) }

// next passes over white space and then over c, if that is there.
func (p *jsonParser) next(c byte) bool {
	p.space()
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *jsonParser) value() error {
	p.space()
	if p.values++; p.values > p.lim.Values {
		return p.failCode(LimitExceeded, p.pos, "more than %d values", p.lim.Values)
	}
	rest := p.s[p.pos:]
	switch {
	case rest == "":
		return p.fail(p.pos, "a value is missing")
	case rest[0] == '"':
		s, err := p.text()
		p.out = appendString(p.out, s)
		return err
	case rest[0] == '[':
		return p.nested(p.array)
	case rest[0] == '{':
		return p.nested(p.object)
	case strings.HasPrefix(rest, "true"):
		p.pos += len("true")
		p.out = appendBool(p.out, true)
	case strings.HasPrefix(rest, "false"):
		p.pos += len("false")
		p.out = appendBool(p.out, false)
	case strings.HasPrefix(rest, "null"):
		p.pos += len("null")
		p.out = append(p.out, nilValue...)
	default:
		return p.number()
	}
	return nil
}

// nested reads an array or an object, if it is not too deep.
func (p *jsonParser) nested(read func() error) error {
	if p.depth == p.lim.Depth {
		return p.failCode(LimitExceeded, p.pos, "arrays and objects more than %d deep", p.lim.Depth)
	}
	p.depth++
	p.pos++
	err := read()
	p.depth--
	return err
}

func (p *jsonParser) array() error {
	p.out = append(p.out, arrayOpen...)
	if p.next(']') {
		p.out = append(p.out, arrayClose...)
		return nil
	}
	for {
		if err := p.value(); err != nil {
			return err
		}
		if p.next(']') {
			p.out = append(p.out, arrayClose...)
			return nil
		}
		if !p.next(',') {
			return p.fail(p.pos, "want , or ] after an item")
		}
	}
}

func (p *jsonParser) object() error {
	from := len(p.out)
	p.out = append(p.out, structOpen...)
	if p.next('}') {
		p.out = append(p.out, structClose...)
		return nil
	}
	seen := map[string]bool{}
	for {
		at, name, err := p.key()
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(name, "$$"):
			name = name[1:]
		case strings.HasPrefix(name, "$"):
			if len(seen) > 0 {
				return p.fail(at, "%s beside other members", quote(name))
			}
			p.out = p.out[:from]
			return p.marked(at, name)
		}
		if seen[name] {
			return p.fail(at, "key %s twice", quote(name))
		}
		seen[name] = true
		p.out = appendName(p.out, name)
		if err := p.value(); err != nil {
			return err
		}
		p.out = append(p.out, memberClose...)
		if p.next('}') {
			p.out = append(p.out, structClose...)
			return nil
		}
		if !p.next(',') {
			return p.fail(p.pos, "want , or } after a member")
		}
	}
}

// key reads a key and the colon.
func (p *jsonParser) key() (at int, name string, err error) {
	p.space()
	at = p.pos
	if !strings.HasPrefix(p.s[at:], `"`) {
		return at, "", p.fail(at, "want a key")
	}
	if name, err = p.text(); err != nil {
		return at, "", err
	}
	if len(name) > p.lim.NameLen {
		return at, "", p.failCode(LimitExceeded, at, "a key of more than %d octets", p.lim.NameLen)
	}
	if !p.next(':') {
		return at, "", p.fail(p.pos, "want : after a key")
	}
	return at, name, nil
}

// marked reads the rest of {"$mark": "text"}, whose key stands at at.
func (p *jsonParser) marked(at int, mark string) error {
	kinds := map[string]kind{"$i8": kindI8, "$dateTime": kindDate, "$base64": kindBase64}
	k, ok := kinds[mark]
	if !ok {
		return p.fail(at, "unknown key %s; a name that begins with $ is written with $$", quote(mark))
	}
	p.space()
	at = p.pos
	if !strings.HasPrefix(p.s[at:], `"`) {
		return p.fail(at, "%s wants a string", mark)
	}
	text, err := p.text()
	if err != nil {
		return err
	}
	d := decoder{scanner: resume(text, 0, p.lim)}
	k, canonical, err := d.canonical(k, text)
	if err != nil {
		return p.fail(at, "%s is no %s", quote(text), k)
	}
	p.out = appendScalar(p.out, k, canonical)
	if !p.next('}') {
		return p.fail(p.pos, "%s has to stand alone", mark)
	}
	return nil
}

// number reads an integer as int, or i8 beyond 32 bit, and any other number
// as double.
func (p *jsonParser) number() error {
	n, err := scanNumber(p.s[p.pos:])
	if err != nil {
		return p.fail(p.pos, "not a value of JSON")
	}
	at := p.pos
	p.pos += len(n.text)
	if !n.point && !n.exponent {
		i, ok := parseInt(n.text)
		if !ok {
			return p.fail(at, "an integer beyond 64 bit")
		}
		k := kindInt
		if !fitsInt(i) {
			k = kindI8
		}
		p.out = appendScalar(p.out, k, n.text)
		return nil
	}
	f, ok := parseDouble(n.text)
	if !ok || len(n.text) > p.lim.Double {
		return p.fail(at, "a number out of range")
	}
	if n.exponent {
		n.text = string(appendFloat(nil, f, 64))
	}
	p.out = appendScalar(p.out, kindDouble, n.text)
	return nil
}
