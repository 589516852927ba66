package wire

import (
	"fmt"
	"reflect"
	"time"
)

func appendReflected(dst []byte, v any, in room) ([]byte, error) {
	rv := reflect.ValueOf(v)
	return appendPlanned(dst, planFor(rv.Type()), rv, in)
}

// appendPlanned appends v, whose type has plan p.
func appendPlanned(dst []byte, p *plan, v reflect.Value, in room) ([]byte, error) {
	if len(dst) > in.end {
		return dst, ErrTooLong
	}
	switch p.write {
	case stringShape:
		return appendString(dst, v.String()), nil
	case intShape:
		return appendInt(dst, v.Int()), nil
	case uintShape:
		return appendUint(dst, v.Uint())
	case boolShape:
		return appendBool(dst, v.Bool()), nil
	case floatShape:
		return appendDouble(dst, v.Float(), p.typ.Bits())
	case timeShape:
		return appendTime(dst, held[time.Time](v))
	case bytesShape:
		return appendBytes(dst, v.Bytes()), nil
	case rawShape:
		return appendRaw(dst, held[Raw](v))
	case pointerShape:
		if v.IsNil() {
			return dst, errNil
		}
		return appendPlanned(dst, p.elem, v.Elem(), in)
	case anyShape:
		if v.IsNil() {
			return append(dst, nilValue...), nil
		}
		held := v.Elem()
		return appendPlanned(dst, planFor(held.Type()), held, in)
	}
	if in.depth == maxNesting {
		return dst, errNesting
	}
	switch p.write {
	case sliceShape, arrayShape:
		return appendItems(dst, p, v, in.deeper())
	case mapShape:
		if m, ok := v.Interface().(map[string]any); ok {
			return appendMembers(dst, m, in)
		}
		return appendMap(dst, p, v, in.deeper())
	case structShape:
		return appendStruct(dst, p, v, in.deeper())
	}
	if p.err != nil {
		return dst, p.err
	}
	return dst, fmt.Errorf("%s has no XML-RPC spelling", p.typ)
}

// held returns the T in v. Interface copies to the heap what has an address.
func held[T any](v reflect.Value) T {
	if v.CanAddr() {
		return *v.Addr().Interface().(*T)
	}
	return v.Interface().(T)
}

func appendItems(dst []byte, p *plan, v reflect.Value, in room) (_ []byte, err error) {
	dst = append(dst, arrayOpen...)
	for i := range v.Len() {
		if dst, err = appendPlanned(dst, p.elem, v.Index(i), in); err != nil {
			return dst, within(indexKey(i), err)
		}
	}
	return append(dst, arrayClose...), nil
}

func appendStruct(dst []byte, p *plan, v reflect.Value, in room) (_ []byte, err error) {
	dst = append(dst, structOpen...)
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.optional && absent(f.plan, fv) {
			continue
		}
		dst = append(dst, f.open...)
		if dst, err = appendPlanned(dst, f.plan, fv, in); err != nil {
			return dst, within(f.name, err)
		}
		dst = append(dst, memberClose...)
	}
	return append(dst, structClose...), nil
}

// absent reports whether an optional field has nothing to be sent.
func absent(p *plan, v reflect.Value) bool {
	switch p.write {
	case pointerShape:
		return v.IsNil()
	case rawShape:
		return v.IsZero()
	}
	return false
}
