package methods_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"co2/methods"
)

type (
	noParams struct{}

	// list is a type that holds itself.
	list struct {
		Next *list `xmlrpc:"next" doc:"the rest"`
	}
	noDoc struct {
		Port int `xmlrpc:"port"`
	}
	noDocInside struct {
		Entries []noDoc `xmlrpc:"entries" doc:"entries"`
	}
	noTag struct {
		Port int `doc:"port"`
	}
	twice struct {
		A int `xmlrpc:"a" doc:"one"`
		B int `xmlrpc:"a" doc:"another"`
	}
	embeds struct {
		hiddenParams
		A int `xmlrpc:"a" doc:"one"`
	}
	Embedded struct {
		B int `xmlrpc:"b" doc:"b"`
	}
	embedsExported struct {
		Embedded
	}
	hiddenParams struct{}
	badMember    struct {
		C chan int `xmlrpc:"c" doc:"channel"`
	}
	hiddenOnly struct {
		Shown  int      `xmlrpc:"shown" doc:"seen"`
		Left   chan int `xmlrpc:"-"`
		hidden chan int
	}
)

func give[R any](context.Context) (r R, err error)       { return r, nil }
func take[P any](context.Context, P) (s string, e error) { return "", nil }

func literal(fn any) methods.Method {
	return methods.Method{Names: []string{"m"}, Doc: "Does.", Access: methods.Public, Func: fn}
}

func TestCompileRefusesFunctions(t *testing.T) {
	var none func(context.Context) (string, error)
	tests := []struct {
		name string
		fn   any
		want string
	}{
		{"nothing", nil, "want a function"},
		{"an int", 7, "want a function"},
		{"a nil function", none, "nil Func"},
		{"no context", func() (string, error) { return "", nil }, "want func(context.Context)"},
		{"another first param", func(int) (string, error) { return "", nil }, "want func(context.Context)"},
		{"three params", func(context.Context, noParams, int) (string, error) { return "", nil }, "want func(context.Context)"},
		{"variadic", func(context.Context, ...string) (string, error) { return "", nil }, "want func(context.Context)"},
		{"no results", func(context.Context) {}, "want results (R, error) of Func"},
		{"only an error", func(context.Context) error { return nil }, "want results (R, error) of Func"},
		{"no error", func(context.Context) (string, int) { return "", 0 }, "want results (R, error) of Func"},
		{"three results", func(context.Context) (string, int, error) { return "", 0, nil }, "want results (R, error) of Func"},

		{"result chan", give[chan int], "has no XML-RPC type"},
		{"result func", give[func()], "has no XML-RPC type"},
		{"result uint64", give[uint64], "has no XML-RPC type"},
		{"result uint", give[uint], "has no XML-RPC type"},
		{"result complex", give[complex128], "has no XML-RPC type"},
		{"result error", give[error], "has no XML-RPC type"},
		{"result map[int]", give[map[int]string], "member names are strings"},
		{"result slice of chan", give[[]chan int], "has no XML-RPC type"},
		{"result map of chan", give[map[string]chan int], "has no XML-RPC type"},
		{"result holds itself", give[list], "holds itself"},

		{"param chan", take[chan int], "has no XML-RPC type"},
		{"param uint64", take[uint64], "has no XML-RPC type"},
		{"param map[int]", take[map[int]int], "member names are strings"},
		{"param holds itself", take[*list], "holds itself"},
		{"member chan", take[badMember], `member "c"`},
		{"member without words", take[noDoc], `member "port" has no doc tag`},
		{"nested member without words", take[noDocInside], `member "port" has no doc tag`},
		{"member without tag", take[noTag], "has no xmlrpc tag"},
		{"member twice", take[twice], `the member "a" twice`},
		{"embedded struct", take[embedsExported], "embeds Embedded"},
		{"embedded hidden struct", take[embeds], "embeds hiddenParams"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := methods.Compile(literal(tt.fn))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Compile(%T) = %v, want an error with %q", tt.fn, err, tt.want)
			}
		})
	}
}

func TestCompileRefusesLiterals(t *testing.T) {
	tests := []struct {
		name   string
		change func(*methods.Method)
		want   string
	}{
		{"no names", func(m *methods.Method) { m.Names = nil }, "unnamed method: no Names"},
		{"no doc", func(m *methods.Method) { m.Doc = "" }, "m: no Doc"},
		{"no access", func(m *methods.Method) { m.Access = 0 }, "m: no Access"},
		{"access beyond", func(m *methods.Method) { m.Access = methods.Admin + 1 }, "m: no Access"},
		{"rule beyond", func(m *methods.Method) { m.Params = methods.IgnoreAll + 1 }, "unknown rule 5 in Params"},
		{"ignores what it takes", func(m *methods.Method) { m.Params, m.Func = methods.IgnoreOne, take[string] }, "cannot ignore by Params what Func takes"},
		{"omits what it has not", func(m *methods.Method) { m.Params = methods.MayOmit }, "MayOmit"},
		{"bad unlisted name", func(m *methods.Method) { m.Unlisted = []string{"a b"} }, `bad name "a b"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := literal(give[string])
			tt.change(&m)
			_, err := methods.Compile(m)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Compile = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestCompileNames(t *testing.T) {
	good := []string{"ping", "relay.register", "a.b.c", "A_9", "_", "1.2", strings.Repeat("n", 255)}
	bad := []string{"", ".", "relay.", ".ping", "relay..register", "a-b", "a b", "é", "a\n", "a/b", strings.Repeat("n", 256)}
	for _, name := range good {
		if err := compileNamed(name); err != nil {
			t.Errorf("Compile with the name %q = %v, want no error", name, err)
		}
	}
	for _, name := range bad {
		if err := compileNamed(name); err == nil {
			t.Errorf("Compile with the name %q = nil, want an error", name)
		}
	}
}

func compileNamed(name string) error {
	m := literal(give[string])
	m.Names = []string{name}
	_, err := methods.Compile(m)
	return err
}

func TestCompileAccepts(t *testing.T) {
	for _, fn := range []any{
		give[string], give[any], give[[]any], give[map[string]int], give[*noDoc], give[noDoc], give[[2]string],
		take[string], take[any], take[[]string], take[hiddenOnly], take[*hiddenOnly], take[map[mood]int],
	} {
		if _, err := methods.Compile(literal(fn)); err != nil {
			t.Errorf("Compile(%T) = %v, want no error", fn, err)
		}
	}
	_, _ = hiddenOnly{hidden: nil}, embeds{hiddenParams: hiddenParams{}}
}

type portParams struct {
	Port int `xmlrpc:"port" doc:"a port"`
}

func TestParamRules(t *testing.T) {
	port := map[string]any{"port": int64(7)}
	tests := []struct {
		name   string
		rule   methods.ParamRule
		fn     any
		params []any
		want   any // the result, or text of the error
	}{
		{"none, no param", methods.OneStruct, ok, nil, "OK"},
		{"none, struct", methods.OneStruct, ok, []any{port}, "OK"},
		{"none, empty struct", methods.OneStruct, ok, []any{map[string]any{}}, "OK"},
		{"none, int", methods.OneStruct, ok, []any{int64(1)}, errors.New("the param: got int, want struct")},
		{"none, nil", methods.OneStruct, ok, []any{nil}, errors.New("the param: got nil, want struct")},
		{"none, two", methods.OneStruct, ok, []any{port, port}, errors.New("got 2 params, want no param or 1")},

		{"one, none", methods.OneStruct, portOf, nil, errors.New("got 0 params, want 1 param")},
		{"one, struct", methods.OneStruct, portOf, []any{port}, 7},
		{"one, string", methods.OneStruct, portOf, []any{"7"}, errors.New("the param: got string, want struct")},
		{"one, missing key", methods.OneStruct, portOf, []any{map[string]any{}}, errors.New(`key "port": got nothing, want int`)},
		{"one, two", methods.OneStruct, portOf, []any{port, port}, errors.New("got 2 params, want 1 param")},
		{"one, two and the first is wrong", methods.OneStruct, portOf, []any{"x", port}, errors.New("got 2 params, want 1 param")},

		{"may omit, none", methods.MayOmit, portOf, nil, 0},
		{"may omit, struct", methods.MayOmit, portOf, []any{port}, 7},
		{"may omit, missing key", methods.MayOmit, portOf, []any{map[string]any{}}, errors.New(`key "port": got nothing, want int`)},
		{"may omit, array", methods.MayOmit, portOf, []any{[]any{}}, errors.New("the param: got array, want struct")},
		{"may omit, two", methods.MayOmit, portOf, []any{port, port}, errors.New("got 2 params, want no param or 1")},

		{"ignore one, none", methods.IgnoreOne, ok, nil, "OK"},
		{"ignore one, nil", methods.IgnoreOne, ok, []any{nil}, "OK"},
		{"ignore one, int", methods.IgnoreOne, ok, []any{int64(1)}, "OK"},
		{"ignore one, two", methods.IgnoreOne, ok, []any{1, 2}, errors.New("got 2 params, want no param or 1")},

		{"ignore all, none", methods.IgnoreAll, ok, nil, "OK"},
		{"ignore all, three", methods.IgnoreAll, ok, []any{nil, 1, "x"}, "OK"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := literal(tt.fn)
			m.Params = tt.rule
			e, err := methods.Compile(m)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Call(t.Context(), methods.Plain(tt.params...))
			if want, fails := tt.want.(error); fails {
				wantFault(t, err, methods.CodeInvalidParams, want.Error())
			} else if err != nil || got != tt.want {
				t.Errorf("Call(%v) = %v, %v, want %v", tt.params, got, err, tt.want)
			}
		})
	}
}

func ok(context.Context) (string, error)                     { return "OK", nil }
func portOf(_ context.Context, p portParams) (int, error)    { return p.Port, nil }
func portOfP(_ context.Context, p *portParams) (bool, error) { return p == nil, nil }

func TestOmittedPointerIsNil(t *testing.T) {
	m := literal(portOfP)
	m.Params = methods.MayOmit
	e, err := methods.Compile(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Call(t.Context(), methods.Plain()); got != true || err != nil {
		t.Errorf("Call() = %v, %v, want true", got, err)
	}
}

// wantFault checks that err is a fault for callers.
func wantFault(t *testing.T, err error, code int, text string) {
	t.Helper()
	f, ok := errors.AsType[methods.Faulter](err)
	if !ok {
		t.Fatalf("error %v, want a fault %d", err, code)
	}
	if gotCode, gotText := f.Fault(); gotCode != code || gotText != text {
		t.Errorf("fault %d %q, want %d %q", gotCode, gotText, code, text)
	}
}
