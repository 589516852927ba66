package wire

import (
	"strings"
)

// A scanner reads one document, from the front to the back, once. Names and
// texts are substrings of it wherever they need no decoding.
//
// The usual spelling of everything, tags without attributes and nothing
// between them, is recognised by comparing literals at the cursor. Whatever
// is spelled otherwise is read again, from the same place, by a slower twin
// (value.go) that knows all of XML; both report the same things.
type scanner struct {
	s string // normalised text
	cursor
	at     int // where the value read last begins, for errors
	lim    Limits
	values int     // read so far
	frames []frame // the arrays and structs that are open
	hollow bool    // the array or struct just begun has ended already
	odd    bool    // something was not in canonical spelling
	even   bool    // the text read last had references, but those alone that are canonical
	spaces spaces
	names  []string // of members seen in the open structs
}

// A cursor is how far a document has been read, and what is known of the text
// in front.
type cursor struct {
	pos   int
	snag  int // where the next & or ]]> is; stale when before pos
	amp   int // where the next & is; likewise
	cdend int // where the next ]]> is; likewise
}

func cursorAt(pos int) cursor { return cursor{pos, -1, -1, -1} }

// A frame is what to put back when an array or struct ends.
type frame struct {
	outer int // bindings from before the value's tag
	inner int // bindings inside the array or struct
	names int // length of names
	many  map[string]struct{}
}

// start makes sc ready for body and reads its XML declaration.
func (sc *scanner) start(body []byte, charset string, lim Limits) error {
	text, err := toText(body, charset)
	if err != nil {
		return err
	}
	if text, err = normalise(text); err != nil {
		return err
	}
	decl, err := parseDeclaration(text)
	if err != nil {
		return err
	}
	sc.s, sc.cursor, sc.lim = text, cursorAt(decl.size), lim.or()
	return nil
}

// resume makes a scanner for text that has been read before, from pos on.
func resume(text string, pos int, lim Limits) scanner {
	return scanner{s: text, cursor: cursorAt(pos), lim: lim}
}

func (sc *scanner) fail(at, code int, format string, args ...any) error {
	return errorAt(sc.s, at, code, format, args...)
}

func (sc *scanner) has(literal string) bool { return strings.HasPrefix(sc.s[sc.pos:], literal) }

// pass moves past literal, if that is what comes.
func (sc *scanner) pass(literal string) bool {
	if !sc.has(literal) {
		return false
	}
	sc.pos += len(literal)
	return true
}

// span returns the text up to the next tag or markup without moving; ok is
// false if it holds references or ]]> or never ends.
func (sc *scanner) span() (text string, ok bool) {
	rest := sc.s[sc.pos:]
	n := strings.IndexByte(rest, '<')
	if n < 0 {
		return "", false
	}
	return rest[:n], sc.clear(sc.pos + n)
}

// clear reports whether the text from the cursor to end stands for itself.
func (sc *scanner) clear(end int) bool {
	if sc.snag < sc.pos {
		sc.findSnag()
	}
	return sc.snag >= end
}

// findSnag looks for what keeps a text from standing for itself.
func (sc *scanner) findSnag() {
	if sc.amp < sc.pos {
		sc.amp = sc.next("&")
	}
	if sc.cdend < sc.pos {
		sc.cdend = sc.next("]]>")
	}
	sc.snag = min(sc.amp, sc.cdend)
}

// next finds literal from the cursor on. Its callers keep the answer until
// the cursor has passed it, so that all searches together read a document
// once.
func (sc *scanner) next(literal string) int {
	if i := strings.Index(sc.s[sc.pos:], literal); i >= 0 {
		return sc.pos + i
	}
	return len(sc.s)
}

// element reads the text of an element called name and its end tag.
func (sc *scanner) element(name string) (string, error) {
	text, err := sc.joined(name)
	if err != nil {
		return "", err
	}
	return text, sc.close(name)
}

// joined reads the text in the element called inside up to the next tag.
// Comments and instructions vanish, CDATA and references are resolved, the
// pieces join (X8, X9).
func (sc *scanner) joined(inside string) (string, error) {
	if text, ok := sc.span(); ok && sc.tagAt(sc.pos+len(text)) {
		sc.pos += len(text)
		return text, nil
	}
	from, pure := sc.pos, true
	var b strings.Builder
	for {
		n := strings.IndexByte(sc.s[sc.pos:], '<')
		if n < 0 {
			return "", sc.endsInside(inside)
		}
		b.Grow(n)
		if err := sc.piece(&b, sc.pos+n); err != nil {
			return "", err
		}
		switch {
		case sc.tagAt(sc.pos):
			text := b.String()
			sc.even = pure && spells(sc.s[from:sc.pos], text)
			sc.odd = sc.odd || !sc.even
			return text, nil
		case sc.has("<![CDATA["):
			pure = false
			section, err := sc.cdata()
			if err != nil {
				return "", err
			}
			b.WriteString(section)
		default:
			pure = false
			if err := sc.markup(); err != nil {
				return "", err
			}
		}
	}
}

// hasOdd reports whether the text read last has a > that was not written as a
// reference. It is asked for every text that is skipped.
func (sc *scanner) hasOdd(text string) bool {
	even := sc.even
	sc.even = false
	return !even && strings.IndexByte(text, '>') >= 0
}

// tagAt reports whether the < at i begins a tag, not a comment or the like.
func (sc *scanner) tagAt(i int) bool {
	return i+1 < len(sc.s) && sc.s[i+1] != '!' && sc.s[i+1] != '?'
}

func (sc *scanner) endsInside(name string) error {
	return sc.fail(len(sc.s), ParseError, "the document ends inside <%s>", clip(name, 64))
}

// piece reads text without tags up to end.
func (sc *scanner) piece(b *strings.Builder, end int) error {
	for sc.pos < end {
		if sc.snag < sc.pos {
			sc.findSnag()
		}
		stop := min(end, sc.snag)
		b.WriteString(sc.s[sc.pos:stop])
		sc.pos = stop
		switch stop {
		case end:
			return nil
		case sc.cdend:
			return sc.fail(stop, ParseError, "]]> in text")
		}
		r, n := reference(sc.s[stop:end])
		if n == 0 {
			return sc.fail(stop, ParseError, "& that begins no reference XML knows; write &amp;")
		}
		b.WriteRune(r)
		sc.pos += n
	}
	return nil
}

// cdata reads a CDATA section.
func (sc *scanner) cdata() (string, error) {
	from := sc.pos + len("<![CDATA[")
	n := strings.Index(sc.s[from:], "]]>")
	if n < 0 {
		return "", sc.fail(sc.pos, ParseError, "a CDATA section does not end")
	}
	sc.pos = from + n + len("]]>")
	return sc.s[from : from+n], nil
}

// markup passes over a comment or a processing instruction and refuses what
// else begins with <! or <?.
func (sc *scanner) markup() error {
	sc.odd = true
	switch {
	case sc.has("<!--"):
		return sc.comment()
	case sc.has("<?"):
		return sc.instruction()
	case sc.has("<!DOCTYPE"):
		return sc.fail(sc.pos, InvalidRequest, "DOCTYPE is not allowed") // X10
	}
	return sc.fail(sc.pos, ParseError, "< that begins no tag; write &lt;")
}

func (sc *scanner) comment() error {
	from := sc.pos + len("<!--")
	n := strings.Index(sc.s[from:], "--")
	if n < 0 {
		return sc.fail(sc.pos, ParseError, "a comment does not end")
	}
	if !strings.HasPrefix(sc.s[from+n:], "-->") {
		return sc.fail(from+n, ParseError, "-- inside a comment")
	}
	sc.pos = from + n + len("-->")
	return nil
}

func (sc *scanner) instruction() error {
	from := sc.pos + len("<?")
	n := strings.Index(sc.s[from:], "?>")
	if n < 0 {
		return sc.fail(sc.pos, ParseError, "a processing instruction does not end")
	}
	body := sc.s[from : from+n]
	target := body[:nameLen(body)]
	switch {
	case target == "" || len(target) < n && !isSpace(body[len(target)]):
		return sc.fail(sc.pos, ParseError, "a processing instruction without a name")
	case strings.EqualFold(target, "xml"):
		return sc.fail(sc.pos, ParseError, "an XML declaration that is not at the very front")
	}
	sc.pos = from + n + len("?>")
	return nil
}
