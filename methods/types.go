package methods

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// A Typer is a Go type that names its own XML-RPC type: "string", "undef".
// The method is called on a zero value.
type Typer interface{ XMLRPCType() string }

// A Setter is a param type that takes values of more than one XML-RPC type,
// such as a password that may come as an int. SetXMLRPC gets the plain value
// (int64, bool, string, float64, time.Time, []byte, []any, map[string]any or
// nil) and returns a *ParamError without a key when it does not fit.
type Setter interface {
	Typer
	SetXMLRPC(plain any) error
}

var (
	typerType = reflect.TypeFor[Typer]()
	timeType  = reflect.TypeFor[time.Time]()
)

// A Field is a struct field that is a member on the wire.
type Field struct {
	Name     string       // member name: the `xmlrpc` tag
	Index    int          // of the Go field
	Type     reflect.Type // of the Go field
	Optional bool         // `optional:"true"`: may be missing in params
	Doc      string       // the `doc` tag
}

// Fields returns the members of struct type t in the order of declaration.
// Exported fields without an `xmlrpc` tag, members named twice and embedded
// fields are errors; the tag "-" leaves a field out.
func Fields(t reflect.Type) ([]Field, error) {
	var fields []Field
	seen := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("xmlrpc")
		switch {
		case name == "-":
			continue
		case f.Anonymous:
			return nil, fmt.Errorf("%s embeds %s: name the field", t, f.Name)
		case !f.IsExported():
			continue
		case name == "":
			return nil, fmt.Errorf("%s.%s has no xmlrpc tag", t, f.Name)
		case seen[name]:
			return nil, fmt.Errorf("%s has the member %q twice", t, name)
		}
		seen[name] = true
		fields = append(fields, Field{name, i, f.Type, f.Tag.Get("optional") == "true", f.Tag.Get("doc")})
	}
	return fields, nil
}

// TypeName returns the XML-RPC type of Go type t: int, i8, boolean, string,
// double, dateTime.iso8601, base64, array, struct or undef (any of them). It
// is an error for types without one: channels, functions, maps with other
// than string keys, uint64, and structs or slices that hold such types.
func TypeName(t reflect.Type) (string, error) { return typeName(t, nil) }

func typeName(t reflect.Type, above []reflect.Type) (string, error) {
	if t == nil {
		return "", errors.New("nil has no XML-RPC type")
	}
	for _, a := range above {
		if a == t {
			return "", fmt.Errorf("%s holds itself", t)
		}
	}
	if name, ok := namedType(t); ok {
		return name, nil
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Bool:
		return "boolean", nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16:
		return "int", nil
	case reflect.Int64, reflect.Uint32:
		return "i8", nil
	case reflect.Float32, reflect.Float64:
		return "double", nil
	case reflect.String:
		return "string", nil
	case reflect.Pointer:
		return typeName(t.Elem(), above)
	case reflect.Slice, reflect.Array:
		return listType(t, above)
	case reflect.Map:
		return mapType(t, above)
	case reflect.Struct:
		return structType(t, above)
	}
	return "", fmt.Errorf("%s has no XML-RPC type", t)
}

// namedType finds the types whose spelling does not follow from their kind.
func namedType(t reflect.Type) (string, bool) {
	switch {
	case t.Kind() == reflect.Pointer:
		return "", false
	case t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(typerType):
		return reflect.New(t).Interface().(Typer).XMLRPCType(), true
	case t == timeType:
		return "dateTime.iso8601", true
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return "undef", true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "base64", true
	}
	return "", false
}

func listType(t reflect.Type, above []reflect.Type) (string, error) {
	if _, err := typeName(t.Elem(), above); err != nil {
		return "", fmt.Errorf("%s: %w", t, err)
	}
	return "array", nil
}

func mapType(t reflect.Type, above []reflect.Type) (string, error) {
	if t.Key().Kind() != reflect.String {
		return "", fmt.Errorf("%s: member names are strings", t)
	}
	if _, err := typeName(t.Elem(), above); err != nil {
		return "", fmt.Errorf("%s: %w", t, err)
	}
	return "struct", nil
}

func structType(t reflect.Type, above []reflect.Type) (string, error) {
	fields, err := Fields(t)
	if err != nil {
		return "", err
	}
	for _, f := range fields {
		if _, err := typeName(f.Type, above); err != nil {
			return "", fmt.Errorf("%s: member %q: %w", t, f.Name, err)
		}
	}
	return "struct", nil
}
