package wire

import (
	"strings"
)

// raw reads a value and keeps it in canonical spelling. Nearly always it came
// in that spelling, then checking it is all there is to do.
func (d *decoder) raw(in string) (Raw, error) {
	from, values, odd := d.cursor, d.values, d.odd
	d.odd, d.even = false, false
	if err := d.skip(in); err != nil {
		return Raw{}, err
	}
	if !d.odd {
		d.odd = odd
		return Raw{strings.Clone(d.s[from.pos:d.pos])}, nil
	}
	buf := make([]byte, 0, d.pos-from.pos)
	d.cursor, d.values = from, values
	buf, err := d.respell(buf, in)
	return Raw{string(buf)}, err
}

// respell appends a value, which has been checked, in canonical spelling.
func (d *decoder) respell(dst []byte, in string) ([]byte, error) {
	k, text, err := d.value(in)
	if err != nil {
		return dst, err
	}
	switch k {
	case kindArray:
		return d.respellArray(dst)
	case kindStruct:
		return d.respellStruct(dst)
	}
	k, text, err = d.canonical(k, text)
	return appendScalar(dst, k, text), err
}

func (d *decoder) respellArray(dst []byte) ([]byte, error) {
	dst = append(dst, arrayOpen...)
	for {
		more, err := d.item()
		if err != nil || !more {
			return append(dst, arrayClose...), err
		}
		if dst, err = d.respell(dst, "data"); err != nil {
			return dst, err
		}
	}
}

func (d *decoder) respellStruct(dst []byte) ([]byte, error) {
	dst = append(dst, structOpen...)
	for {
		name, ok, err := d.member()
		if err != nil || !ok {
			return append(dst, structClose...), err
		}
		dst = appendName(dst, name)
		if dst, err = d.respell(dst, "member"); err != nil {
			return dst, err
		}
		if err := d.endMember(); err != nil {
			return dst, err
		}
		dst = append(dst, memberClose...)
	}
}
