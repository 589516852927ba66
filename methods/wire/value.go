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

// value reads a value: a scalar whole, with its text as sent; an array or a
// struct up to its first item, for item or member to go on. in is the element
// around it.
func (sc *scanner) value(in string) (k kind, text string, err error) {
	sc.at = sc.pos
	if sc.values++; sc.values > sc.lim.Values {
		return 0, "", sc.fail(sc.pos, LimitExceeded, "more than %d values", sc.lim.Values)
	}
	rest := sc.s[sc.pos:]
	tag := usualAt(rest)
	if tag == nil {
		return sc.oddValue(in)
	}
	if tag.close == "" {
		sc.pos += tag.size
		return tag.kind, "", sc.enter(sc.spaces.mark())
	}
	rest = rest[tag.size:]
	n := strings.IndexByte(rest, '<')
	if n < 0 || !strings.HasPrefix(rest[n:], tag.close) {
		return sc.oddValue(in)
	}
	sc.odd = sc.odd || tag.odd
	sc.pos += tag.size
	if text = rest[:n]; sc.clear(sc.pos + n) {
		sc.pos += n
	} else if text, err = sc.joined(in); err != nil {
		return 0, "", err
	}
	sc.pos += len(tag.close)
	return tag.kind, text, nil
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
	rest := sc.s[sc.pos:]
	switch {
	case sc.hollow:
		sc.hollow = false
		return false, nil
	case len(rest) > 7 && rest[:7] == "<value>":
		return true, nil
	case strings.HasPrefix(rest, "</data></array></value>"):
		sc.pos += len("</data></array></value>")
		sc.leave()
		return false, nil
	}
	return sc.oddItem()
}

// member reads the name of the struct's next member; ok is false if there is
// none and the struct has been read to the end.
func (sc *scanner) member() (name string, ok bool, err error) {
	rest := sc.s[sc.pos:]
	switch {
	case sc.hollow:
		sc.hollow = false
		return "", false, nil
	case len(rest) > 14 && rest[:14] == "<member><name>":
		rest = rest[14:]
		n := strings.IndexByte(rest, '<')
		if n >= 0 && strings.HasPrefix(rest[n:], "</name>") && sc.clear(sc.pos+14+n) {
			sc.pos += 14 + n + len("</name>")
			return rest[:n], true, sc.checkName(rest[:n])
		}
	case strings.HasPrefix(rest, "</struct></value>"):
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
	if rest := sc.s[sc.pos:]; len(rest) > 9 && rest[:9] == "</member>" {
		sc.pos += 9
	} else {
		if err := sc.blank("member"); err != nil {
			return err
		}
		if err := sc.close("member"); err != nil {
			return err
		}
	}
	if sc.spaces.mark() > 0 {
		sc.spaces.drop(sc.frames[len(sc.frames)-1].inner)
	}
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
