package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kolo/xmlrpc"

	"co2/methods/wire"
)

// A medium is 20 members of all types, about 2.4 KB on the wire.
type medium struct {
	ID       int            `xmlrpc:"id"`
	Nick     string         `xmlrpc:"nick"`
	Host     string         `xmlrpc:"host_id"`
	Port     int            `xmlrpc:"port"`
	Active   bool           `xmlrpc:"active"`
	Load     float64        `xmlrpc:"load"`
	Started  time.Time      `xmlrpc:"started"`
	Plugins  []string       `xmlrpc:"plugins"`
	Note     string         `xmlrpc:"note"`
	Received int64          `xmlrpc:"received"`
	Sent     int64          `xmlrpc:"sent"`
	Failed   int            `xmlrpc:"failed"`
	Ratio    float64        `xmlrpc:"ratio"`
	Trusted  bool           `xmlrpc:"trusted"`
	Place    point          `xmlrpc:"place"`
	Codes    []int          `xmlrpc:"codes"`
	Version  string         `xmlrpc:"version"`
	Seen     time.Time      `xmlrpc:"seen"`
	Path     string         `xmlrpc:"path"`
	Labels   map[string]any `xmlrpc:"labels"`
}

type point struct {
	X float64 `xmlrpc:"x"`
	Y float64 `xmlrpc:"y"`
}

func aMedium() *medium {
	day := time.Date(2026, 11, 21, 4, 5, 6, 0, time.UTC)
	return &medium{
		ID: 4711, Nick: "satellite in the kitchen", Host: "192.168.17.42:31337", Port: 31337, Active: true, Load: 0.75,
		Started: day, Plugins: []string{"temperature", "humidity", "doorbell", "presence"},
		Note: strings.Repeat("The quick brown fox jumps over the lazy dog. ", 5), Received: 1 << 40, Sent: 123456789, Failed: 3,
		Ratio: 1.25, Trusted: true, Place: point{52.5, 13.25}, Codes: []int{1, 2, 3, 5, 8, 13}, Version: "1.4.2",
		Seen: day.Add(time.Hour), Path: "/var/lib/co2/satellites/kitchen", Labels: map[string]any{"room": "kitchen", "floor": int64(2)},
	}
}

// An entry is one of a thousand, about 300 octets each.
type entry struct {
	Name  string    `xmlrpc:"name"`
	Port  int       `xmlrpc:"port"`
	Up    bool      `xmlrpc:"up"`
	Load  float64   `xmlrpc:"load"`
	Since time.Time `xmlrpc:"since"`
}

func aLarge() []entry {
	list := make([]entry, 1000)
	for i := range list {
		list[i] = entry{fmt.Sprintf("satellite-%d", i), 1024 + i, i%2 == 0, float64(i) / 8, time.Date(2026, 1, 1+i%28, 1, 2, 3, 0, time.UTC)}
	}
	return list
}

func response(tb testing.TB, v any) []byte {
	b, err := wire.AppendResponse(nil, v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func BenchmarkDecode(b *testing.B) {
	tiny, med, large := response(b, "pong"), response(b, aMedium()), response(b, aLarge())
	b.Logf("tiny %d, medium %d, large %d octets", len(tiny), len(med), len(large))
	run := func(name string, doc []byte, target func() any) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := wire.ParseResponse(doc, "", wire.Limits{}, target()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/kolo", func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := xmlrpc.Response(doc).Unmarshal(target()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("tiny", tiny, func() any { return new(string) })
	run("medium/any", med, func() any { return new(any) })
	run("medium/struct", med, func() any { return new(medium) })
	run("large/any", large, func() any { return new(any) })
	run("large/struct", large, func() any { return new([]entry) })
	laidOut := strings.NewReplacer("<member>", "\n      <member>\n  ", "</member>", "\n</member>", "<value><struct>", "\n  <value>\n    <struct>",
		"</struct></value>", "\n    </struct>\n  </value>").Replace(string(large))
	run("large/laid out", []byte(laidOut), func() any { return new([]entry) })
}

func BenchmarkRaw(b *testing.B) {
	for name, doc := range map[string][]byte{"medium": response(b, aMedium()), "large": response(b, aLarge())} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				var r wire.Raw
				if err := wire.ParseResponse(doc, "", wire.Limits{}, &r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	run := func(name string, v any) {
		doc := response(b, v)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if doc, err = wire.AppendResponse(doc[:0], v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/kolo", func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := xmlrpc.EncodeMethodCall("m", v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	var plain any
	if err := wire.ParseResponse(response(b, aMedium()), "", wire.Limits{}, &plain); err != nil {
		b.Fatal(err)
	}
	run("tiny", "pong")
	run("medium/any", plain)
	run("medium/struct", aMedium())
	run("large/struct", aLarge())
}
