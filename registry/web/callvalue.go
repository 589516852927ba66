package web

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"co2/methods/wire"
)

// values returns the params of a form, and whether all of them can be sent;
// the fields that cannot say why. Without secrets, those are left out. What
// may be left out is, when nothing was typed.
func values(fields []field, secrets bool) (params []wire.Raw, ok bool) {
	ok, skipped := true, -1
	for i := range fields {
		f := &fields[i]
		v, given := f.value(secrets)
		switch {
		case f.bad():
			ok = false
		case !given && skipped < 0:
			skipped = i
		case given && skipped >= 0:
			fields[skipped].Trouble = "give this one too: the params come in order, and one behind it is given"
			ok = false
		case given:
			params = append(params, v)
		}
	}
	return params, ok
}

// bad reports whether something is wrong with f or within it.
func (f *field) bad() bool {
	if f.Trouble != "" {
		return true
	}
	for i := range f.Fields {
		if f.Fields[i].bad() {
			return true
		}
	}
	return false
}

// touched reports whether anything was typed into f or within it.
func (f *field) touched() bool {
	return f.Keyed && f.Key != "" || f.Text != "" || touched(f.Fields) || touched(f.Kept) || f.Any && f.Type == "nil" || f.Empty && f.MayBeEmpty()
}

// value returns f's value, or not given where it is left out. What is wrong
// goes into its Trouble.
func (f *field) value(secrets bool) (v wire.Raw, given bool) {
	if f.Trouble != "" || f.Optional && !f.touched() || f.Secret && !secrets {
		return v, false
	}
	if f.Trouble = f.unfit(); f.Trouble != "" {
		return v, false
	}
	var err error
	switch f.Type {
	case "struct":
		v, err = f.members(secrets)
	case "array":
		v, err = f.items(secrets)
	default:
		v, err = scalar(f.Type, f.Text)
	}
	if err != nil {
		f.Trouble = err.Error()
	}
	return v, err == nil
}

func (f *field) members(secrets bool) (wire.Raw, error) {
	var members []wire.Member
	for i := range f.Fields {
		m := &f.Fields[i]
		v, given := m.value(secrets)
		name := m.Label
		if m.Keyed {
			name = m.Key
		}
		switch {
		case !given:
		case m.Keyed && name == "":
			m.Trouble = "give the member a name"
		default:
			members = append(members, wire.Member{Name: name, Value: v})
		}
	}
	return wire.RawStruct(members)
}

func (f *field) items(secrets bool) (wire.Raw, error) {
	items := []any{}
	for i := range f.Fields {
		if v, given := f.Fields[i].value(secrets); given {
			items = append(items, v)
		}
	}
	return wire.NewRaw(items)
}

// scalar reads a single value as people type it.
func scalar(kind, text string) (wire.Raw, error) {
	trimmed := strings.TrimSpace(text)
	switch kind {
	case "string":
		return stringValue(text)
	case "int":
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err != nil {
			return wire.Raw{}, fmt.Errorf("this is no whole number that fits 64 bit")
		}
		return wire.NewRaw(n)
	case "i8":
		return marked("$i8", trimmed, "this is no whole number that fits 64 bit")
	case "double":
		f, err := strconv.ParseFloat(trimmed, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return wire.Raw{}, fmt.Errorf("this is no number, such as 1.5")
		}
		return wire.NewRaw(f)
	case "boolean":
		if trimmed != "true" && trimmed != "false" {
			return wire.Raw{}, fmt.Errorf("choose true or false")
		}
		return wire.NewRaw(trimmed == "true")
	case "dateTime.iso8601":
		return marked("$dateTime", compactDate(trimmed), "this is no date and time, such as 20261121T04:05:06")
	case "base64":
		return marked("$base64", strings.Join(strings.Fields(text), ""), "this is no base64")
	case "nil":
		return wire.NewRaw(nil)
	case "json":
		return wire.ParseJSON([]byte(text))
	}
	return wire.Raw{}, fmt.Errorf("the form knows no %s; write the call as XML", kind)
}

// stringValue takes text as a browser sends it: with CR LF for each line end.
func stringValue(text string) (wire.Raw, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, c := range text {
		if unicode.IsControl(c) && c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == unicode.ReplacementChar || c == '\uFFFE' || c == '\uFFFF' {
			return wire.Raw{}, fmt.Errorf("there is a character that XML cannot carry; send the octets as base64")
		}
	}
	return wire.NewRaw(text)
}

// marked reads a value for which typed JSON has a mark.
func marked(mark, text, trouble string) (wire.Raw, error) {
	doc, err := json.Marshal(map[string]string{mark: text})
	if err != nil {
		return wire.Raw{}, err
	}
	v, err := wire.ParseJSON(doc)
	if err != nil {
		return v, fmt.Errorf("%s", trouble)
	}
	return v, nil
}

// compactDate writes the date that pickers make, 2026-11-21T04:05, as XML-RPC
// has it.
func compactDate(text string) string {
	if len(text) < len("2006-01-02T15:04") || text[4] != '-' || text[7] != '-' || strings.ContainsAny(text[10:], "Zz+-") {
		return text
	}
	clock := text[11:]
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	return text[:4] + text[5:7] + text[8:10] + "T" + clock
}
