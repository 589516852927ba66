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

// plainStruct gathers the members likewise. A name that comes again is found
// at the end, but told before anything that is wrong behind it.
func (d *decoder) plainStruct() (map[string]any, error) {
	first := len(d.pairs)
	err := d.plainMembers()
	members := d.pairs[first:]
	d.pairs = d.pairs[:first]
	m := make(map[string]any, len(members))
	for i, p := range members {
		if m[p.name] = p.value; len(m) == i {
			d.pos = p.at
			return nil, d.twice(p.name)
		}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (d *decoder) plainMembers() error {
	if d.pairs == nil {
		d.pairs = make([]pair, 0, 32)
	}
	for {
		name, ok, err := d.member()
		if err != nil || !ok {
			return err
		}
		i := len(d.pairs)
		d.pairs = append(d.pairs, pair{name: name, at: d.pos})
		v, err := d.plain("member")
		if err != nil {
			return err
		}
		d.pairs[i].value = v
		if err := d.endMember(); err != nil {
			return err
		}
	}
}
