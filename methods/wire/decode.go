package wire

import (
	"time"

	"co2/methods"
)

// A decoder turns values into Go values. A misfit, a value that is fine in
// itself but not what is wanted, does not stop it: the document is read to
// its end, since what is wrong with the document is told first.
type decoder struct {
	scanner
	misfit *methods.ParamError // the first; from then on values are only checked
	items  []any               // of the arrays being read
	pairs  []pair              // of the structs being read
}

// A pair is a member of a struct, at the end of whose name it is.
type pair struct {
	name  string
	at    int
	value any
}

// emptied is a decoder without a document that has the room of d.
func (d *decoder) emptied() decoder {
	empty := decoder{items: emptied(d.items), pairs: emptied(d.pairs)}
	empty.frames, empty.names = emptied(d.frames), emptied(d.names)
	return empty
}

// emptied is list with nothing left in it, to be filled again unless it has
// grown large.
func emptied[T any](list []T) []T {
	const most = 1024
	if cap(list) > most {
		return nil
	}
	clear(list[:cap(list)])
	return list[:0]
}

// misfitError is the misfit as an error, nil if there was none.
func (d *decoder) misfitError() error {
	if d.misfit == nil {
		return nil
	}
	return d.misfit
}

// skip checks a value and throws it away.
func (d *decoder) skip(in string) error {
	k, text, err := d.value(in)
	if err != nil {
		return err
	}
	return d.skipRest(k, text)
}

// skipRest checks what value has begun.
func (d *decoder) skipRest(k kind, text string) error {
	switch k {
	case kindArray:
		for {
			if more, err := d.item(); err != nil || !more {
				return err
			}
			if err := d.skip("data"); err != nil {
				return err
			}
		}
	case kindStruct:
		for {
			name, ok, err := d.member()
			if err != nil || !ok {
				return err
			}
			if err := d.skipMember(name); err != nil {
				return err
			}
		}
	}
	odd := d.hasOdd(text)
	asK, asText, err := d.canonical(k, text)
	if asK != k || asText != text || k == kindString && odd {
		d.odd = true
	}
	return err
}

func (d *decoder) skipMember(name string) error {
	if err := d.once(name); err != nil {
		return err
	}
	if d.hasOdd(name) {
		d.odd = true
	}
	if err := d.skip("member"); err != nil {
		return err
	}
	return d.endMember()
}

// canonical checks a scalar and returns its type and text in canonical
// spelling: trimmed, but numbers and dates as sent (C7).
func (d *decoder) canonical(k kind, text string) (kind, string, error) {
	switch k {
	case kindInt, kindI8:
		n, err := d.int(k, text)
		if !fitsInt(n) {
			k = kindI8
		}
		return k, trim(text), err
	case kindBool:
		b, err := d.bool(text)
		if b {
			return k, "1", err
		}
		return k, "0", err
	case kindDouble:
		_, err := d.double(text)
		return k, trim(text), err
	case kindDate:
		_, err := d.date(text)
		return k, trim(text), err
	case kindBase64:
		packed, err := d.base64(text)
		return k, packed, err
	case kindNil:
		return k, "", d.nil(text)
	}
	return k, text, nil
}

// bad is the error for a scalar whose text its type does not allow.
func (d *decoder) bad(k kind, text string) error {
	return d.fail(d.at, InvalidRequest, "%s is no %s", quote(text), k)
}

func (d *decoder) int(k kind, text string) (int64, error) {
	if text = trim(text); len(text) <= d.lim.Scalar {
		if n, ok := parseInt(text); ok {
			return n, nil
		}
	}
	return 0, d.bad(k, text)
}

func (d *decoder) bool(text string) (bool, error) {
	if text = trim(text); len(text) <= d.lim.Scalar {
		if b, ok := parseBool(text); ok {
			return b, nil
		}
	}
	return false, d.bad(kindBool, text)
}

func (d *decoder) double(text string) (float64, error) {
	if text = trim(text); len(text) <= d.lim.Double {
		if f, ok := parseDouble(text); ok {
			return f, nil
		}
	}
	return 0, d.bad(kindDouble, text)
}

func (d *decoder) date(text string) (time.Time, error) {
	if text = trim(text); len(text) <= d.lim.Scalar {
		if t, ok := parseDate(text); ok {
			return t, nil
		}
	}
	return time.Time{}, d.bad(kindDate, text)
}

// base64 returns the text without white space.
func (d *decoder) base64(text string) (packed string, err error) {
	packed, ok := packBase64(text)
	if !ok {
		return "", d.bad(kindBase64, text)
	}
	return packed, nil
}

func (d *decoder) nil(text string) error {
	if blank(text) < len(text) {
		return d.bad(kindNil, text)
	}
	return nil
}
