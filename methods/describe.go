package methods

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// A Description is all that introspection tells of a method. Its slices are
// shared: read only.
type Description struct {
	Names      []string // listed names, the principal one first
	Unlisted   []string
	Doc        string
	Access     Access
	Param      *Shape // nil if it takes none
	MayOmit    bool   // the param may be left out
	Ignores    bool   // takes none, ignores one of any type
	Positional bool   // the members of Param are params, one after another
	Result     Shape
}

// A Shape is the type of a param, a member, an item or a result, with words.
type Shape struct {
	Name     string // of the param or member; empty for results and items
	Type     string // XML-RPC type name, see [TypeName]
	Doc      string
	Optional bool
	Members  []Shape // of a struct with known members
	Item     *Shape  // of an array whose items are alike
}

// check refuses what no table can hold: an entry without names, with names out
// of form, without words, or that nobody could call.
func (d Description) check() error {
	switch {
	case len(d.Names) == 0:
		return errors.New("no Names")
	case d.Doc == "":
		return errors.New("no Doc")
	case d.Access < Public || d.Access > Admin:
		return errors.New("no Access")
	}
	for _, name := range slices.Concat(d.Names, d.Unlisted) {
		if !validName(name) {
			return fmt.Errorf("bad name %q: want words of letters, digits and _, joined by dots, at most %d octets", name, maxName)
		}
	}
	return nil
}

// defaultParam is what co2 calls the one argument of its methods.
const defaultParam = "param_dict"

func describe(m Method, param, result reflect.Type) (Description, error) {
	d := Description{
		Names: slices.Clone(m.Names), Unlisted: slices.Clone(m.Unlisted),
		Doc: m.Doc, Access: m.Access,
		MayOmit: param == nil || m.Params == MayOmit,
		Ignores: m.Params >= IgnoreOne, Positional: m.Params == Positional,
	}
	var err error
	if d.Result, err = shapeOf(result); err != nil {
		return d, fmt.Errorf("result: %w", err)
	}
	if param == nil {
		return d, nil
	}
	shape, err := shapeOf(param)
	if err != nil {
		return d, fmt.Errorf("param: %w", err)
	}
	shape.Name = defaultParam
	if shape.Type == "string" {
		shape.Name = "method_name"
	}
	d.Param = &shape
	return d, needWords(shape)
}

// shapeOf describes t, which must have an XML-RPC type.
func shapeOf(t reflect.Type) (Shape, error) {
	name, err := TypeName(t)
	if err != nil {
		return Shape{}, err
	}
	s := Shape{Type: name}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, named := namedType(t); named {
		return s, nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return s, s.addMembers(t)
	case reflect.Slice, reflect.Array:
		item, err := shapeOf(t.Elem())
		s.Item = &item
		return s, err
	}
	return s, nil
}

func (s *Shape) addMembers(t reflect.Type) error {
	fields, err := Fields(t)
	if err != nil {
		return err
	}
	for _, f := range fields {
		member, err := shapeOf(f.Type)
		if err != nil {
			return err
		}
		member.Name, member.Doc, member.Optional = f.Name, f.Doc, f.Optional
		s.Members = append(s.Members, member)
	}
	return nil
}

// needWords refuses params with members nobody explained.
func needWords(s Shape) error {
	for _, m := range s.Members {
		if m.Doc == "" {
			return fmt.Errorf("member %q has no doc tag", m.Name)
		}
		if err := needWords(m); err != nil {
			return err
		}
	}
	if s.Item != nil {
		return needWords(*s.Item)
	}
	return nil
}

// Signatures returns the general form of a signature: arrays of type names,
// the result first, one for each way to call (xmlrpc.md M6).
func (d Description) Signatures() [][]string {
	result := d.Result.Type
	switch {
	case d.Ignores:
		return [][]string{{result}, {result, "undef"}}
	case d.Param == nil:
		return [][]string{{result}, {result, "struct"}}
	case d.Positional:
		return d.positionalSignatures()
	case d.MayOmit:
		return [][]string{{result}, {result, d.Param.Type}}
	}
	return [][]string{{result, d.Param.Type}}
}

// Args are the arguments one by one: none, or one, or several where a method
// is positional.
func (d Description) Args() []Shape {
	switch {
	case d.Param == nil:
		return nil
	case d.Positional:
		return d.Param.Members
	}
	arg := *d.Param
	arg.Optional = d.MayOmit
	return []Shape{arg}
}

// ArgNames are the names of the arguments in co2's signature struct. Every
// co2 method takes one, so a method without tells the usual one.
func (d Description) ArgNames() []string {
	args := d.Args()
	if len(args) == 0 {
		return []string{defaultParam}
	}
	names := make([]string, len(args))
	for i, arg := range args {
		names[i] = arg.Name
	}
	return names
}
