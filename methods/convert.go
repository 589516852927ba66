package methods

import (
	"fmt"
	"reflect"
)

// Plain returns params that are Go values already: bool, string, time.Time,
// []byte, nil, integers and floats of any size, []any and map[string]any.
func Plain(params ...any) Args { return plainArgs(params) }

type plainArgs []any

func (a plainArgs) Len() (int, error) { return len(a), nil }

func (a plainArgs) Decode(i int, into any) error {
	if i < 0 || i >= len(a) {
		return &ParamError{Got: "nothing", Want: "a param"}
	}
	return Convert(a[i], into)
}

// Convert stores plain value v in the value into points to, by the rules for
// params: required members must be there, unknown ones are ignored, a double
// takes an int, nothing else changes its type. It reports a [*ParamError].
func Convert(v any, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("convert into %T: want a pointer", into)
	}
	if err := set(target.Elem(), v); err != nil {
		return err
	}
	return nil
}

// set returns *ParamError, not error, so that paths can be put before it.
func set(to reflect.Value, v any) *ParamError {
	if to.CanAddr() {
		if s, ok := to.Addr().Interface().(Setter); ok {
			return asParamError(s.SetXMLRPC(v))
		}
	}
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		return set(to.Elem(), v)
	}
	if to.Kind() == reflect.Interface && to.NumMethod() == 0 {
		if v == nil {
			to.SetZero()
		} else {
			to.Set(reflect.ValueOf(v))
		}
		return nil
	}
	if rv := reflect.ValueOf(v); v != nil && rv.Type() == to.Type() {
		to.Set(rv)
		return nil
	}
	return setKind(to, v)
}

func setKind(to reflect.Value, v any) *ParamError {
	from := reflect.ValueOf(v)
	switch kind := to.Kind(); {
	case v == nil:
	case isInt(from) && (to.CanInt() || to.CanUint() || to.CanFloat()):
		return setNumber(to, from)
	case to.CanFloat() && from.CanFloat():
		return setFloat(to, from.Float())
	case (kind == reflect.Bool || kind == reflect.String || isBytes(to)) && from.Kind() == kind && isBytes(from) == isBytes(to):
		to.Set(from.Convert(to.Type()))
		return nil
	case kind == reflect.Slice && isList(to) && isList(from):
		to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
		return setItems(to, from)
	case kind == reflect.Array && isList(from):
		return setArray(to, from)
	case kind == reflect.Map && isStruct(from):
		return setMap(to, from)
	case kind == reflect.Struct && isStruct(from) && !isNamed(to.Type()):
		return setStruct(to, from)
	}
	return &ParamError{Got: GotType(v), Want: wantType(to.Type())}
}

// isNamed reports whether a struct type stands for something else on the wire.
func isNamed(t reflect.Type) bool {
	_, named := namedType(t)
	return named
}

func isBytes(v reflect.Value) bool {
	return v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8
}

func isList(v reflect.Value) bool {
	return v.Kind() == reflect.Array || v.Kind() == reflect.Slice && !isBytes(v)
}

func isStruct(v reflect.Value) bool {
	return v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String
}

func setArray(to, from reflect.Value) *ParamError {
	if from.Len() != to.Len() {
		return &ParamError{Got: fmt.Sprintf("an array of %d", from.Len()), Want: fmt.Sprintf("an array of %d", to.Len())}
	}
	return setItems(to, from)
}

func setItems(to, from reflect.Value) *ParamError {
	for i := range from.Len() {
		if err := set(to.Index(i), from.Index(i).Interface()); err != nil {
			return err.In(fmt.Sprintf("[%d]", i))
		}
	}
	return nil
}

func setMap(to, from reflect.Value) *ParamError {
	to.Set(reflect.MakeMapWithSize(to.Type(), from.Len()))
	for key, v := range from.Seq2() {
		item := reflect.New(to.Type().Elem()).Elem()
		if err := set(item, v.Interface()); err != nil {
			return err.In(key.String())
		}
		to.SetMapIndex(key.Convert(to.Type().Key()), item)
	}
	return nil
}

func setStruct(to, from reflect.Value) *ParamError {
	fields, err := Fields(to.Type())
	if err != nil {
		return &ParamError{Got: "struct", Want: err.Error()}
	}
	for _, f := range fields {
		v := from.MapIndex(reflect.ValueOf(f.Name).Convert(from.Type().Key()))
		switch {
		case v.IsValid():
			if err := set(to.Field(f.Index), v.Interface()); err != nil {
				return err.In(f.Name)
			}
		case !f.Optional:
			return &ParamError{Key: f.Name, Got: "nothing", Want: wantType(f.Type)}
		}
	}
	return nil
}

func wantType(t reflect.Type) string {
	name, err := TypeName(t)
	if err != nil {
		return t.String()
	}
	if name == "i8" {
		return "int" // every integer type is taken for it
	}
	return name
}

// GotType is the XML-RPC type of plain value v, as [ParamError] names it.
func GotType(v any) string {
	if v == nil {
		return "nil"
	}
	return wantType(reflect.TypeOf(v))
}

func asParamError(err error) *ParamError {
	if err == nil {
		return nil
	}
	if p, ok := err.(*ParamError); ok {
		return p
	}
	return &ParamError{Got: "a value it cannot take", Want: err.Error()}
}
