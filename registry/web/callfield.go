package web

import (
	"net/url"
	"strconv"
	"strings"

	"co2/methods"
)

// Bounds of a call form. What does not fit goes through the XML of the call.
const (
	maxFields     = 1000
	maxFieldDepth = 8
	maxFieldRows  = 50
)

// A field is one value of a call form: an input, or a group of fields.
type field struct {
	Path     string // names its inputs: p0, p0.2
	Label    string
	Type     string // of XML-RPC, or json; the one chosen where any may be
	Doc      string
	Optional bool
	Any      bool    // its type is chosen: see Types
	Picked   bool    // and was, since its inputs were shown
	Keyed    bool    // a member of a struct whose names are free: Key is its name
	Key      string  // as it was typed
	Text     string  // of a single value, as it was typed
	Empty    bool    // it is sent even if nothing was typed
	Secret   bool    // is sent, but never shown
	Open     bool    // Fields are rows, of which more can be added
	Row      bool    // it is one of these
	Full     bool    // but not here any more
	Fields   []field // of a struct or array
	Kept     []field // rows that were typed before, for which its type has no place
	Trouble  string  // why it cannot be sent
	Focus    string  // which of its inputs gets the focus: k, t or v; empty: none
}

// fieldTypes are what any value can be.
var fieldTypes = []string{"string", "int", "i8", "double", "boolean", "dateTime.iso8601", "base64", "nil", "struct", "array", "json"}

// Types are the choices of a field whose type is open.
func (f field) Types() []string { return fieldTypes }

// TypeWord is what people call the type t.
func (f field) TypeWord(t string) string {
	switch t {
	case "dateTime.iso8601":
		return "date and time"
	case "json":
		return "typed JSON"
	case "i8":
		return "i8 (64 bit)"
	}
	return t
}

// Sample shows how a value of the field's type is typed.
func (f field) Sample() string {
	switch f.Type {
	case "dateTime.iso8601":
		return "20261121T04:05:06"
	case "base64":
		return "Y28y"
	case "double":
		return "1.5"
	case "json":
		return `{"tempo": 120}`
	}
	return ""
}

// Group reports whether the field holds others.
func (f field) Group() bool { return f.Type == "struct" || f.Type == "array" }

// MayBeEmpty reports whether nothing typed may be a value of its own, beside
// being left out. A member that was given a name is never left out.
func (f field) MayBeEmpty() bool {
	return f.Optional && !f.Keyed && (f.Group() || f.Type == "string" || f.Type == "base64")
}

// Kind says what its value has to be; nothing of params that are not told.
func (f field) Kind() string {
	switch {
	case f.Path == untoldPath:
		return ""
	case f.Optional:
		return f.TypeWord(f.Type) + ", optional"
	}
	return f.TypeWord(f.Type)
}

// Long reports whether its text may have several lines.
func (f field) Long() bool {
	return f.Type == "json" || f.Type == "base64" || f.Any && f.Type == "string"
}

// Entry is the id of what a person changes when there is trouble with f.
func (f field) Entry() string {
	switch {
	case f.Keyed && f.Key == "":
		return "k." + f.Path
	case f.Any && (f.Group() || f.Type == "nil"):
		return "t." + f.Path
	case f.Group():
		return f.Path
	}
	return "v." + f.Path
}

// A badField is one that cannot be sent, and where it is.
type badField struct {
	field
	Where string // its label behind those of the groups that it is in
}

// badFields adds those of fields to list.
func badFields(list []badField, within string, fields []field) []badField {
	for _, f := range fields {
		where := within + f.Label
		if f.Trouble != "" {
			list = append(list, badField{f, where})
		}
		list = badFields(list, where+" › ", f.Fields)
	}
	return list
}

// A fieldMaker lays out the fields of a form as they were sent. It stops at
// bounds, so that a form asks for no more than a page can be.
type fieldMaker struct {
	sent    url.Values
	grow    string // path of the field that one row is added to
	changed string // path of the field whose type was changed
	removed string // path of the row that was removed: another one has it now
	left    int    // fields that may still be made
}

// newFields returns the fields for the params of a method, filled with what
// was sent. Params that are not told are the rows of one group.
func newFields(method Method, sent url.Values) []field {
	m := fieldMaker{sent: sent, left: maxFields}
	do, path, _ := strings.Cut(sent.Get("do"), " ")
	switch do {
	case "add":
		m.grow = path
	case "show":
		m.changed = path
	case "remove":
		m.removed = path
		m.sent = withoutRow(sent, path)
	}
	if method.Untold {
		return []field{m.field(untold, untoldPath, 0)}
	}
	fields := make([]field, 0, len(method.Params))
	for i, p := range method.Params {
		fields = append(fields, m.field(p, "p"+strconv.Itoa(i), 0))
	}
	return fields
}

// untoldPath is the path of the group of params that are not told; of others
// it is p0, p1 and so on.
const untoldPath = "p"

// untold is the shape of params of which nothing is known.
var untold = methods.Shape{Name: "params", Type: "array", Doc: "It does not tell which params it takes: give as many as you know of, in their order."}

func (m *fieldMaker) field(s methods.Shape, path string, depth int) field {
	m.left--
	f := field{
		Path: path, Label: s.Name, Type: s.Type, Doc: s.Doc, Optional: s.Optional,
		Text: m.sent.Get("v." + path), Secret: isSecret(s.Name), Empty: m.sent.Has("e." + path),
	}
	if f.Type == "undef" {
		f.Any, f.Type = true, "string"
		for _, t := range fieldTypes {
			if t == m.sent.Get("t."+path) {
				f.Type = t
			}
		}
		f.Picked = m.sent.Get("s."+path) != f.Type
	}
	if depth == maxFieldDepth && f.Group() {
		f.Trouble = "forms do not go deeper; write it as typed JSON, or the call as XML"
		return f
	}
	switch {
	case f.Type == "struct" && len(s.Members) > 0:
		for i, member := range s.Members {
			f.Fields = append(f.Fields, m.field(member, path+"."+strconv.Itoa(i), depth+1))
		}
	case f.Group():
		m.rows(&f, s.Item, depth)
	case f.Any:
		m.keep(&f, depth)
	}
	if f.Path == m.changed {
		f.focusValue()
	}
	return f
}

// anything is the shape of a value of which no more is known.
var anything = methods.Shape{Type: "undef", Optional: true}

// rows gives f as many rows as were sent, and one more where it was asked for.
func (m *fieldMaker) rows(f *field, item *methods.Shape, depth int) {
	shape := anything
	if item != nil && f.Type == "array" {
		shape = *item
	}
	n, err := strconv.Atoi(m.sent.Get("n." + f.Path))
	if err != nil || n < 1 {
		n = 1
	}
	if f.Path == m.grow {
		n++
	}
	f.Open = true
	for i := range min(n, maxFieldRows) {
		if m.left <= 0 {
			f.Full = true
			return
		}
		row := m.field(shape, f.Path+"."+strconv.Itoa(i), depth+1)
		row.Optional = true // an empty one is left out
		row.Row, row.Label = true, strconv.Itoa(i+1)
		row.Keyed, row.Key = f.Type == "struct", m.sent.Get("k."+row.Path)
		row.Secret = isSecret(row.Key)
		f.Fields = append(f.Fields, row)
	}
	f.Full = len(f.Fields) == maxFieldRows
	last := &f.Fields[len(f.Fields)-1]
	switch group, row := rowOf(m.removed); {
	case f.Path == m.grow:
		last.focus()
	case f.Path == group && row >= 0:
		f.Fields[min(row, len(f.Fields)-1)].focus()
	}
}

// isSecret reports whether a value called name is never shown again: it may
// be a password, such as notify_pass.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{"pass", "passwd", "password", "secret", "token"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
