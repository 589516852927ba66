package wire

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"co2/methods"
)

// A shape is what a Go type is to this package.
type shape uint8

const (
	noShape shape = iota // cannot travel
	boolShape
	intShape
	uintShape
	floatShape
	stringShape
	timeShape
	bytesShape
	anyShape
	rawShape
	setterShape // only when decoding
	pointerShape
	sliceShape
	arrayShape
	mapShape
	structShape
)

// A plan is how values of one Go type are read and written, worked out once.
type plan struct {
	typ    reflect.Type
	shape  shape
	write  shape     // the shape for writing: a Setter's own
	want   string    // its XML-RPC type, for errors
	elem   *plan     // of pointers, slices, arrays and maps
	maps   sync.Pool // of *plannedMap
	fields []field
	err    error // why it has no shape
}

// A field is a member of a struct.
type field struct {
	name     string
	open     string // <member><name>…</name>, escaped
	index    int
	optional bool
	plan     *plan
}

// maxFields is how many members a Go struct may have; decoding keeps a bit
// for each.
const maxFields = 256

var (
	rawType    = reflect.TypeFor[Raw]()
	timeType   = reflect.TypeFor[time.Time]()
	setterType = reflect.TypeFor[methods.Setter]()
	typerType  = reflect.TypeFor[methods.Typer]()
)

// plans are the plans made so far, *plan by reflect.Type.
var plans sync.Map

var anyPlan = planFor(reflect.TypeFor[any]())

func planFor(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	made := planner{}
	p := made.plan(t)
	for t, p := range made {
		plans.LoadOrStore(t, p)
	}
	return p
}

// A planner holds the plans in the making, so that types may hold themselves.
type planner map[reflect.Type]*plan

func (made planner) plan(t reflect.Type) *plan {
	if p, ok := made[t]; ok {
		return p
	}
	p := &plan{typ: t}
	made[t] = p
	made.fill(p)
	if p.write = p.shape; p.shape == noShape && p.err == nil {
		p.err = fmt.Errorf("%s has no XML-RPC type", t)
	}
	if t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && t != rawType {
		pointer := reflect.PointerTo(t)
		if pointer.Implements(typerType) {
			p.want = reflect.New(t).Interface().(methods.Typer).XMLRPCType()
		}
		if pointer.Implements(setterType) {
			p.shape, p.err = setterShape, nil
		}
	}
	return p
}

func (made planner) fill(p *plan) {
	switch t := p.typ; {
	case t == rawType:
		p.shape, p.want = rawShape, "any value"
	case t == timeType:
		p.shape, p.want = timeShape, "dateTime.iso8601"
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		p.shape, p.want = anyShape, "any value"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		p.shape, p.want = bytesShape, "base64"
	default:
		made.fillByKind(p)
	}
}

func (made planner) fillByKind(p *plan) {
	switch p.typ.Kind() {
	case reflect.Bool:
		p.shape, p.want = boolShape, "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.shape, p.want = intShape, "int"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.shape, p.want = uintShape, "int"
	case reflect.Float32, reflect.Float64:
		p.shape, p.want = floatShape, "double"
	case reflect.String:
		p.shape, p.want = stringShape, "string"
	case reflect.Pointer:
		if elem := p.typ.Elem(); elem.Kind() == reflect.Pointer {
			p.err = fmt.Errorf("%s points to a pointer", p.typ)
			return
		}
		made.fillElem(p, pointerShape, "")
		p.want = p.elem.want
	case reflect.Slice:
		made.fillElem(p, sliceShape, "array")
	case reflect.Array:
		made.fillElem(p, arrayShape, "array")
	case reflect.Map:
		if p.typ.Key().Kind() != reflect.String {
			p.err = fmt.Errorf("%s: member names are strings", p.typ)
			return
		}
		made.fillElem(p, mapShape, "struct")
		p.maps.New = p.newPlannedMap
	case reflect.Struct:
		p.shape, p.want = structShape, "struct"
		made.fillFields(p)
	}
}

func (made planner) fillElem(p *plan, s shape, want string) {
	p.shape, p.want = s, want
	p.elem = made.plan(p.typ.Elem())
	p.blame(p.elem, "")
}

func (made planner) fillFields(p *plan) {
	fields, err := methods.Fields(p.typ)
	if err == nil && len(fields) > maxFields {
		err = fmt.Errorf("%s has more than %d members", p.typ, maxFields)
	}
	if err != nil {
		p.shape, p.err = noShape, err
		return
	}
	for _, f := range fields {
		open := string(appendName(nil, f.Name))
		inner := made.plan(f.Type)
		p.fields = append(p.fields, field{f.Name, open, f.Index, f.Optional, inner})
		p.blame(inner, f.Name)
	}
}

// blame gives p the error of a type it holds.
func (p *plan) blame(inner *plan, member string) {
	switch {
	case inner.err == nil || p.err != nil:
		return
	case member != "":
		p.err = fmt.Errorf("%s: member %q: %w", p.typ, member, inner.err)
	default:
		p.err = fmt.Errorf("%s: %w", p.typ, inner.err)
	}
	p.shape = noShape
}

// find returns which field is called name, -1 if none is. Members mostly come
// in the order of the fields, so the search begins at the next one.
func (p *plan) find(name string, next int) int {
	for i := next; i < len(p.fields); i++ {
		if p.fields[i].name == name {
			return i
		}
	}
	for i := range next {
		if p.fields[i].name == name {
			return i
		}
	}
	return -1
}
