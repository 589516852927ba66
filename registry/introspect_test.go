package registry_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"co2/methods"
	"co2/registry"
)

// The table walked from outside: every name that is listed has help and both
// signatures.
func TestEveryMethodIsDescribed(t *testing.T) {
	s := serve(t, registry.Config{}, public("plugin.nested", countEntries))
	names, _ := s.must(t, "sys.listMethods").(items)
	if len(names) < 25 {
		t.Fatalf("sys.listMethods = %v, want the built-in methods", names)
	}
	for _, name := range names {
		if help, _ := s.must(t, "sys.methodHelp", name).(string); len(help) < 10 {
			t.Errorf("Call(sys.methodHelp, %q) = %q, want some words", name, help)
		}
		checkSignature(t, name, s.must(t, "sys.methodSignature", name))
		checkGeneral(t, name, s.must(t, "system.methodSignature", name))
	}
}

func checkSignature(t *testing.T, name, sig any) {
	t.Helper()
	m, _ := sig.(members)
	args, _ := m["args"].(items)
	defaults, isStruct := m["args_d"].(members)
	params, isArray := m["params"].(items)
	result, _ := m["result"].(members)
	switch {
	case len(m) != 6, len(args) != 1, !isStruct, !isArray, len(params) > 1, result["type"] == nil:
		t.Errorf("Call(sys.methodSignature, %q) = %v, want args, args_d, args_v, args_kw, params, result", name, sig)
	case !reflect.DeepEqual(m["args_v"], any(items{})) || !reflect.DeepEqual(m["args_kw"], any(items{})):
		t.Errorf("args_v, args_kw of %q = %v, %v, want empty arrays", name, m["args_v"], m["args_kw"])
	case args[0] != "param_dict" && args[0] != "method_name":
		t.Errorf("args of %q = %v, want param_dict or method_name", name, args)
	}
	for arg := range defaults {
		if !slices.Contains(args, any(arg)) {
			t.Errorf("args_d of %q = %v, want names from %v", name, defaults, args)
		}
	}
}

var typeNames = []any{"int", "i8", "boolean", "string", "double", "dateTime.iso8601", "base64", "array", "struct", "nil", "undef"}

func checkGeneral(t *testing.T, name, sigs any) {
	t.Helper()
	list, _ := sigs.(items)
	if len(list) == 0 {
		t.Errorf("Call(system.methodSignature, %q) = %v, want an array of arrays", name, sigs)
	}
	for _, sig := range list {
		types, _ := sig.(items)
		if len(types) == 0 || len(types) > 2 {
			t.Errorf("Call(system.methodSignature, %q) = %v, want one or two types", name, sigs)
		}
		for _, typ := range types {
			if !slices.Contains(typeNames, typ) {
				t.Errorf("Call(system.methodSignature, %q) = %v, want names of types", name, sigs)
			}
		}
	}
}

func TestSignatureStruct(t *testing.T) {
	s := serve(t, registry.Config{}, public("plugin.nested", countEntries))
	shape := func(name, typ, doc string, optional bool) members {
		return members{"name": name, "type": typ, "doc": doc, "optional": optional}
	}
	with := func(m members, key string, v any) members { m[key] = v; return m }
	tests := []struct {
		method string
		want   members
	}{
		{"ping", members{
			"args": items{"param_dict"}, "args_d": members{"param_dict": members{}}, "args_v": items{}, "args_kw": items{},
			"params": items{}, "result": shape("", "string", "", false),
		}},
		{"sys.methodHelp", members{
			"args": items{"method_name"}, "args_d": members{}, "args_v": items{}, "args_kw": items{},
			"params": items{shape("method_name", "string", "", false)}, "result": shape("", "string", "", false),
		}},
		{"test", members{
			"args": items{"param_dict"}, "args_d": members{"param_dict": members{}}, "args_v": items{}, "args_kw": items{},
			"params": items{shape("param_dict", "undef", "", true)}, "result": shape("", "undef", "", false),
		}},
		{"system.listMethods", members{
			"args": items{"param_dict"}, "args_d": members{"param_dict": members{}}, "args_v": items{}, "args_kw": items{},
			"params": items{}, "result": with(shape("", "array", "", false), "item", shape("", "string", "", false)),
		}},
		{"plugin.nested", members{
			"args": items{"param_dict"}, "args_d": members{}, "args_v": items{}, "args_kw": items{},
			"params": items{with(shape("param_dict", "struct", "", false), "members", items{
				with(shape("entries", "array", "what there is", false), "item",
					with(shape("", "struct", "", false), "members", items{shape("name", "string", "its name", false)})),
				shape("note", "string", "a remark", true),
			})},
			"result": shape("", "int", "", false),
		}},
	}
	for _, tt := range tests {
		if got := s.must(t, "sys.methodSignature", tt.method); !reflect.DeepEqual(got, any(tt.want)) {
			t.Errorf("Call(sys.methodSignature, %q) =\n%v, want\n%v", tt.method, got, tt.want)
		}
	}
}

func TestGeneralSignature(t *testing.T) {
	s := serve(t, registry.Config{}, public("plugin.nested", countEntries))
	for name, want := range map[string]items{
		"ping":                     {items{"string"}, items{"string", "undef"}},
		"test":                     {items{"undef"}, items{"undef", "undef"}},
		"sys.methodHelp":           {items{"string", "string"}},
		"system.methodSignature":   {items{"array", "string"}},
		"co2.get_method_signature": {items{"struct", "string"}},
		"system.get_properties":    {items{"struct"}, items{"struct", "struct"}},
		"system.multicall":         {items{"array", "array"}},
		"plugin.nested":            {items{"int", "struct"}},
		"co2.co2_get_method_names": {items{"array"}, items{"array", "undef"}},
	} {
		if got := s.must(t, "system.methodSignature", name); !reflect.DeepEqual(got, any(want)) {
			t.Errorf("Call(system.methodSignature, %q) = %v, want %v", name, got, want)
		}
	}
}

func TestHelp(t *testing.T) {
	admin := public("admin.only", countEntries)
	admin.Access = methods.Admin
	s := serve(t, registry.Config{}, admin)
	want := "Helps a test.\n\nKeys:\n  entries (array): what there is\n  note (string, optional): a remark\n\nFor admin access only."
	for _, arg := range []any{"admin.only", members{"method_name": "admin.only"}} {
		if got := s.must(t, "system.methodHelp", arg); got != want {
			t.Errorf("Call(system.methodHelp, %v) = %q, want %q", arg, got, want)
		}
	}
	for _, name := range []string{"sys.methodSignature", "system.methodSignature"} {
		if help, _ := s.must(t, "sys.methodHelp", name).(string); !strings.Contains(help, "general form") {
			t.Errorf("Call(sys.methodHelp, %q) = %q, want word of the other form", name, help)
		}
	}
}

func TestHelpAndSignatureFaults(t *testing.T) {
	s := serve(t, registry.Config{})
	tests := []struct {
		args items
		code int
		text string
	}{
		{items{"no.such"}, -32601, `no method "no.such"`},
		{items{"no\x7f\u009b"}, -32601, `no method "no\x7f\u009b"`},
		{items{""}, -32601, `no method ""`},
		{items{members{"method_name": "no.such"}}, -32601, `no method "no.such"`},
		{items{}, -32602, "got 0 params, want 1 param"},
		{items{"ping", "ping"}, -32602, "got 2 params, want 1 param"},
		{items{7}, -32602, "the param: got int, want string"},
		{items{nil}, -32602, "the param: got nil, want string"},
		{items{items{"ping"}}, -32602, "the param: got array, want string"},
		{items{members{}}, -32602, `key "method_name": got nothing, want string`},
		{items{members{"method_name": 7}}, -32602, `key "method_name": got int, want string`},
	}
	for _, name := range slices.Concat(aliases["method help"], aliases["signature"], aliases["general"]) {
		for _, tt := range tests {
			_, err := s.call(t, name, tt.args...)
			wantFault(t, name, err, tt.code, tt.text)
		}
	}
}
