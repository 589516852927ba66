package methods

import (
	"errors"
	"fmt"
	"reflect"
)

// checkPositional refuses a function whose params cannot be the fields of a
// struct, one after another.
func checkPositional(ft reflect.Type) error {
	if ft.NumIn() != 2 || ft.In(1).Kind() != reflect.Struct || isNamed(ft.In(1)) {
		return fmt.Errorf("want func(context.Context, P) with a struct P, whose fields are the params, got %s", ft)
	}
	fields, err := Fields(ft.In(1))
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return errors.New("no fields to be params")
	}
	for _, f := range fields[required(fields):] {
		if !f.Optional {
			return fmt.Errorf("param %q comes after one that may be left out", f.Name)
		}
	}
	return nil
}

// required is the number of fields before the first optional one.
func required(fields []Field) int {
	for i, f := range fields {
		if f.Optional {
			return i
		}
	}
	return len(fields)
}

// bindPositions decodes each param into the field at its place. Their number
// is told before what is wrong within one.
func (e *funcEntry) bindPositions(args Args) (reflect.Value, error) {
	p := reflect.New(e.param).Elem()
	n, err := args.Len()
	if err != nil {
		return p, err
	}
	if least := required(e.positions); n < least || n > len(e.positions) {
		return p, &CountError{n, countFromTo(least, len(e.positions))}
	}
	for i, f := range e.positions[:n] {
		err := args.Decode(i, p.Field(f.Index).Addr().Interface())
		if misfit, ok := errors.AsType[*ParamError](err); ok {
			return p, misfit.In(f.Name)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

func countFromTo(least, most int) string {
	switch {
	case least < most:
		return fmt.Sprintf("%d to %d", least, most)
	case most == 1:
		return "1 param"
	}
	return fmt.Sprintf("%d params", most)
}

// positionalSignatures is one signature for each number of params that may be
// given.
func (d Description) positionalSignatures() [][]string {
	way := []string{d.Result.Type}
	var ways [][]string
	for _, arg := range d.Param.Members {
		if arg.Optional {
			ways = append(ways, append([]string(nil), way...))
		}
		way = append(way, arg.Type)
	}
	return append(ways, way)
}
