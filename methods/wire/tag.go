package wire

import (
	"strings"
	"unicode/utf8"
)

// A tag is a start tag.
type tag struct {
	name  string // as written
	space space
	empty bool // <name/>
}

// local is the name without its prefix.
func (t tag) local() string { return t.name[strings.IndexByte(t.name, ':')+1:] }

// blank passes over white space, comments and instructions in the element
// called inside, up to a tag. Any other text is an error (X14).
func (sc *scanner) blank(inside string) error {
	if sc.pos < len(sc.s) && sc.s[sc.pos] == '<' && sc.tagAt(sc.pos) {
		return nil
	}
	sc.odd = true
	from := sc.pos
	text, err := sc.joined(inside)
	if err != nil {
		return err
	}
	if blank(text) < len(text) {
		from += blank(sc.s[from:])
		return sc.fail(from, InvalidRequest, "text between the elements of <%s>", inside)
	}
	return nil
}

// atEnd reports whether an end tag is at the cursor.
func (sc *scanner) atEnd() bool { return sc.has("</") }

// open reads the start tag of the element called name, which is in the one
// called inside and in no namespace.
func (sc *scanner) open(name, inside string) (empty bool, err error) {
	if err := sc.blank(inside); err != nil {
		return false, err
	}
	if sc.passTag(name) {
		return false, nil
	}
	from := sc.pos
	if sc.atEnd() {
		if err := sc.close(inside); err != nil {
			return false, err
		}
		return false, sc.fail(from, InvalidRequest, "</%s> without <%s> before it", inside, name)
	}
	t, err := sc.startTag()
	if err != nil {
		return false, err
	}
	if t.name != name || t.space != noSpace {
		return false, sc.fail(from, InvalidRequest, "%s in <%s>, want <%s>", t.shown(), inside, name)
	}
	return t.empty, nil
}

// passTag moves past <name>, if that is what comes.
func (sc *scanner) passTag(name string) bool {
	rest, n := sc.s[sc.pos:], len(name)+2
	if len(rest) < n || rest[0] != '<' || rest[n-1] != '>' || rest[1:n-1] != name {
		return false
	}
	sc.pos += n
	return true
}

// shown is the tag as fault texts name it.
func (t tag) shown() string {
	if t.space == foreign {
		return "<" + clip(t.name, 64) + "> of another namespace"
	}
	return "<" + clip(t.name, 64) + ">"
}

// close reads the end tag of the element called name.
func (sc *scanner) close(name string) error {
	rest := sc.s[sc.pos:]
	if len(rest) > len(name)+2 && rest[len(name)+2] == '>' && rest[:2] == "</" && rest[2:len(name)+2] == name {
		sc.pos += len(name) + 3
		return nil
	}
	return sc.oddClose(name)
}

func (sc *scanner) oddClose(name string) error {
	sc.odd = true
	if err := sc.blank(name); err != nil {
		return err
	}
	from := sc.pos
	if !sc.atEnd() {
		t, err := sc.startTag()
		if err != nil {
			return err
		}
		return sc.fail(from, InvalidRequest, "%s in <%s>, want </%s>", t.shown(), clip(name, 64), clip(name, 64))
	}
	rest := sc.s[from+2:]
	got := rest[:nameLen(rest)]
	n := len(got) + blank(rest[len(got):])
	switch {
	case n == len(rest):
		return sc.endsInside(name)
	case got == "" || rest[n] != '>':
		return sc.fail(from, ParseError, "a bad end tag")
	case got != name:
		return sc.fail(from, ParseError, "</%s> ends <%s>", clip(got, 64), clip(name, 64))
	}
	sc.pos = from + 2 + n + 1
	return nil
}

// startTag reads any start tag. Attributes are checked and, but for
// declarations of namespaces, ignored (X12).
func (sc *scanner) startTag() (tag, error) {
	sc.odd = true
	from := sc.pos
	rest := sc.s[from+1:]
	t := tag{name: rest[:nameLen(rest)]}
	if t.name == "" {
		return t, sc.fail(from, ParseError, "< that begins no tag; write &lt;")
	}
	sc.pos += 1 + len(t.name)
	attrs, err := sc.attributes(&t)
	if err != nil {
		return t, err
	}
	if len(t.name) > sc.lim.Element {
		return t, sc.fail(from, InvalidRequest, "an element name of more than %d octets", sc.lim.Element)
	}
	t.space = sc.spaceFor(t.name, attrs)
	return t, nil
}

// spaceFor finds the namespace of an element.
func (sc *scanner) spaceFor(name string, own space) space {
	prefix, _, prefixed := strings.Cut(name, ":")
	if prefixed {
		return sc.spaces.lookup(prefix)
	}
	return own
}

// nameLen returns the length of the XML name at the front of s.
func nameLen(s string) int {
	for i, r := range s {
		if !isNameStart(r) && (i == 0 || !isNameRest(r)) {
			return i
		}
	}
	return len(s)
}

func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r == '_' || r == ':'
	}
	return r >= 0xC0 && r <= 0x2FF && r != 0xD7 && r != 0xF7 ||
		r >= 0x370 && r <= 0x1FFF && r != 0x37E ||
		r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F ||
		r >= 0x2C00 && r <= 0x2FEF || r >= 0x3001 && r <= 0xD7FF ||
		r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD ||
		r >= 0x10000 && r <= 0xEFFFF
}

// isNameRest reports whether r may stand in a name but not begin it.
func isNameRest(r rune) bool {
	return r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 ||
		r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}
