package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"co2/methods"
	"co2/methods/wire"
)

func TestDialectWords(t *testing.T) {
	for _, tt := range []struct {
		words string
		want  wire.Dialect
		shown string
	}{
		{"", 0, ""},
		{" , ,", 0, ""},
		{"latin1", wire.Latin1, "latin1"},
		{"ascii,nil-empty", wire.NilEmpty | wire.ASCII, "nil-empty ascii"},
		{"\tdate-basic\n i8-string,  number-plain nil-omit nil-omit", wire.NilOmit | wire.I8String | wire.DateBasic | wire.NumberPlain, "nil-omit i8-string date-basic number-plain"},
		{"python", wire.NilOmit | wire.I8String | wire.DateBasic, "nil-omit i8-string date-basic"},
		{"tcl", wire.NilOmit | wire.I8String | wire.DateBasic | wire.NumberPlain | wire.ASCII, "nil-omit i8-string date-basic number-plain ascii"},
		{"latin1 frontier", wire.NilOmit | wire.I8String | wire.Latin1, "nil-omit i8-string latin1"},
	} {
		got, err := wire.ParseDialect(tt.words)
		if err != nil || got != tt.want || got.String() != tt.shown {
			t.Errorf("ParseDialect(%q) = %q, %v, want %q", tt.words, got, err, tt.shown)
		}
		if again, err := wire.ParseDialect(got.String()); err != nil || again != got {
			t.Errorf("ParseDialect(%q) = %q, %v, want what it was made of", got, again, err)
		}
		var byText wire.Dialect
		text, err := json.Marshal(got)
		if err == nil {
			err = json.Unmarshal(text, &byText)
		}
		if err != nil || byText != got {
			t.Errorf("%q by way of text is %q, %v", got, byText, err)
		}
		for _, param := range []any{tt.words, []any{tt.words}, strings.Fields(tt.words)} {
			raw, err := wire.NewRaw(map[string]any{"d": param})
			if err != nil {
				t.Fatal(err)
			}
			var p struct {
				D wire.Dialect `xmlrpc:"d"`
			}
			if err := raw.Decode(&p); err != nil || p.D != got {
				t.Errorf("Decode(%s) = %q, %v, want %q", raw, p.D, err, got)
			}
		}
	}
}

const knownWords = "nil-omit, nil-empty, i8-string, date-basic, number-plain, latin1, ascii, python, tcl, frontier"

func TestWrongDialectWords(t *testing.T) {
	for _, tt := range []struct {
		words, want string
		left        wire.Dialect
	}{
		{"latin2", `got "latin2", want words of ` + knownWords, 0},
		{"latin1 NIL-OMIT x", `got "NIL-OMIT", want words of ` + knownWords, wire.Latin1},
		{"latin1;ascii", `got "latin1;ascii", want words of ` + knownWords, 0},
		{strings.Repeat("é\x1b", 40), `got "` + strings.Repeat(`é\x1b`, 32) + `…", want words of ` + knownWords, 0},
		{"nil-empty nil-omit", "got nil-omit and nil-empty, want one of them", wire.NilOmit | wire.NilEmpty},
		{"python nil-empty", "got nil-omit and nil-empty, want one of them", wire.NilOmit | wire.NilEmpty | wire.I8String | wire.DateBasic},
		{"tcl latin1", "got latin1 and ascii, want one of them", wire.Latin1 | wire.ASCII | wire.NilOmit | wire.I8String | wire.DateBasic | wire.NumberPlain},
	} {
		got, err := wire.ParseDialect(tt.words)
		if err == nil || err.Error() != "dialect: "+tt.want || got != tt.left {
			t.Errorf("ParseDialect(%q) = %q, %v\nwant %q, %q", tt.words, got, err, tt.left, tt.want)
		}
		var d wire.Dialect
		misfit, ok := d.SetXMLRPC(tt.words).(*methods.ParamError)
		if !ok || misfit.In("dialect").Error() != `key "dialect": `+tt.want {
			t.Errorf("SetXMLRPC(%q) = %v, want %s", tt.words, misfit, tt.want)
		}
	}
	var d wire.Dialect
	for _, param := range []any{int64(1), nil, true, map[string]any{}, []any{"latin1", nil}} {
		if err := d.SetXMLRPC(param); err == nil || !strings.Contains(err.Error(), "want a string of words or an array of strings") {
			t.Errorf("SetXMLRPC(%v) = %v, want what it takes", param, err)
		}
	}
}
