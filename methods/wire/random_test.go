package wire_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"co2/methods/wire"
)

// A maker makes random values.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 42))} }

// text returns text of characters XML knows, with those that need care often.
func (m maker) text() string {
	special := []rune("&<>\"'\r\n\t ]]>%$\\\uFFFD\u0085\u2028é漢😀\U0010FFFF\u007F")
	r := make([]rune, m.IntN(20))
	for i := range r {
		switch m.IntN(3) {
		case 0:
			r[i] = special[m.IntN(len(special))]
		case 1:
			r[i] = rune('a' + m.IntN(26))
		default:
			for r[i] = 0; r[i] < 0x20 || r[i] >= 0xD800 && r[i] < 0xE000 || r[i]&0xFFFE == 0xFFFE && r[i] < 0x10000; {
				r[i] = rune(m.IntN(0x110000))
			}
		}
	}
	return string(r)
}

func (m maker) octets() []byte {
	b := make([]byte, m.IntN(40))
	for i := range b {
		b[i] = byte(m.Uint32())
	}
	return b
}

func (m maker) double() float64 {
	for {
		if f := math.Float64frombits(m.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

func (m maker) value(depth int) any {
	n := 10
	if depth == 0 {
		n = 8
	}
	switch m.IntN(n) {
	case 0:
		return int64(m.Uint64())
	case 1:
		return int64(int32(m.Uint32()))
	case 2:
		return m.IntN(2) == 0
	case 3:
		return m.double()
	case 4:
		return time.Unix(m.Int64N(250_000_000_000)-60_000_000_000, 0).UTC()
	case 5:
		return m.octets()
	case 6:
		return nil
	case 7:
		return m.text()
	case 8:
		list := make([]any, m.IntN(6))
		for i := range list {
			list[i] = m.value(depth - 1)
		}
		return list
	}
	members := map[string]any{}
	for range m.IntN(40) {
		members[m.text()] = m.value(depth - 1)
	}
	return members
}

// What is written reads back equal, from every kind of document, through a
// Raw and through JSON.
func TestRandomValuesReadBack(t *testing.T) {
	m := newMaker(1)
	for i := range 1500 {
		v := m.value(4)
		doc, err := wire.AppendCall(nil, "m", v)
		if err != nil {
			t.Fatalf("value %d, %#v: %v", i, v, err)
		}
		got, err := param(string(doc), "")
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Fatalf("value %d, %#v, came back as %#v, %v", i, v, got, err)
		}
		raw, err := wire.NewRaw(v)
		if err != nil {
			t.Fatal(err)
		}
		if again := rawOf(t, inner(raw.String())); again != raw {
			t.Fatalf("Raw of %s = %s", raw, again)
		}
		b, err := raw.MarshalJSON()
		if err != nil {
			t.Fatalf("JSON of %s: %v", raw, err)
		}
		if back, err := wire.ParseJSON(b); err != nil || back != raw {
			t.Fatalf("%s became %s in JSON and %s behind it, %v", raw, b, back, err)
		}
		if again, err := wire.NewRaw(got); err != nil || again != raw {
			t.Fatalf("%s is written %s the second time, %v (S13)", raw, again, err)
		}
	}
}

// Strings with anything in them leave a document well-formed (X18).
func TestRandomOctetsStayWellFormed(t *testing.T) {
	m := newMaker(2)
	for range 2000 {
		s := string(m.octets())
		doc := response(t, map[string]any{s: s})
		if err := wire.ParseResponse(doc, "", wire.Limits{}, nil); err != nil {
			t.Fatalf("%q made %s: %v", s, doc, err)
		}
	}
}
