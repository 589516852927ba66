package wire

import "strings"

// A usualTag is what stands around the text of a scalar, or begins an array
// or a struct, as nearly everybody writes it.
type usualTag struct {
	kind  kind
	size  int    // of <value> and the tags behind it
	close string // the end tags; empty for an array or a struct
	odd   bool   // written otherwise by us
}

func usual(name string, k kind) *usualTag {
	return &usualTag{k, len("<value><>") + len(name), "</" + name + "></value>", name == "i4"}
}

var (
	usualUntyped = &usualTag{kindString, len("<value>"), "</value>", true}
	usualString  = usual("string", kindString)
	usualInt     = usual("int", kindInt)
	usualI4      = usual("i4", kindInt)
	usualI8      = usual("i8", kindI8)
	usualBoolean = usual("boolean", kindBool)
	usualDouble  = usual("double", kindDouble)
	usualDate    = usual("dateTime.iso8601", kindDate)
	usualBase64  = usual("base64", kindBase64)
	usualNil     = &usualTag{kindNil, len("<value><nil/>"), "</value>", false}
	usualArray   = &usualTag{kind: kindArray, size: len(arrayOpen)}
	usualStruct  = &usualTag{kind: kindStruct, size: len(structOpen)}
)

// usualAt returns the tag that the value at the front of s begins with, nil
// if it is spelled otherwise. Behind <value> there are eight octets or more;
// prefixes that fit are sliced off since that comparison needs no call.
func usualAt(s string) *usualTag {
	if len(s) < len("<value></value>") || s[:7] != "<value>" {
		return nil
	}
	s = s[7:]
	if s[0] != '<' {
		return usualUntyped
	}
	switch s[1] {
	case 's':
		switch s[:8] {
		case "<string>":
			return usualString
		case "<struct>":
			return usualStruct
		}
	case 'i':
		switch {
		case s[:5] == "<int>":
			return usualInt
		case s[:4] == "<i4>":
			return usualI4
		case s[:4] == "<i8>":
			return usualI8
		}
	case 'b':
		switch {
		case strings.HasPrefix(s, "<boolean>"):
			return usualBoolean
		case s[:8] == "<base64>":
			return usualBase64
		}
	case 'd':
		switch {
		case s[:8] == "<double>":
			return usualDouble
		case strings.HasPrefix(s, "<dateTime.iso8601>"):
			return usualDate
		}
	case 'a':
		if strings.HasPrefix(s, "<array><data>") {
			return usualArray
		}
	case 'n':
		if s[:6] == "<nil/>" {
			return usualNil
		}
	}
	return nil
}
