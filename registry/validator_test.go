package registry_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"co2/methods/wire"
	"co2/registry"
)

func TestValidator(t *testing.T) {
	s := serve(t, registry.Config{}, registry.Validator()...)
	stooges := func(moe, larry, curly int) map[string]any {
		return map[string]any{"moe": moe, "larry": larry, "curly": curly, "shemp": "none of them"}
	}
	day := time.Date(1998, 7, 17, 14, 8, 55, 0, time.UTC)
	deep := map[string]any{"a": []any{int64(1), nil, map[string]any{}}, "": "&"}
	calendar := map[string]any{"1999": map[string]any{}, "2000": map[string]any{
		"03": map[string]any{"31": stooges(100, 100, 100)},
		"04": map[string]any{"01": stooges(5, -7, 1<<31-1), "02": map[string]any{}},
	}}
	for _, tt := range []struct {
		method string
		params []any
		want   any
	}{
		{"arrayOfStructsTest", []any{[]any{stooges(1, 2, 3), stooges(4, 5, -60)}}, int64(-57)},
		{"arrayOfStructsTest", []any{[]any{}}, int64(0)},
		{"countTheEntities", []any{`a<b>>&&&''''"""""`}, map[string]any{
			"ctLeftAngleBrackets": int64(1), "ctRightAngleBrackets": int64(2), "ctAmpersands": int64(3), "ctApostrophes": int64(4), "ctQuotes": int64(5)}},
		{"easyStructTest", []any{stooges(1, 20, -300)}, int64(-279)},
		{"echoStructTest", []any{deep}, deep},
		{"manyTypesTest", []any{-42, true, " <&>", -1.5, day, []byte{0, 255}}, []any{int64(-42), true, " <&>", -1.5, day, []byte{0, 255}}},
		{"moderateSizeArrayCheck", []any{[]string{"only"}}, "onlyonly"},
		{"moderateSizeArrayCheck", []any{strings.Fields("first " + strings.Repeat("x ", 150) + "last")}, "firstlast"},
		{"nestedStructTest", []any{calendar}, int64(1<<31 - 3)},
		{"simpleStructReturnTest", []any{-(1 << 31)}, map[string]any{"times10": int64(-10 << 31), "times100": int64(-100 << 31), "times1000": int64(-1000 << 31)}},
	} {
		if got := s.must(t, "validator1."+tt.method, tt.params...); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s(%v) = %v, want %v", tt.method, tt.params, got, tt.want)
		}
	}
	for _, tt := range []struct {
		method string
		params []any
		text   string
	}{
		{"arrayOfStructsTest", nil, "got 0 params, want 1 param"},
		{"easyStructTest", []any{map[string]any{"moe": 1, "larry": 1}}, `key "struct.curly": got nothing, want int`},
		{"manyTypesTest", []any{1, true, "", 1.5, day}, "got 5 params, want 6 params"},
		{"manyTypesTest", []any{1, true, "", 1.5, "today", []byte{}}, `key "dateTime": got string, want dateTime.iso8601`},
		{"moderateSizeArrayCheck", []any{[]any{}}, `key "strings": got an empty array`},
		{"nestedStructTest", []any{map[string]any{"2000": map[string]any{}}}, `key "calendar.2000.04": got nothing`},
		{"simpleStructReturnTest", []any{1 << 31}, `key "number"`},
	} {
		_, err := s.call(t, "validator1."+tt.method, tt.params...)
		wantFault(t, tt.method, err, wire.InvalidParams, tt.text)
	}
}

// The words of the eight methods come from the table as all others do.
func TestValidatorIsExplained(t *testing.T) {
	s := serve(t, registry.Config{}, registry.Validator()...)
	want := []any{[]any{"array", "i8", "boolean", "string", "double", "dateTime.iso8601", "base64"}}
	if got := s.must(t, "system.methodSignature", "validator1.manyTypesTest"); !reflect.DeepEqual(got, want) {
		t.Errorf("signature of manyTypesTest = %v, want %v", got, want)
	}
	help := s.must(t, "system.methodHelp", "validator1.manyTypesTest").(string)
	if !strings.Contains(help, "Params, in this order:\n  number (i8): an int\n  boolean (boolean)") {
		t.Errorf("help of manyTypesTest = %q, want its params in order", help)
	}
	sig := s.must(t, "sys.methodSignature", "validator1.manyTypesTest").(map[string]any)
	if args := []any{"number", "boolean", "string", "double", "dateTime", "base64"}; !reflect.DeepEqual(sig["args"], args) || len(sig["params"].([]any)) != 6 {
		t.Errorf("co2's signature of manyTypesTest = %v, want the args %v", sig, args)
	}
	page := s.exchange(t, head("GET /methods HTTP/1.1", "Host: localhost")).body
	if want := "validator1.manyTypesTest(i8, boolean, string, double, dateTime.iso8601, base64) → array"; !strings.Contains(page, want) {
		t.Errorf("the methods page does not show %s", want)
	}
}
