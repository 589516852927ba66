package web_test

import (
	"fmt"
	"testing"

	"co2/registry/web"
)

// BenchmarkPages tells how long the pages of 10,000 satellites take to make,
// and how many octets they have.
func BenchmarkPages(b *testing.B) {
	h := web.Handler(relaySite(10_000))
	for _, path := range []string{"/", "/satellites", "/satellites?sort=ping", "/satellites?q=sat-099", "/satellites?rows=250", "/satellites/192.0.2.0:2004"} {
		b.Run(fmt.Sprint("GET ", path), func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				size = get(h, "GET", path).Body.Len()
			}
			b.ReportMetric(float64(size), "octets/page")
		})
	}
}
