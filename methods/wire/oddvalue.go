package wire

import (
	"math"
)

// A typeTag says how the content of a type element is read. If lo is not
// zero, lo and hi bound its integers.
type typeTag struct {
	kind   kind
	lo, hi int64
}

// typeTags are the types of XML-RPC with nil and i8 (V-INT-1, V-NIL-1).
var typeTags = map[string]typeTag{
	"string": {kind: kindString}, "int": {kind: kindInt}, "i4": {kind: kindInt}, "i8": {kind: kindI8},
	"boolean": {kind: kindBool}, "double": {kind: kindDouble}, "dateTime.iso8601": {kind: kindDate},
	"base64": {kind: kindBase64}, "nil": {kind: kindNil}, "array": {kind: kindArray}, "struct": {kind: kindStruct},
}

// extTags are those of Apache's extension types that are read (V-EX-2).
var extTags = map[string]typeTag{
	"nil": {kind: kindNil}, "i8": {kind: kindI8}, "float": {kind: kindDouble}, "dateTime": {kind: kindDate},
	"i1": {kindInt, math.MinInt8, math.MaxInt8}, "i2": {kindInt, math.MinInt16, math.MaxInt16},
	"biginteger": {kind: kindInt},
}

// oddValue reads what value does, in any spelling.
func (sc *scanner) oddValue(in string) (k kind, text string, err error) {
	outer := sc.spaces.mark()
	empty, err := sc.open("value", in)
	if err != nil {
		return 0, "", err
	}
	if empty {
		sc.odd = true
		sc.spaces.drop(outer)
		return kindString, "", nil // V-STR-1
	}
	from := sc.pos
	if text, err = sc.joined("value"); err != nil {
		return 0, "", err
	}
	if sc.atEnd() {
		sc.odd = true
		err = sc.close("value")
		sc.spaces.drop(outer)
		return kindString, text, err
	}
	if text != "" {
		sc.odd = true
	}
	if blank(text) < len(text) {
		if _, err := sc.startTag(); err != nil { // a bare <, more likely than a tag
			return 0, "", err
		}
		return 0, "", sc.fail(from+blank(sc.s[from:]), InvalidRequest, "text beside the type element of a value") // S5
	}
	return sc.typed(outer)
}

// typed reads a type element and the end of its value.
func (sc *scanner) typed(outer int) (k kind, text string, err error) {
	from := sc.pos
	t, tt, err := sc.typeTag()
	if err != nil {
		return 0, "", err
	}
	if tt.kind == kindArray || tt.kind == kindStruct {
		if err := sc.enter(outer); err != nil {
			return 0, "", err
		}
		return tt.kind, "", sc.begin(t, tt.kind)
	}
	if t.empty {
		sc.odd = sc.odd || tt.kind != kindNil
	} else if text, err = sc.element(t.name); err != nil {
		return 0, "", err
	}
	if tt.lo != 0 {
		if n, ok := parseInt(trim(text)); !ok || n < tt.lo || n > tt.hi {
			return 0, "", sc.fail(from, InvalidRequest, "%s is no %s", quote(text), t.name)
		}
	}
	err = sc.endValue()
	sc.spaces.drop(outer)
	return tt.kind, text, err
}

// typeTag reads the start tag of a type element.
func (sc *scanner) typeTag() (tag, typeTag, error) {
	from := sc.pos
	t, err := sc.startTag()
	if err != nil {
		return t, typeTag{}, err
	}
	tags := typeTags
	if t.space == extSpace {
		tags = extTags
	}
	tt, ok := tags[t.local()]
	if !ok || t.space == foreign {
		return t, tt, sc.fail(from, InvalidRequest, "%s is no type of XML-RPC", t.shown()) // S6, X13, V-EX-3
	}
	return t, tt, nil
}

// begin steps into an array or a struct whose start tag has been read (S7).
func (sc *scanner) begin(t tag, k kind) error {
	f := &sc.frames[len(sc.frames)-1]
	if t.empty {
		return sc.end(k, true)
	}
	if k == kindStruct {
		f.inner = sc.spaces.mark()
		return nil
	}
	if err := sc.blank("array"); err != nil {
		return err
	}
	if sc.atEnd() {
		sc.hollow = true
		return sc.end(k, false)
	}
	empty, err := sc.open("data", "array")
	if err != nil {
		return err
	}
	if empty {
		sc.hollow = true
		return sc.end(k, false)
	}
	f.inner = sc.spaces.mark()
	return nil
}

// end reads the end tags of an array or a struct, unless it was self-closed,
// and of its value.
func (sc *scanner) end(k kind, closed bool) error {
	sc.odd = true
	if closed {
		sc.hollow = true
	} else {
		if err := sc.blank(k.String()); err != nil {
			return err
		}
		if err := sc.close(k.String()); err != nil {
			return err
		}
	}
	sc.leave()
	return sc.endValue()
}

// endValue reads the end tag of a value, after its type element.
func (sc *scanner) endValue() error {
	if err := sc.blank("value"); err != nil {
		return err
	}
	return sc.close("value")
}

// oddItem reads what item does, in any spelling.
func (sc *scanner) oddItem() (more bool, err error) {
	if err := sc.blank("data"); err != nil {
		return false, err
	}
	if !sc.atEnd() {
		return true, nil
	}
	if err := sc.close("data"); err != nil {
		return false, err
	}
	return false, sc.end(kindArray, false)
}

// oddMember reads what member does, in any spelling.
func (sc *scanner) oddMember() (name string, ok bool, err error) {
	if err := sc.blank("struct"); err != nil {
		return "", false, err
	}
	if sc.atEnd() {
		return "", false, sc.end(kindStruct, false)
	}
	from := sc.pos
	empty, err := sc.open("member", "struct")
	if err != nil {
		return "", false, err
	}
	if empty {
		return "", false, sc.fail(from, InvalidRequest, "<member/> without name and value") // S8
	}
	name, err = sc.memberName()
	return name, err == nil, err
}

// memberName reads the name element, up to the value.
func (sc *scanner) memberName() (name string, err error) {
	mark := sc.spaces.mark()
	empty, err := sc.open("name", "member")
	if err != nil {
		return "", err
	}
	if empty {
		sc.odd = true
	} else if name, err = sc.element("name"); err != nil {
		return "", err
	}
	sc.spaces.drop(mark)
	return name, sc.checkName(name)
}
