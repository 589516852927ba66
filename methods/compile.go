package methods

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// maxName is the longest method name in octets (xmlrpc.md L9).
const maxName = 255

// Compile makes an Entry of m. It reflects on m.Func once and refuses what
// could not be served: a function of another shape, types without an XML-RPC
// spelling, param fields or methods without words, names out of form.
func Compile(m Method) (Entry, error) {
	if err := checkLiteral(m); err != nil {
		return nil, fmt.Errorf("%s: %w", literalName(m), err)
	}
	e := &funcEntry{fn: reflect.ValueOf(m.Func), rule: m.Params}
	if ft := e.fn.Type(); ft.NumIn() == 2 {
		e.param = ft.In(1)
	}
	d, err := describe(m, e.param, e.fn.Type().Out(0))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", literalName(m), err)
	}
	e.description = d
	if m.Params == Positional {
		e.positions, err = Fields(e.param)
	}
	return e, err
}

func literalName(m Method) string {
	if len(m.Names) == 0 {
		return "unnamed method"
	}
	return m.Names[0]
}

func checkLiteral(m Method) error {
	about := Description{Names: m.Names, Unlisted: m.Unlisted, Doc: m.Doc, Access: m.Access}
	if err := about.check(); err != nil {
		return err
	}
	return checkFunc(m)
}

func checkFunc(m Method) error {
	ft := reflect.TypeOf(m.Func)
	switch {
	case ft == nil || ft.Kind() != reflect.Func:
		return fmt.Errorf("want a function in Func, got %T", m.Func)
	case reflect.ValueOf(m.Func).IsNil():
		return errors.New("nil Func")
	case m.Params > IgnoreAll:
		return fmt.Errorf("unknown rule %d in Params", m.Params)
	case ft.IsVariadic() || ft.NumIn() < 1 || ft.NumIn() > 2 || ft.In(0) != contextType:
		return fmt.Errorf("want func(context.Context) or func(context.Context, P) in Func, got %s", ft)
	case ft.NumOut() != 2 || ft.Out(1) != errorType:
		return fmt.Errorf("want results (R, error) of Func, got %s", ft)
	case ft.NumIn() == 2 && m.Params >= IgnoreOne:
		return errors.New("cannot ignore by Params what Func takes")
	case ft.NumIn() == 1 && m.Params == MayOmit:
		return errors.New("nothing to omit: Params is MayOmit, yet Func takes none")
	case m.Params == Positional:
		return checkPositional(ft)
	}
	return nil
}

// validName reports whether name has the form of xmlrpc.md M2.
func validName(name string) bool {
	word := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
			word++
		case c == '.' && word > 0:
			word = 0
		default:
			return false
		}
	}
	return word > 0 && len(name) <= maxName
}

// A funcEntry is an Entry made of a Go function.
type funcEntry struct {
	fn          reflect.Value
	param       reflect.Type // nil if the function takes none
	rule        ParamRule
	positions   []Field // of param, if the rule is Positional
	description Description
}

func (e *funcEntry) Describe() Description { return e.description }

func (e *funcEntry) Call(ctx context.Context, args Args) (any, error) {
	in := []reflect.Value{reflect.ValueOf(ctx)}
	if e.param == nil {
		if err := e.checkIgnored(args); err != nil {
			return nil, err
		}
	} else {
		p, err := e.bind(args)
		if err != nil {
			return nil, err
		}
		in = append(in, p)
	}
	out := e.fn.Call(in)
	if err, _ := out[1].Interface().(error); err != nil {
		return nil, err
	}
	return out[0].Interface(), nil
}

// bind decodes the params, usually one. What is wrong with the params as a whole is
// told before what is wrong within the first.
func (e *funcEntry) bind(args Args) (reflect.Value, error) {
	if e.rule == Positional {
		return e.bindPositions(args)
	}
	p := reflect.New(e.param)
	misfit := args.Decode(0, p.Interface())
	n, err := args.Len()
	switch {
	case err != nil:
		return p, err
	case n == 0 && e.rule == MayOmit:
		return reflect.Zero(e.param), nil
	case n == 0 && e.rule != MayOmit, n > 1:
		return p, &CountError{n, e.wantCount()}
	}
	return p.Elem(), misfit
}

func (e *funcEntry) wantCount() string {
	if e.rule == MayOmit {
		return "no param or 1"
	}
	return "1 param"
}

// anyStruct accepts a struct and drops its members.
type anyStruct struct{}

// checkIgnored applies the rule to params that the function does not take.
func (e *funcEntry) checkIgnored(args Args) error {
	n, err := args.Len()
	switch {
	case err != nil || n == 0 || e.rule == IgnoreAll:
		return err
	case n > 1:
		return &CountError{n, "no param or 1"}
	case e.rule == IgnoreOne:
		return nil
	}
	return args.Decode(0, new(anyStruct))
}
