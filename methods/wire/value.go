package wire

import "strings"

// A kind is an XML-RPC type.
type kind uint8

const (
	kindString kind = iota
	kindInt
	kindI8
	kindBool
	kindDouble
	kindDate
	kindBase64
	kindNil
	kindArray
	kindStruct
)

func (k kind) String() string { return kindNames[k] }

var kindNames = [...]string{
	"string", "int", "i8", "boolean", "double", "dateTime.iso8601", "base64", "nil", "array", "struct",
}

// A usualTag is a type element as nearly everybody writes it.
type usualTag struct {
	open, close string
	kind        kind
	odd         bool // written otherwise by us
}

func usual(name string, k kind) *usualTag {
	return &usualTag{"<" + name + ">", "</" + name + "></value>", k, name == "i4"}
}

var (
	usualString  = usual("string", kindString)
	usualInt     = usual("int", kindInt)
	usualI4      = usual("i4", kindInt)
	usualI8      = usual("i8", kindI8)
	usualBoolean = usual("boolean", kindBool)
	usualDouble  = usual("double", kindDouble)
	usualDate    = usual("dateTime.iso8601", kindDate)
	usualBase64  = usual("base64", kindBase64)
)

// usualAt returns the scalar type whose start tag s begins with, or nil.
func usualAt(s string) *usualTag {
	if len(s) < 4 {
		return nil
	}
	tag := usualString
	switch s[1] {
	case 'i':
		switch s[2] {
		case 'n':
			tag = usualInt
		case '4':
			tag = usualI4
		default:
			tag = usualI8
		}
	case 'b':
		if tag = usualBoolean; s[2] == 'a' {
			tag = usualBase64
		}
	case 'd':
		if tag = usualDouble; s[2] == 'a' {
			tag = usualDate
		}
	}
	if !strings.HasPrefix(s, tag.open) {
		return nil
	}
	return tag
}

// value reads a value: a scalar whole, with its text as sent; an array or a
// struct up to its first item, for item or member to go on. in is the element
// around it.
func (sc *scanner) value(in string) (k kind, text string, err error) {
	sc.at = sc.pos
	if sc.values++; sc.values > sc.lim.Values {
		return 0, "", sc.fail(sc.pos, LimitExceeded, "more than %d values", sc.lim.Values)
	}
	if !sc.has("<value>") {
		return sc.oddValue(in)
	}
	start := sc.pos
	sc.pos += len("<value>")
	if rest := sc.s[sc.pos:]; len(rest) > 0 && rest[0] != '<' {
		// Untyped text; a value laid out on lines of its own is not.
		if text, ok := sc.span(); ok && strings.HasPrefix(rest[len(text):], "</value>") {
			sc.odd = true
			sc.pos += len(text) + len("</value>")
			return kindString, text, nil
		}
	} else if tag := usualAt(rest); tag != nil {
		sc.pos += len(tag.open)
		if text, ok := sc.span(); ok && strings.HasPrefix(sc.s[sc.pos+len(text):], tag.close) {
			sc.odd = sc.odd || tag.odd
			sc.pos += len(text) + len(tag.close)
			return tag.kind, text, nil
		}
	} else if k, ok := sc.usualContainer(rest); ok {
		return k, "", sc.enter(sc.spaces.mark())
	} else if strings.HasPrefix(rest, "<nil/></value>") {
		sc.pos += len("<nil/></value>")
		return kindNil, "", nil
	}
	sc.pos = start
	return sc.oddValue(in)
}

// usualContainer steps into an array or a struct in the usual spelling.
func (sc *scanner) usualContainer(rest string) (kind, bool) {
	switch {
	case strings.HasPrefix(rest, "<struct>"):
		sc.pos += len("<struct>")
		return kindStruct, true
	case strings.HasPrefix(rest, "<array><data>"):
		sc.pos += len("<array><data>")
		return kindArray, true
	}
	return 0, false
}

// enter opens a frame, if that is not too deep (L5, V-STRUCT-2).
func (sc *scanner) enter(outer int) error {
	if len(sc.frames) == sc.lim.Depth {
		return sc.fail(sc.at, LimitExceeded, "arrays and structs more than %d deep", sc.lim.Depth)
	}
	if sc.frames == nil {
		sc.frames = make([]frame, 0, 8)
	}
	sc.frames = append(sc.frames, frame{outer: outer, inner: sc.spaces.mark(), names: len(sc.names)})
	return nil
}

// leave closes the innermost frame.
func (sc *scanner) leave() {
	last := len(sc.frames) - 1
	f := &sc.frames[last]
	sc.spaces.drop(f.outer)
	sc.names = sc.names[:f.names]
	f.many = nil
	sc.frames = sc.frames[:last]
}

// item reports whether the array goes on with a value; if not, it has been
// read to the end.
func (sc *scanner) item() (more bool, err error) {
	switch {
	case sc.hollow:
		sc.hollow = false
		return false, nil
	case sc.has("<value>"):
		return true, nil
	case sc.has("</data></array></value>"):
		sc.pos += len("</data></array></value>")
		sc.leave()
		return false, nil
	}
	return sc.oddItem()
}

// member reads the name of the struct's next member; ok is false if there is
// none and the struct has been read to the end.
func (sc *scanner) member() (name string, ok bool, err error) {
	switch {
	case sc.hollow:
		sc.hollow = false
		return "", false, nil
	case sc.has("<member><name>"):
		start := sc.pos
		sc.pos += len("<member><name>")
		if name, ok := sc.span(); ok && strings.HasPrefix(sc.s[sc.pos+len(name):], "</name>") {
			sc.pos += len(name) + len("</name>")
			return name, true, sc.checkName(name)
		}
		sc.pos = start
	case sc.has("</struct></value>"):
		sc.pos += len("</struct></value>")
		sc.leave()
		return "", false, nil
	}
	return sc.oddMember()
}

func (sc *scanner) checkName(name string) error {
	if len(name) > sc.lim.NameLen {
		return sc.fail(sc.pos, LimitExceeded, "a member name of %d octets, at most %d are read", len(name), sc.lim.NameLen)
	}
	return nil
}

// endMember reads the end of a member, after its value.
func (sc *scanner) endMember() error {
	if sc.has("</member>") {
		sc.pos += len("</member>")
	} else {
		if err := sc.blank("member"); err != nil {
			return err
		}
		if err := sc.close("member"); err != nil {
			return err
		}
	}
	sc.spaces.drop(sc.frames[len(sc.frames)-1].inner)
	return nil
}

// fewNames are looked through one by one, more go into a map.
const fewNames = 32

// once notes a member's name and refuses it when it comes again (S9).
func (sc *scanner) once(name string) error {
	f := &sc.frames[len(sc.frames)-1]
	known := sc.names[f.names:]
	if f.many == nil {
		for _, other := range known {
			if other == name {
				return sc.twice(name)
			}
		}
		if sc.names == nil {
			sc.names = make([]string, 0, fewNames)
		}
		sc.names = append(sc.names, name)
		if len(known) == fewNames {
			f.many = make(map[string]struct{}, 2*fewNames)
			for _, other := range sc.names[f.names:] {
				f.many[other] = struct{}{}
			}
		}
		return nil
	}
	before := len(f.many)
	if f.many[name] = struct{}{}; len(f.many) == before {
		return sc.twice(name)
	}
	return nil
}

func (sc *scanner) twice(name string) error {
	return sc.fail(sc.pos, InvalidRequest, "member %s twice in one struct", quote(name))
}
