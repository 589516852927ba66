package wire

// plain reads a value as int64, bool, string, float64, time.Time, []byte,
// []any, map[string]any or nil (xmlrpc.md 5.9).
func (d *decoder) plain(in string) (any, error) {
	k, text, err := d.value(in)
	if err != nil {
		return nil, err
	}
	return d.plainRest(k, text)
}

// plainRest reads what value has begun.
func (d *decoder) plainRest(k kind, text string) (any, error) {
	switch k {
	case kindInt, kindI8:
		return boxed(d.int(k, text))
	case kindBool:
		return boxed(d.bool(text))
	case kindDouble:
		return boxed(d.double(text))
	case kindDate:
		return boxed(d.date(text))
	case kindBase64:
		packed, err := d.base64(text)
		if err != nil {
			return nil, err
		}
		return unpackBase64(packed), nil
	case kindNil:
		return nil, d.nil(text)
	case kindArray:
		return d.plainArray()
	case kindStruct:
		return boxed(d.plainStruct())
	}
	return text, nil
}

func boxed[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// plainArray gathers the items before it makes the slice, which thus is
// exactly as long as it must be.
func (d *decoder) plainArray() (any, error) {
	if d.items == nil {
		d.items = make([]any, 0, 16)
	}
	first := len(d.items)
	for {
		more, err := d.item()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		v, err := d.plain("data")
		if err != nil {
			return nil, err
		}
		d.items = append(d.items, v)
	}
	list := make([]any, len(d.items)-first)
	copy(list, d.items[first:])
	d.items = d.items[:first]
	return list, nil
}

// plainStruct gathers the members likewise.
func (d *decoder) plainStruct() (map[string]any, error) {
	if d.pairs == nil {
		d.pairs = make([]pair, 0, 32)
	}
	first := len(d.pairs)
	for {
		name, ok, err := d.member()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		v, err := d.plain("member")
		if err != nil {
			return nil, err
		}
		if err := d.endMember(); err != nil {
			return nil, err
		}
		d.pairs = append(d.pairs, pair{name, v})
	}
	m := make(map[string]any, len(d.pairs)-first)
	for i, p := range d.pairs[first:] {
		if m[p.name] = p.value; len(m) == i {
			return nil, d.twice(p.name)
		}
	}
	d.pairs = d.pairs[:first]
	return m, nil
}
