package methods_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"co2/methods"
)

func named(answer string, names ...string) methods.Method {
	return methods.Method{
		Names: names, Doc: "Answers " + answer + ".", Access: methods.Public, Params: methods.IgnoreAll,
		Func: func(context.Context) (string, error) { return answer, nil },
	}
}

func compiled(t *testing.T, list ...methods.Method) []methods.Entry {
	t.Helper()
	entries := make([]methods.Entry, len(list))
	for i, m := range list {
		var err error
		if entries[i], err = methods.Compile(m); err != nil {
			t.Fatal(err)
		}
	}
	return entries
}

// as is a context in which a caller of this access calls.
func as(t *testing.T, a methods.Access) context.Context {
	return methods.WithPeer(t.Context(), methods.Caller{Addr: netip.MustParseAddrPort("10.0.0.7:4000"), Access: a})
}

func TestTableNames(t *testing.T) {
	var table methods.Table
	if got := table.Names(); len(got) != 0 {
		t.Errorf("Names of the zero Table = %q, want none", got)
	}
	m := named("1", "z.last", "a.first")
	m.Unlisted = []string{"a.misprint"}
	if err := table.Register("one", m, named("2", "m")); err != nil {
		t.Fatal(err)
	}
	if got, want := table.Names(), []string{"a.first", "m", "z.last"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	for _, name := range []string{"z.last", "a.first", "a.misprint"} {
		if got, err := table.Call(as(t, methods.Public), name, methods.Plain()); got != "1" || err != nil {
			t.Errorf("Call(%q) = %v, %v, want 1", name, got, err)
		}
		if d, err := table.Describe(name); err != nil || d.Names[0] != "z.last" {
			t.Errorf("Describe(%q) = %v, %v, want the description of z.last", name, d, err)
		}
	}
}

func TestTableFindsExactNamesOnly(t *testing.T) {
	var table methods.Table
	if err := table.Register("one", named("1", "relay.register", "ping")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", "relay", "relay.", ".ping", "relay..register", "relay.Register", "PING", "String", "ServeHTTP", "__class__", "ping ", "ping\x00",
	} {
		_, err := table.Call(as(t, methods.Admin), name, methods.Plain())
		var missing *methods.NotFoundError
		if !errors.As(err, &missing) || missing.Name != name {
			t.Errorf("Call(%q) = %v, want a NotFoundError for it", name, err)
		}
		if _, err := table.Describe(name); !errors.As(err, &missing) {
			t.Errorf("Describe(%q) = %v, want a NotFoundError", name, err)
		}
	}
}

func TestTableRefusesNamesTakenTwice(t *testing.T) {
	misprint := named("m", "m")
	misprint.Unlisted = []string{"ping"}
	tests := []struct {
		name  string
		owner string
		list  []methods.Method
	}{
		{"in one literal", "two", []methods.Method{named("x", "a", "a")}},
		{"by the owner", "two", []methods.Method{named("x", "a"), named("y", "a")}},
		{"by another owner", "two", []methods.Method{named("x", "ping")}},
		{"by an unlisted name", "two", []methods.Method{misprint}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var table methods.Table
			if err := table.Register("one", named("1", "ping")); err != nil {
				t.Fatal(err)
			}
			err := table.Register(tt.owner, tt.list...)
			if err == nil || !strings.Contains(err.Error(), "is taken") {
				t.Errorf("Register = %v, want an error that tells the taken name", err)
			}
			if got := table.Names(); !slices.Equal(got, []string{"ping"}) {
				t.Errorf("Names after a failed Register = %q, want [ping]", got)
			}
		})
	}
}

func TestRegisterRefusesWhatCompileRefuses(t *testing.T) {
	var table methods.Table
	err := table.Register("plugin", named("1", "a"), methods.Method{Names: []string{"b"}})
	if err == nil || err.Error() != "methods of plugin: b: no Doc" {
		t.Errorf("Register = %v, want %q", err, "methods of plugin: b: no Doc")
	}
	if got := table.Names(); len(got) != 0 {
		t.Errorf("Names after a failed Register = %q, want none", got)
	}
}

func TestReplaceSwapsOneOwnersSet(t *testing.T) {
	var table methods.Table
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(table.Replace("core", compiled(t, named("core", "ping"))))
	must(table.Replace("plugin", compiled(t, named("1", "a", "b"))))
	must(table.Replace("plugin", compiled(t, named("2", "b", "c"))))
	if got, want := table.Names(), []string{"b", "c", "ping"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if err := table.Replace("plugin", compiled(t, named("3", "d"), named("3", "ping"))); err == nil {
		t.Error("Replace with a taken name = nil, want an error")
	}
	if got, err := table.Call(as(t, methods.Public), "b", methods.Plain()); got != "2" || err != nil {
		t.Errorf("Call(b) after a failed Replace = %v, %v, want 2", got, err)
	}
	must(table.Replace("plugin", nil))
	if got, want := table.Names(), []string{"ping"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
}

// A reload under load: every call sees the old set or the new one, whole.
func TestReplaceUnderCalls(t *testing.T) {
	var table methods.Table
	sets := [][]methods.Entry{compiled(t, named("odd", "a"), named("odd", "b")), compiled(t, named("even", "a"), named("even", "b"))}
	if err := table.Replace("plugin", sets[0]); err != nil {
		t.Fatal(err)
	}
	ctx := as(t, methods.Public)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 500 {
				if got, err := table.Call(ctx, "a", methods.Plain()); err != nil || got != "odd" && got != "even" {
					t.Errorf("Call(a) = %v, %v, want odd or even", got, err)
				}
				if got := table.Names(); len(got) != 2 {
					t.Errorf("Names = %q, want a and b", got)
				}
			}
		})
	}
	for i := range 200 {
		if err := table.Replace("plugin", sets[i%2]); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

// A script stands for entries that are not made of Go functions.
type script struct {
	about methods.Description
	err   error
}

func (s *script) Describe() methods.Description { return s.about }

func (s *script) Call(_ context.Context, args methods.Args) (any, error) {
	var first any
	if err := args.Decode(0, &first); err != nil {
		return nil, err
	}
	return first, s.err
}

func newScript(name string) *script {
	return &script{about: methods.Description{
		Names: []string{name}, Doc: "Echoes.", Access: methods.Public, Result: methods.Shape{Type: "undef"},
	}}
}

func TestTableHoldsOtherEntries(t *testing.T) {
	var table methods.Table
	if err := table.Register("core", named("1", "ping")); err != nil {
		t.Fatal(err)
	}
	if err := table.Replace("scripts", []methods.Entry{newScript("script.echo")}); err != nil {
		t.Fatal(err)
	}
	if got, want := table.Names(), []string{"ping", "script.echo"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if got, err := table.Call(as(t, methods.Public), "script.echo", methods.Plain("hi")); got != "hi" || err != nil {
		t.Errorf("Call(script.echo) = %v, %v, want hi", got, err)
	}
	_, err := table.Call(as(t, methods.Public), "script.echo", methods.Plain())
	wantFault(t, err, methods.CodeInvalidParams, "the param: got nothing, want a param")
}

func TestReplaceRefusesOtherEntries(t *testing.T) {
	for name, change := range map[string]func(*methods.Description){
		"no Names":            func(d *methods.Description) { d.Names = nil },
		`bad name "a b"`:      func(d *methods.Description) { d.Names = []string{"a b"} },
		`bad name "x."`:       func(d *methods.Description) { d.Unlisted = []string{"x."} },
		"no Doc":              func(d *methods.Description) { d.Doc = "" },
		"no Access":           func(d *methods.Description) { d.Access = 0 },
		"the name m is taken": func(d *methods.Description) { d.Unlisted = []string{"m"} },
	} {
		var table methods.Table
		s := newScript("m")
		change(&s.about)
		if err := table.Replace("scripts", []methods.Entry{s}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Replace = %v, want an error with %q", err, name)
		}
	}
}

func TestAccess(t *testing.T) {
	levels := []methods.Access{0, methods.Public, methods.Satellite, methods.Operator, methods.Admin}
	for _, need := range levels[1:] {
		var table methods.Table
		m := named("in", "m")
		m.Access = need
		if err := table.Register("one", m); err != nil {
			t.Fatal(err)
		}
		for _, held := range levels {
			got, err := table.Call(as(t, held), "m", methods.Plain())
			switch {
			case held >= need && (got != "in" || err != nil):
				t.Errorf("Call with %s access of a method for %s = %v, %v, want in", held, need, got, err)
			case held < need:
				wantFault(t, err, methods.CodeNotPermitted, "m is for "+need.String()+" access only")
			}
		}
	}
}

func TestNobodyMayCallWithoutPeer(t *testing.T) {
	var table methods.Table
	if err := table.Register("one", named("1", "m")); err != nil {
		t.Fatal(err)
	}
	_, err := table.Call(t.Context(), "m", methods.Plain())
	wantFault(t, err, methods.CodeNotPermitted, "m is for public access only")
	if got := methods.Peer(t.Context()); got != (methods.Caller{}) {
		t.Errorf("Peer = %v, want the zero Caller", got)
	}
}

func TestAccessFrom(t *testing.T) {
	for addr, want := range map[string]methods.Access{
		"127.0.0.1": methods.Admin, "127.9.9.9": methods.Admin, "::1": methods.Admin,
		"10.0.0.7": methods.Satellite, "fe80::1%eth0": methods.Satellite, "8.8.8.8": methods.Satellite,
	} {
		if got := methods.AccessFrom(netip.MustParseAddr(addr)); got != want {
			t.Errorf("AccessFrom(%s) = %s, want %s", addr, got, want)
		}
	}
	if got := methods.Access(0).String(); got != "nobody" {
		t.Errorf("Access(0).String() = %q, want nobody", got)
	}
}

func TestHandlerSeesPeer(t *testing.T) {
	var table methods.Table
	m := literal(func(ctx context.Context) (string, error) { return methods.Peer(ctx).Addr.String(), nil })
	if err := table.Register("one", m); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Call(as(t, methods.Public), "m", methods.Plain()); got != "10.0.0.7:4000" || err != nil {
		t.Errorf("Call(m) = %v, %v, want the caller's address", got, err)
	}
}

func TestPanicIsAnError(t *testing.T) {
	var table methods.Table
	m := literal(func(context.Context) (string, error) { panic("out of coffee") })
	if err := table.Register("one", m); err != nil {
		t.Fatal(err)
	}
	got, err := table.Call(as(t, methods.Public), "m", methods.Plain())
	var p *methods.PanicError
	if !errors.As(err, &p) || got != nil {
		t.Fatalf("Call(m) = %v, %v, want a PanicError", got, err)
	}
	if p.Method != "m" || p.Value != "out of coffee" || !strings.Contains(string(p.Stack), "table_test.go") {
		t.Errorf("PanicError = %v with the stack\n%s\nwant method, value and where it came from", p, p.Stack)
	}
	if f, ok := errors.AsType[methods.Faulter](err); ok {
		t.Errorf("PanicError is a Faulter: %v; callers must not see it", f)
	}
}

func TestHandlersErrorLosesResult(t *testing.T) {
	sorry := errors.New("sorry")
	e := compiled(t, literal(func(context.Context) (string, error) { return "half", sorry }))[0]
	if got, err := e.Call(t.Context(), methods.Plain()); got != nil || err != sorry {
		t.Errorf("Call = %v, %v, want nil and the handler's error", got, err)
	}
}

// unreadable are params in a document that breaks off.
type unreadable struct{}

var errUnreadable = errors.New("not well-formed")

func (unreadable) Len() (int, error)     { return 0, errUnreadable }
func (unreadable) Decode(int, any) error { return errUnreadable }

func TestUnreadableParamsWin(t *testing.T) {
	var table methods.Table
	admin := named("1", "admin.only")
	admin.Access = methods.Admin
	if err := table.Register("one", admin, named("2", "ping"), literal(portOf)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"no.such", "admin.only", "ping", "m"} {
		if _, err := table.Call(as(t, methods.Public), name, unreadable{}); !errors.Is(err, errUnreadable) {
			t.Errorf("Call(%q) = %v, want %v", name, err, errUnreadable)
		}
	}
}
