package methods_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"co2/methods"
)

type report struct {
	When  time.Time `xmlrpc:"when"`
	Items []item    `xmlrpc:"items" doc:"what there is"`
	Raw   opaque    `xmlrpc:"raw"`
}

func makeReport(context.Context, order) (*report, error) { return nil, nil }

func describe(t *testing.T, m methods.Method) methods.Description {
	t.Helper()
	e, err := methods.Compile(m)
	if err != nil {
		t.Fatal(err)
	}
	return e.Describe()
}

func TestDescription(t *testing.T) {
	m := methods.Method{
		Names: []string{"report", "web.report"}, Unlisted: []string{"rapport"},
		Doc: "Reports.", Access: methods.Operator, Params: methods.MayOmit, Func: makeReport,
	}
	got := describe(t, m)
	m.Names[1] = "changed later"
	itemMembers := []methods.Shape{
		{Name: "name", Type: "string", Doc: "a name"},
		{Name: "size", Type: "int", Doc: "its size", Optional: true},
	}
	want := methods.Description{
		Names: []string{"report", "web.report"}, Unlisted: []string{"rapport"},
		Doc: "Reports.", Access: methods.Operator, MayOmit: true,
		Param: &methods.Shape{Name: "param_dict", Type: "struct", Members: []methods.Shape{
			{Name: "id", Type: "i8", Doc: "its number"},
			{Name: "entries", Type: "array", Doc: "what is ordered", Optional: true, Item: &methods.Shape{Type: "struct", Members: itemMembers}},
			{Name: "first", Type: "struct", Doc: "the first of them", Optional: true, Members: itemMembers},
			{Name: "secret", Type: "string", Doc: "a password", Optional: true},
			{Name: "by", Type: "struct", Doc: "counts by name", Optional: true},
			{Name: "any", Type: "undef", Doc: "whatever", Optional: true},
		}},
		Result: methods.Shape{Type: "struct", Members: []methods.Shape{
			{Name: "when", Type: "dateTime.iso8601"},
			{Name: "items", Type: "array", Doc: "what there is", Item: &methods.Shape{Type: "struct", Members: itemMembers}},
			{Name: "raw", Type: "undef"},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Describe =\n%+v, want\n%+v", got, want)
	}
}

func TestSignatures(t *testing.T) {
	tests := []struct {
		name string
		rule methods.ParamRule
		fn   any
		sigs [][]string
		args []string
	}{
		{"no param", methods.OneStruct, ok, [][]string{{"string"}, {"string", "struct"}}, []string{"param_dict"}},
		{"ignores one", methods.IgnoreOne, ok, [][]string{{"string"}, {"string", "undef"}}, []string{"param_dict"}},
		{"ignores all", methods.IgnoreAll, ok, [][]string{{"string"}, {"string", "undef"}}, []string{"param_dict"}},
		{"struct", methods.OneStruct, portOf, [][]string{{"int", "struct"}}, []string{"param_dict"}},
		{"struct, may omit", methods.MayOmit, portOf, [][]string{{"int"}, {"int", "struct"}}, []string{"param_dict"}},
		{"name", methods.OneStruct, take[string], [][]string{{"string", "string"}}, []string{"method_name"}},
		{"anything", methods.OneStruct, take[any], [][]string{{"string", "undef"}}, []string{"param_dict"}},
		{"bytes", methods.OneStruct, take[[]byte], [][]string{{"string", "base64"}}, []string{"param_dict"}},
	}
	for _, tt := range tests {
		m := literal(tt.fn)
		m.Params = tt.rule
		d := describe(t, m)
		if got := d.Signatures(); !reflect.DeepEqual(got, tt.sigs) {
			t.Errorf("Signatures of %s = %q, want %q", tt.name, got, tt.sigs)
		}
		if got := d.ArgNames(); !reflect.DeepEqual(got, tt.args) {
			t.Errorf("ArgNames of %s = %q, want %q", tt.name, got, tt.args)
		}
	}
}

func TestTypeName(t *testing.T) {
	for want, values := range map[string][]any{
		"int":              {int(0), int8(0), int16(0), int32(0), uint8(0), uint16(0), new(int)},
		"i8":               {int64(0), uint32(0), time.Duration(0)},
		"boolean":          {false, flag(false)},
		"string":           {"", mood(""), password("")},
		"double":           {float32(0), float64(0)},
		"dateTime.iso8601": {time.Time{}, &time.Time{}},
		"base64":           {[]byte{}, blob{}},
		"array":            {[]any{}, [2]int{}, [2]uint8{}, []item{}},
		"struct":           {members{}, map[mood]int{}, item{}, &item{}},
		"undef":            {opaque{}, &opaque{}},
	} {
		for _, v := range values {
			if got, err := methods.TypeName(reflect.TypeOf(v)); got != want || err != nil {
				t.Errorf("TypeName(%T) = %q, %v, want %q", v, got, err, want)
			}
		}
	}
	if _, err := methods.TypeName(nil); err == nil {
		t.Error("TypeName(nil) = nil, want an error")
	}
}

func TestUnder(t *testing.T) {
	got, want := methods.Under("ping", "", "web"), []string{"ping", "web.ping"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Under = %q, want %q", got, want)
	}
}
