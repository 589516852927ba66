package methods_test

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"co2/methods"
)

type (
	mood  string
	flag  bool
	blob  []byte
	level float32

	// password is a Setter: text, or an int that stands for its text.
	password string

	// opaque is a type with a name on the wire that takes no plain values.
	opaque struct{}

	item struct {
		Name string `xmlrpc:"name" doc:"a name"`
		Size uint16 `xmlrpc:"size" optional:"true" doc:"its size"`
	}
	order struct {
		ID      int64          `xmlrpc:"id" doc:"its number"`
		Entries []item         `xmlrpc:"entries" optional:"true" doc:"what is ordered"`
		First   *item          `xmlrpc:"first" optional:"true" doc:"the first of them"`
		Secret  password       `xmlrpc:"secret" optional:"true" doc:"a password"`
		By      map[string]int `xmlrpc:"by" optional:"true" doc:"counts by name"`
		Any     any            `xmlrpc:"any" optional:"true" doc:"whatever"`
		Left    string         `xmlrpc:"-"`
	}
)

func (opaque) XMLRPCType() string { return "undef" }

func (password) XMLRPCType() string { return "string" }

func (p *password) SetXMLRPC(plain any) error {
	switch v := plain.(type) {
	case string:
		*p = password(v)
	case int64:
		*p = password(strconv.FormatInt(v, 10))
	case bool:
		return errors.New("a password")
	default:
		return &methods.ParamError{Got: methods.GotType(plain), Want: "string or int"}
	}
	return nil
}

type members = map[string]any

func TestConvert(t *testing.T) {
	noon := time.Date(2003, 10, 16, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		v    any
		want any // of the type to convert into
	}{
		{true, true}, {false, flag(false)}, {true, any(true)},
		{"text", "text"}, {"", ""}, {"calm", mood("calm")},
		{int64(-7), -7}, {int64(7), int8(7)}, {int64(-32768), int16(-32768)}, {int64(math.MaxInt64), int64(math.MaxInt64)},
		{int64(255), uint8(255)}, {int64(65535), uint16(65535)}, {int64(math.MaxUint32), uint32(math.MaxUint32)},
		{7, int64(7)}, {uint8(7), 7}, {uint16(7), uint32(7)}, {uint32(7), 7.0}, {int32(7), "="},
		{1.5, 1.5}, {1.5, float32(1.5)}, {float32(1.5), 1.5}, {2.5, level(2.5)}, {int64(20), 20.0}, {math.Copysign(0, -1), math.Copysign(0, -1)},
		{noon, noon},
		{[]byte{0, 255}, []byte{0, 255}}, {[]byte("x"), blob("x")}, {blob("x"), []byte("x")}, {[]byte{}, []byte{}},
		{[]any{"a", "b"}, []string{"a", "b"}}, {[]any{}, []string{}}, {[]string{"a"}, []mood{"a"}},
		{[]any{int64(1), int64(2)}, [2]int{1, 2}}, {[]any{int64(1)}, []any{int64(1)}},
		{[]any{[]any{int64(1)}, []any{}}, [][]int{{1}, {}}},
		{members{"a": int64(1)}, map[string]int{"a": 1}}, {members{"a": "x"}, map[mood]mood{"a": "x"}}, {members{"a": nil}, members{"a": nil}},
		{nil, any(nil)},
		{"pw", password("pw")}, {int64(42), password("42")},
		{members{"id": int64(1)}, order{ID: 1}},
		{members{"id": int64(1), "unknown": "ignored", "Left": "x", "-": "x"}, order{ID: 1}},
		{
			members{
				"id": int64(1), "entries": []any{members{"name": "a"}, members{"name": "b", "size": int64(2)}},
				"first": members{"name": "a"}, "secret": int64(7), "by": members{"x": int64(3)}, "any": []any{nil},
			},
			order{
				ID: 1, Entries: []item{{Name: "a"}, {Name: "b", Size: 2}},
				First: &item{Name: "a"}, Secret: "7", By: map[string]int{"x": 3}, Any: []any{nil},
			},
		},
	}
	for _, tt := range tests {
		want := tt.want
		if want == "=" {
			want = tt.v
		}
		into := reflect.New(typeOf(want))
		err := methods.Convert(tt.v, into.Interface())
		if got := into.Elem().Interface(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Convert(%#v, %T) = %#v, %v, want %#v", tt.v, want, got, err, want)
		}
	}
}

func typeOf(v any) reflect.Type {
	if v == nil {
		return reflect.TypeFor[any]()
	}
	return reflect.TypeOf(v)
}

func TestConvertIntoAny(t *testing.T) {
	for _, v := range []any{true, int64(1), "x", 1.5, []any{nil}, members{"a": nil}, []byte("x"), nil} {
		got := any("left over")
		if err := methods.Convert(v, &got); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("Convert(%#v) = %#v, %v, want it unchanged", v, got, err)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	tests := []struct {
		v    any
		into any
		want string
	}{
		{"7", new(int), "the param: got string, want int"},
		{true, new(int), "the param: got boolean, want int"},
		{1.0, new(int64), "the param: got double, want int"},
		{nil, new(int), "the param: got nil, want int"},
		{int64(1), new(bool), "the param: got int, want boolean"},
		{int64(1), new(string), "the param: got int, want string"},
		{[]byte("x"), new(string), "the param: got base64, want string"},
		{"x", new([]byte), "the param: got string, want base64"},
		{[]any{}, new([]byte), "the param: got array, want base64"},
		{[]byte("x"), new([]any), "the param: got base64, want array"},
		{[]byte("x"), new([1]uint8), "the param: got base64, want array"},
		{"x", new(float64), "the param: got string, want double"},
		{"20031016T12:00:00", new(time.Time), "the param: got string, want dateTime.iso8601"},
		{members{}, new(time.Time), "the param: got struct, want dateTime.iso8601"},
		{time.Time{}, new(string), "the param: got dateTime.iso8601, want string"},
		{members{}, new([]any), "the param: got struct, want array"},
		{[]any{}, new(members), "the param: got array, want struct"},
		{[]any{}, new(item), "the param: got array, want struct"},
		{nil, new(item), "the param: got nil, want struct"},
		{nil, new(*item), "the param: got nil, want struct"},
		{members{}, new(opaque), "the param: got struct, want undef"},
		{[]any{int64(1)}, new([2]int), "the param: got an array of 1, want an array of 2"},

		{int64(128), new(int8), "the param: got 128, want an int from -128 to 127"},
		{int64(-129), new(int8), "the param: got -129, want an int from -128 to 127"},
		{int64(1 << 40), new(int32), "the param: got 1099511627776, want an int from -2147483648 to 2147483647"},
		{int64(-1), new(uint16), "the param: got -1, want an int from 0 to 65535"},
		{int64(1 << 32), new(uint32), "the param: got 4294967296, want an int from 0 to 4294967295"},
		{uint64(1 << 63), new(int64), "the param: got 9223372036854775808, want at most 64 bits with a sign"},
		{1e300, new(float32), "the param: got 1e+300, want a double of 32 bits"},

		{nil, new(password), "the param: got nil, want string or int"},
		{true, new(password), "the param: got a value it cannot take, want a password"},

		{members{}, new(order), `key "id": got nothing, want int`},
		{members{"id": "1"}, new(order), `key "id": got string, want int`},
		{members{"id": nil}, new(order), `key "id": got nil, want int`},
		{members{"id": int64(1), "entries": "x"}, new(order), `key "entries": got string, want array`},
		{members{"id": int64(1), "entries": []any{members{"name": "a"}, "b"}}, new(order), `key "entries[1]": got string, want struct`},
		{members{"id": int64(1), "entries": []any{members{"name": "a"}, members{"name": "b"}, members{"name": false}}}, new(order), `key "entries[2].name": got boolean, want string`},
		{members{"id": int64(1), "entries": []any{members{}}}, new(order), `key "entries[0].name": got nothing, want string`},
		{members{"id": int64(1), "first": members{"name": "a", "size": int64(-1)}}, new(order), `key "first.size": got -1, want an int from 0 to 65535`},
		{members{"id": int64(1), "secret": 1.5}, new(order), `key "secret": got double, want string or int`},
		{members{"id": int64(1), "by": members{"x": "y"}}, new(order), `key "by.x": got string, want int`},
		{[]any{[]any{int64(1)}, []any{int64(1), "x"}}, new([][]int), `key "[1][1]": got string, want int`},
	}
	for _, tt := range tests {
		err := methods.Convert(tt.v, tt.into)
		var p *methods.ParamError
		if !errors.As(err, &p) || p.Error() != tt.want {
			t.Errorf("Convert(%#v, %T) = %v, want %s", tt.v, tt.into, err, tt.want)
		}
	}
}

func TestConvertNeedsPointer(t *testing.T) {
	for _, into := range []any{nil, 7, (*int)(nil)} {
		if err := methods.Convert(int64(1), into); err == nil {
			t.Errorf("Convert into %#v = nil, want an error", into)
		}
	}
}

func TestPlain(t *testing.T) {
	args := methods.Plain("a", int64(2))
	if n, err := args.Len(); n != 2 || err != nil {
		t.Errorf("Len = %d, %v, want 2", n, err)
	}
	var n int
	if err := args.Decode(1, &n); n != 2 || err != nil {
		t.Errorf("Decode(1) = %d, %v, want 2", n, err)
	}
	for _, i := range []int{-1, 2} {
		wantFault(t, args.Decode(i, &n), methods.CodeInvalidParams, "the param: got nothing, want a param")
	}
}

func TestGotType(t *testing.T) {
	for want, values := range map[string][]any{
		"nil": {nil}, "boolean": {true}, "int": {1, int64(1), uint32(1)}, "double": {1.5}, "string": {"x", mood("x")},
		"dateTime.iso8601": {time.Now()}, "base64": {[]byte{}}, "array": {[]any{}}, "struct": {members{}},
	} {
		for _, v := range values {
			if got := methods.GotType(v); got != want {
				t.Errorf("GotType(%T) = %q, want %q", v, got, want)
			}
		}
	}
}

func TestFaultTexts(t *testing.T) {
	long := strings.Repeat("ü", 100)
	cut := strings.Repeat("ü", 64) + "…"
	tests := []struct {
		err  methods.Faulter
		code int
		text string
	}{
		{&methods.NotFoundError{Name: "no.such"}, -32601, `no method "no.such"; sys.listMethods lists them`},
		{&methods.NotFoundError{Name: "a\n\x1b[31m"}, -32601, `no method "a\n\x1b[31m"; sys.listMethods lists them`},
		{&methods.NotFoundError{Name: long}, -32601, `no method "` + cut + `"; sys.listMethods lists them`},
		{&methods.ParamError{Key: long, Got: "int", Want: "string"}, -32602, `key "` + cut + `": got int, want string`},
		{&methods.CountError{Got: 0, Want: "1 param"}, -32602, "got 0 params, want 1 param"},
		{&methods.CountError{Got: 1, Want: "2 params"}, -32602, "got 1 param, want 2 params"},
		{&methods.DeniedError{Name: "m", Need: methods.Admin}, -32004, "m is for admin access only"},
		{&methods.RegistryError{Text: "full"}, 1, "registry.Co2RegistryError:full"},
	}
	for _, tt := range tests {
		wantFault(t, tt.err, tt.code, tt.text)
	}
}
