package main

import (
	"testing"

	"github.com/kolo/xmlrpc"

	"co2/methods/wire"
)

// codecPairs compare decoding and encoding with kolo/xmlrpc.
func codecPairs() ([]pair, error) {
	var pairs []pair
	for _, p := range []struct {
		name  string
		value any
		into  func() any
	}{
		{"tiny", "OK", func() any { return new(string) }},
		{"medium", mediumValue(), func() any { return new(medium) }},
		{"large", largeValue(), func() any { return new([]record) }},
	} {
		doc, err := wire.AppendResponse(nil, p.value)
		if err != nil {
			return nil, err
		}
		toAny := func() any { return new(any) }
		pairs = append(pairs,
			decodePair("decode "+p.name+" to values", doc, toAny),
			decodePair("decode "+p.name+" to Go types", doc, p.into),
			encodePair("encode "+p.name, p.value))
		if p.name == "medium" {
			var values any
			if err := wire.ParseResponse(doc, "", wire.Limits{}, &values); err != nil {
				return nil, err
			}
			pairs = append(pairs, encodePair("encode medium from values", values))
		}
	}
	return pairs, nil
}

func decodePair(name string, doc []byte, into func() any) pair {
	return pair{name: name, against: "kolo/xmlrpc",
		ours: func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := wire.ParseResponse(doc, "", wire.Limits{}, into()); err != nil {
					b.Fatal(err)
				}
			}
		},
		theirs: func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := xmlrpc.Response(doc).Unmarshal(into()); err != nil {
					b.Fatal(err)
				}
			}
		},
	}
}

func encodePair(name string, value any) pair {
	return pair{name: name, against: "kolo/xmlrpc",
		ours: func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var err error
				if buf, err = wire.AppendCall(buf[:0], "test", value); err != nil {
					b.Fatal(err)
				}
			}
		},
		theirs: func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := xmlrpc.EncodeMethodCall("test", value); err != nil {
					b.Fatal(err)
				}
			}
		},
	}
}
