package web

import "strings"

// keep holds on to rows that were typed into f before its type became one
// that has none. They come back with the type.
func (m *fieldMaker) keep(f *field, depth int) {
	if depth >= maxFieldDepth || !m.sent.Has("n."+f.Path) {
		return
	}
	before := field{Path: f.Path, Type: "struct"}
	m.rows(&before, nil, depth)
	f.Kept = before.Fields
}

// KeptText is what was typed into f before its type became one that has no
// text.
func (f field) KeptText() string {
	if f.Any && (f.Group() || f.Type == "nil") && !f.Secret {
		return f.Text
	}
	return ""
}

// unfit says why f is not sent as it is: its type was picked after something
// was typed for which that type has no place. Once its own inputs have been
// shown and filled in, it is.
func (f *field) unfit() string {
	if !f.Any {
		return ""
	}
	switch {
	case f.Group() && f.Text != "" && (f.Picked || !f.Empty && !touched(f.Fields)):
		return "nothing was sent, since a text was typed, and a value of type " + f.Type + " has rows. The text is kept: fill in the rows, or change the type back. Typed JSON is taken as it stands"
	case f.Type == "nil" && f.Text != "" && f.Picked:
		return "nothing was sent, since a text was typed, and nil has none. The text is kept: call once more to send nil, or change the type back"
	case f.Type == "array" && f.Picked && keyed(f.Fields):
		return "nothing was sent, since members were given names, and the items of an array have none. They are kept: call once more to send the items, or change the type back"
	case !f.Group() && touched(f.Kept) && (f.Picked || f.Text == ""):
		return "nothing was sent, since rows were filled in, and a value of type " + f.TypeWord(f.Type) + " has none. They are kept: give the value here, or change the type back"
	}
	return ""
}

// touched reports whether anything was typed into one of fields.
func touched(fields []field) bool {
	for i := range fields {
		if fields[i].touched() {
			return true
		}
	}
	return false
}

// keyed reports whether one of fields was given a name.
func keyed(fields []field) bool {
	for i := range fields {
		if fields[i].Key != "" {
			return true
		}
	}
	return false
}

// Stray is text that the choices of a boolean do not have.
func (f field) Stray() string {
	if text := strings.TrimSpace(f.Text); text != "true" && text != "false" {
		return f.Text
	}
	return ""
}
