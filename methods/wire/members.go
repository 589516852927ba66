package wire

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// A key is a member of a map on its way to being written.
type key struct {
	front uint64 // the first eight octets of name, the first one highest
	name  string
	at    int32 // where the value is
	plain bool  // name is written as it is
}

func makeKey(name string, at int) key {
	return key{bigWord(name), name, int32(at), literal(name) == len(name)}
}

// before orders keys by name. Mostly the first octets tell.
func (k *key) before(other *key) bool {
	return k.front < other.front || k.front == other.front && k.name < other.name
}

func compareKeys(a, b key) int { return strings.Compare(a.name, b.name) }

// sorted sorts keys by name (S13) and refuses names that only differ in
// characters XML does not know: they would be written alike (X18) and nobody
// could read the struct.
func sorted(keys []key) error {
	if len(keys) > 32 {
		slices.SortFunc(keys, compareKeys)
	} else {
		insertionSort(keys)
	}
	if !slices.ContainsFunc(keys, func(k key) bool { return !k.plain && !clean(k.name) }) {
		return nil
	}
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		as := string(AppendText(nil, k.name))
		if seen[as] {
			return fmt.Errorf("two members that would both be called %s", quote(as))
		}
		seen[as] = true
	}
	return nil
}

func insertionSort(keys []key) {
	for i := range keys {
		k := keys[i]
		for ; i > 0 && k.before(&keys[i-1]); i-- {
			keys[i] = keys[i-1]
		}
		keys[i] = k
	}
}

// open appends the beginning of the member, up to its value.
func (k *key) open(dst []byte) []byte {
	if !k.plain {
		return appendName(dst, k.name)
	}
	dst = append(dst, "<member><name>"...)
	dst = append(dst, k.name...)
	return append(dst, "</name>"...)
}

// A plainMap is the room for sorting a map of plain values, and a plannedMap
// for one of any other type. Room is kept for the next map.
type plainMap struct {
	keys   []key
	values []any
}

var plainMaps = sync.Pool{New: func() any { return new(plainMap) }}

func (m *plainMap) free() {
	clear(m.keys)
	clear(m.values)
	m.keys, m.values = m.keys[:0], m.values[:0]
	plainMaps.Put(m)
}

func appendMembers(dst []byte, from map[string]any, in room) (_ []byte, err error) {
	if in.depth == maxNesting {
		return dst, errNesting
	}
	m := plainMaps.Get().(*plainMap)
	defer m.free()
	for name, v := range from {
		m.keys = append(m.keys, makeKey(name, len(m.keys)))
		m.values = append(m.values, v)
	}
	if err := sorted(m.keys); err != nil {
		return dst, err
	}
	dst = append(dst, structOpen...)
	for i := range m.keys {
		k := &m.keys[i]
		if dst, err = appendAny(k.open(dst), m.values[k.at], in.deeper()); err != nil {
			return dst, within(k.name, err)
		}
		dst = append(dst, memberClose...)
	}
	return append(dst, structClose...), nil
}

type plannedMap struct {
	keys   []key
	name   reflect.Value // of the map's key type
	values reflect.Value // a slice of its element type
}

func (p *plan) newPlannedMap() any {
	return &plannedMap{
		name:   reflect.New(p.typ.Key()).Elem(),
		values: reflect.New(reflect.SliceOf(p.elem.typ)).Elem(),
	}
}

func (m *plannedMap) free(to *sync.Pool) {
	clear(m.keys)
	m.name.SetZero()
	m.values.Clear()
	m.keys = m.keys[:0]
	to.Put(m)
}

func appendMap(dst []byte, p *plan, from reflect.Value, in room) (_ []byte, err error) {
	m := p.maps.Get().(*plannedMap)
	defer m.free(&p.maps)
	m.values.Grow(from.Len())
	m.values.SetLen(from.Len())
	for it := from.MapRange(); it.Next(); {
		m.name.SetIterKey(it)
		m.values.Index(len(m.keys)).SetIterValue(it)
		m.keys = append(m.keys, makeKey(m.name.String(), len(m.keys)))
	}
	if err := sorted(m.keys); err != nil {
		return dst, err
	}
	dst = append(dst, structOpen...)
	for i := range m.keys {
		k := &m.keys[i]
		if dst, err = appendPlanned(k.open(dst), p.elem, m.values.Index(int(k.at)), in); err != nil {
			return dst, within(k.name, err)
		}
		dst = append(dst, memberClose...)
	}
	return append(dst, structClose...), nil
}
