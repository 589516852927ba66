package wire

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"co2/methods"
)

// A target is where a value goes.
type target struct {
	plan *plan
	v    reflect.Value
}

// targetFor checks that into is a pointer to something that can be stored in.
func targetFor(into any) (target, error) {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return target{}, fmt.Errorf("decode into %T: want a pointer", into)
	}
	p := anyPlan
	if _, ok := into.(*any); !ok {
		p = planFor(v.Type().Elem())
	}
	if p.err != nil {
		return target{}, fmt.Errorf("decode into %T: %w", into, p.err)
	}
	return target{p, v.Elem()}, nil
}

// into reads a value into v, which begins as whatever it is and is replaced.
func (d *decoder) into(p *plan, v reflect.Value, in string) error {
	switch p.shape {
	case pointerShape:
		v.Set(reflect.New(p.elem.typ))
		return d.into(p.elem, v.Elem(), in)
	case rawShape:
		raw, err := d.raw(in)
		*v.Addr().Interface().(*Raw) = raw
		return err
	}
	k, text, err := d.value(in)
	if err != nil {
		return err
	}
	return d.store(p, v, k, text)
}

// store stores what value has begun.
func (d *decoder) store(p *plan, v reflect.Value, k kind, text string) error {
	switch p.shape {
	case stringShape:
		if k == kindString {
			v.SetString(text)
			return nil
		}
	case intShape, uintShape:
		if k == kindInt || k == kindI8 {
			return d.storeInt(p, v, k, text)
		}
	case boolShape:
		if k == kindBool {
			b, err := d.bool(text)
			v.SetBool(b)
			return err
		}
	case floatShape:
		if k == kindDouble || k == kindInt || k == kindI8 {
			return d.storeFloat(v, k, text)
		}
	case timeShape:
		if k == kindDate {
			t, err := d.date(text)
			*v.Addr().Interface().(*time.Time) = t
			return err
		}
	case bytesShape:
		if k == kindBase64 {
			return d.storeBytes(v, text)
		}
	case sliceShape:
		if k == kindArray {
			return d.storeSlice(p, v)
		}
	case arrayShape:
		if k == kindArray {
			return d.storeArray(p, v)
		}
	case mapShape:
		if k == kindStruct {
			return d.storeMap(p, v)
		}
	case structShape:
		if k == kindStruct {
			return d.storeStruct(p, v)
		}
	case anyShape:
		return d.storeAny(v, k, text)
	case setterShape:
		return d.storeSetter(v, k, text)
	}
	if err := d.skipRest(k, text); err != nil {
		return err
	}
	d.misfit = &methods.ParamError{Got: gotType(k), Want: p.want}
	return nil
}

// gotType names a type in a ParamError: all integers are taken alike.
func gotType(k kind) string {
	if k == kindI8 {
		k = kindInt
	}
	return k.String()
}

func (d *decoder) storeInt(p *plan, v reflect.Value, k kind, text string) error {
	n, err := d.int(k, text)
	switch {
	case err != nil:
		return err
	case p.shape == intShape && !v.OverflowInt(n):
		v.SetInt(n)
	case p.shape == uintShape && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
	default:
		low, high := int64(0), int64(math.MaxInt64)
		if bits := p.typ.Bits(); p.shape == intShape {
			low, high = -1<<(bits-1), 1<<(bits-1)-1
		} else if bits < 64 {
			high = 1<<bits - 1
		}
		d.misfit = &methods.ParamError{
			Got:  strconv.FormatInt(n, 10),
			Want: fmt.Sprintf("an int from %d to %d", low, high),
		}
	}
	return nil
}

// storeFloat takes integers too (V-DBL-5).
func (d *decoder) storeFloat(v reflect.Value, k kind, text string) error {
	if k != kindDouble {
		n, err := d.int(k, text)
		v.SetFloat(float64(n))
		return err
	}
	f, err := d.double(text)
	if err == nil && v.OverflowFloat(f) {
		d.misfit = &methods.ParamError{Got: clip(trim(text), 64), Want: "a double of 32 bit"}
		return nil
	}
	v.SetFloat(f)
	return err
}

func (d *decoder) storeBytes(v reflect.Value, text string) error {
	packed, err := d.base64(text)
	if err != nil {
		return err
	}
	v.SetBytes(unpackBase64(packed))
	return nil
}

func (d *decoder) storeAny(v reflect.Value, k kind, text string) error {
	plain, err := d.plainRest(k, text)
	if to, ok := v.Addr().Interface().(*any); ok {
		*to = plain
	} else if plain == nil {
		v.SetZero()
	} else {
		v.Set(reflect.ValueOf(plain))
	}
	return err
}

func (d *decoder) storeSetter(v reflect.Value, k kind, text string) error {
	plain, err := d.plainRest(k, text)
	if err != nil {
		return err
	}
	if err := v.Addr().Interface().(methods.Setter).SetXMLRPC(plain); err != nil {
		if misfit, ok := errors.AsType[*methods.ParamError](err); ok {
			d.misfit = misfit
		} else {
			d.misfit = &methods.ParamError{Got: "a value it cannot take", Want: err.Error()}
		}
	}
	return nil
}
