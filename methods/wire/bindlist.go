package wire

import (
	"fmt"
	"reflect"
	"strconv"

	"co2/methods"
)

// below stores one item or member and puts key before the path of a misfit.
// Once there is one, the rest is only checked.
func (d *decoder) below(p *plan, v reflect.Value, in string, key func() string) error {
	if d.misfit != nil {
		return d.skip(in)
	}
	err := d.into(p, v, in)
	if d.misfit != nil {
		d.misfit = d.misfit.In(key())
	}
	return err
}

func (d *decoder) storeSlice(p *plan, v reflect.Value) error {
	v.SetZero()
	for i := 0; ; i++ {
		more, err := d.item()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if d.misfit == nil {
			if i == v.Cap() {
				v.Grow(max(4, i))
			}
			v.SetLen(i + 1)
		}
		item := v.Index(min(i, v.Len()-1))
		if err := d.below(p.elem, item, "data", func() string { return indexKey(i) }); err != nil {
			return err
		}
	}
	if v.IsNil() {
		v.Set(reflect.MakeSlice(p.typ, 0, 0))
	}
	return nil
}

func indexKey(i int) string { return "[" + strconv.Itoa(i) + "]" }

// storeArray wants exactly as many items as the Go array has.
func (d *decoder) storeArray(p *plan, v reflect.Value) error {
	size, n := p.typ.Len(), 0
	for ; ; n++ {
		more, err := d.item()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if n >= size {
			err = d.skip("data")
		} else {
			err = d.below(p.elem, v.Index(n), "data", func() string { return indexKey(n) })
		}
		if err != nil {
			return err
		}
	}
	if n != size && d.misfit == nil {
		d.misfit = &methods.ParamError{
			Got:  fmt.Sprintf("an array of %d", n),
			Want: fmt.Sprintf("an array of %d", size),
		}
	}
	return nil
}

func (d *decoder) storeMap(p *plan, v reflect.Value) error {
	if to, ok := v.Addr().Interface().(*map[string]any); ok {
		m, err := d.plainStruct()
		*to = m
		return err
	}
	v.Set(reflect.MakeMap(p.typ))
	key, item := reflect.New(p.typ.Key()).Elem(), reflect.New(p.elem.typ).Elem()
	for {
		name, ok, err := d.member()
		if err != nil || !ok {
			return err
		}
		if key.SetString(name); v.MapIndex(key).IsValid() {
			return d.twice(name)
		}
		item.SetZero()
		if err := d.below(p.elem, item, "member", func() string { return name }); err != nil {
			return err
		}
		v.SetMapIndex(key, item)
		if err := d.endMember(); err != nil {
			return err
		}
	}
}

// storeStruct reads past members that the struct does not know (S11) and
// wants all that are not optional.
func (d *decoder) storeStruct(p *plan, v reflect.Value) error {
	var got [maxFields / 64]uint64 // a bit for each field
	next := 0
	for {
		name, ok, err := d.member()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		i := p.find(name, next)
		if i < 0 {
			if err := d.skipMember(name); err != nil {
				return err
			}
			continue
		}
		if got[i/64]&(1<<(i%64)) != 0 {
			return d.twice(name)
		}
		got[i/64] |= 1 << (i % 64)
		next = i + 1
		f := &p.fields[i]
		if err := d.below(f.plan, v.Field(f.index), "member", func() string { return name }); err != nil {
			return err
		}
		if err := d.endMember(); err != nil {
			return err
		}
	}
	if d.misfit == nil {
		p.missing(d, &got)
	}
	return nil
}

func (p *plan) missing(d *decoder, got *[maxFields / 64]uint64) {
	for i := range p.fields {
		f := &p.fields[i]
		if got[i/64]&(1<<(i%64)) == 0 && !f.optional {
			d.misfit = &methods.ParamError{Key: f.name, Got: "nothing", Want: f.plan.want}
			return
		}
	}
}
