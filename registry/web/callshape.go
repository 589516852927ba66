package web

import (
	"fmt"
	"strings"

	"co2/methods"
)

// A shapeTeller reads shapes out of what a server tells of its methods.
// Nothing of it is trusted: what is out of form becomes any value.
type shapeTeller struct{ left int }

// fromStruct reads co2's signature struct: with params and result as our
// servers have them, or else the names of the arguments alone.
func (t *shapeTeller) fromStruct(told map[string]any, m *Method) {
	if result, ok := told["result"].(map[string]any); ok {
		m.Result = t.shape(result, 0)
	}
	params, ok := told["params"].([]any)
	if !ok {
		args, ok := told["args"].([]any)
		if !ok {
			return
		}
		defaults, _ := told["args_d"].(map[string]any)
		for _, arg := range args {
			name := cutText(fmt.Sprint(arg), maxNameText)
			_, optional := defaults[name]
			params = append(params, map[string]any{"name": name, "optional": optional})
		}
	}
	m.Params, m.Untold = t.shapes(params, 0), false
	m.Signature = signatureOf(*m)
}

// fromLists reads the general form: lists of types, the result first. The
// longest one counts, and what the shorter ones lack may be left out.
func (t *shapeTeller) fromLists(told []any, m *Method) {
	var longest []any
	shortest := -1
	for _, one := range told {
		way, _ := one.([]any)
		if len(way) == 0 {
			continue
		}
		if len(way) > len(longest) {
			longest = way
		}
		if shortest < 0 || len(way) < shortest {
			shortest = len(way)
		}
	}
	if longest == nil {
		return
	}
	m.Result = methods.Shape{Type: typeWord(longest[0])}
	m.Params, m.Untold = nil, false
	for i, kind := range longest[1:] {
		if t.left--; t.left < 0 {
			break
		}
		m.Params = append(m.Params, methods.Shape{Name: fmt.Sprintf("param %d", i+1), Type: typeWord(kind), Optional: i+1 >= shortest})
	}
	m.Signature = signatureOf(*m)
}

func (t *shapeTeller) shapes(told []any, depth int) []methods.Shape {
	var list []methods.Shape
	for _, one := range told {
		if t.left <= 0 {
			break
		}
		about, _ := one.(map[string]any)
		list = append(list, t.shape(about, depth))
	}
	return list
}

func (t *shapeTeller) shape(told map[string]any, depth int) methods.Shape {
	t.left--
	text := func(key string, most int) string {
		s, _ := told[key].(string)
		return cutText(s, most)
	}
	s := methods.Shape{Name: text("name", maxNameText), Type: typeWord(told["type"]), Doc: text("doc", maxHelpText)}
	s.Optional, _ = told["optional"].(bool)
	if depth == maxShaping {
		return s
	}
	if members, ok := told["members"].([]any); ok && s.Type == "struct" {
		s.Members = t.shapes(members, depth+1)
	}
	if item, ok := told["item"].(map[string]any); ok && s.Type == "array" && t.left > 0 {
		inner := t.shape(item, depth+1)
		s.Item = &inner
	}
	return s
}

// typeWord is the type that a server names, or undef, any of them.
func typeWord(told any) string {
	word, _ := told.(string)
	switch word {
	case "int", "i8", "boolean", "string", "double", "dateTime.iso8601", "base64", "array", "struct", "nil":
		return word
	case "i4":
		return "int"
	case "bool":
		return "boolean"
	case "dateTime":
		return "dateTime.iso8601"
	}
	return "undef"
}

// signatureOf writes a signature for people.
func signatureOf(m Method) string {
	var params []string
	for _, p := range m.Params {
		if p.Optional {
			p.Type = "[" + p.Type + "]"
		}
		params = append(params, p.Type)
	}
	result := m.Result.Type
	if result == "" {
		result = "undef"
	}
	return m.Name + "(" + strings.Join(params, ", ") + ") → " + result
}
