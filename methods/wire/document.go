package wire

import "strings"

// root reads everything before the root element and its start tag. Anything
// but <name> is a document of another kind (S1).
func (d *decoder) root(name string) error {
	if err := d.misc(); err != nil {
		return err
	}
	if d.pos == len(d.s) || d.s[d.pos] != '<' {
		return d.fail(d.pos, ParseError, "no XML here; want <%s>", name)
	}
	from := d.pos
	if d.passTag(name) {
		return nil
	}
	if d.atEnd() {
		return d.fail(d.pos, ParseError, "an end tag before any start tag")
	}
	t, err := d.startTag()
	if err != nil {
		return err
	}
	if t.name != name || t.space != noSpace {
		return d.fail(from, InvalidRequest, "the document is %s, want <%s>", t.shown(), name)
	}
	if t.empty {
		return d.fail(from, InvalidRequest, "<%s/> is empty", name)
	}
	return nil
}

// misc passes over white space, comments and instructions outside the root.
func (d *decoder) misc() error {
	for {
		d.pos += blank(d.s[d.pos:])
		if d.pos == len(d.s) || d.s[d.pos] != '<' || d.tagAt(d.pos) {
			return nil
		}
		if err := d.markup(); err != nil {
			return err
		}
	}
}

// tail reads the end tag of the root element and what is behind it.
func (d *decoder) tail(name string) error {
	if err := d.close(name); err != nil {
		return err
	}
	if err := d.misc(); err != nil {
		return err
	}
	if d.pos == len(d.s) {
		return nil
	}
	if strings.HasPrefix(d.s[d.pos:], "<") {
		return d.fail(d.pos, ParseError, "a second root element")
	}
	return d.fail(d.pos, ParseError, "text after the root element")
}

// openFull reads a start tag that must not be self-closed.
func (d *decoder) openFull(name, inside string) error {
	from := d.pos
	empty, err := d.open(name, inside)
	if err == nil && empty {
		err = d.fail(from, InvalidRequest, "<%s/> is empty", name)
	}
	return err
}
