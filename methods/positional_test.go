package methods_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"co2/methods"
)

type threeParams struct {
	Name  string     `xmlrpc:"name" doc:"a name"`
	Port  portParams `xmlrpc:"where" doc:"where it is"`
	Times int        `xmlrpc:"times" optional:"true" doc:"how often"`
}

func showThree(_ context.Context, p threeParams) (string, error) {
	return fmt.Sprint(p.Name, " ", p.Port.Port, " ", p.Times), nil
}

func positional(fn any) methods.Method {
	m := literal(fn)
	m.Params = methods.Positional
	return m
}

func TestPositionalParams(t *testing.T) {
	e, err := methods.Compile(positional(showThree))
	if err != nil {
		t.Fatal(err)
	}
	port := map[string]any{"port": int64(7), "more": true}
	for _, tt := range []struct {
		params []any
		want   any // the result, or text of the error
	}{
		{[]any{"a", port, int64(2)}, "a 7 2"},
		{[]any{"a", port}, "a 7 0"},
		{nil, errors.New("got 0 params, want 2 to 3")},
		{[]any{"a"}, errors.New("got 1 param, want 2 to 3")},
		{[]any{"a", port, int64(2), "b"}, errors.New("got 4 params, want 2 to 3")},
		{[]any{int64(1), port, int64(2), "b"}, errors.New("got 4 params, want 2 to 3")},
		{[]any{int64(1), port}, errors.New(`key "name": got int, want string`)},
		{[]any{"a", port, nil}, errors.New(`key "times": got nil, want int`)},
		{[]any{"a", map[string]any{}}, errors.New(`key "where.port": got nothing, want int`)},
	} {
		got, err := e.Call(t.Context(), methods.Plain(tt.params...))
		if want, fails := tt.want.(error); fails {
			wantFault(t, err, methods.CodeInvalidParams, want.Error())
		} else if err != nil || got != tt.want {
			t.Errorf("Call(%v) = %v, %v, want %v", tt.params, got, err, tt.want)
		}
	}
}

func TestPositionalDescription(t *testing.T) {
	d := describe(t, positional(showThree))
	if got, want := d.Signatures(), [][]string{{"string", "string", "struct"}, {"string", "string", "struct", "int"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("Signatures = %q, want %q", got, want)
	}
	if got, want := d.ArgNames(), []string{"name", "where", "times"}; !reflect.DeepEqual(got, want) {
		t.Errorf("ArgNames = %q, want %q", got, want)
	}
	if args := d.Args(); len(args) != 3 || args[1].Members[0].Name != "port" || !args[2].Optional {
		t.Errorf("Args = %+v, want name, where {port} and the optional times", args)
	}
}

func TestCompileRefusesPositional(t *testing.T) {
	type gap struct {
		A int `xmlrpc:"a" optional:"true" doc:"one"`
		B int `xmlrpc:"b" doc:"another"`
	}
	for want, fn := range map[string]any{
		"with a struct P":          take[[]string],
		"a struct P, whose fields": give[string],
		"struct P":                 take[time.Time],
		"no fields":                take[noParams],
		`param "b" comes after`:    take[gap],
		"has no xmlrpc tag":        take[noTag],
		"has no doc tag":           take[noDoc],
	} {
		if _, err := methods.Compile(positional(fn)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compile(%T) = %v, want an error with %q", fn, err, want)
		}
	}
}

// A broken document is told, whatever else is wrong.
func TestPositionalTellsBrokenParams(t *testing.T) {
	e, err := methods.Compile(positional(showThree))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Call(t.Context(), brokenArgs{}); !errors.Is(err, errBrokenArgs) {
		t.Errorf("Call = %v, want %v", err, errBrokenArgs)
	}
}

var errBrokenArgs = errors.New("cut off")

type brokenArgs struct{}

func (brokenArgs) Len() (int, error)     { return 2, errBrokenArgs }
func (brokenArgs) Decode(int, any) error { return errBrokenArgs }
