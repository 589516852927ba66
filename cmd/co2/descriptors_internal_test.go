package main

import "testing"

// Whatever the limit is, door, satellites and reserve fit in it, nobody gets
// more than they ask for, and both get what they need where there is enough.
func TestShareOut(t *testing.T) {
	for limit := 200; limit < 70_000; limit += limit/7 + 1 {
		for _, maxConns := range []int{1, 100, 8192, 60_000} {
			for _, maxSats := range []int{0, 1, 1000, 10_000} {
				d := shareOut(limit, maxConns, maxSats)
				strangers := min(max(d.conns/8, 1), 64)
				if all := d.conns + strangers + d.courier + reservedFiles; all > limit {
					t.Errorf("shareOut(%d, %d, %d): door %d and %d, satellites %d, reserve %d are %d",
						limit, maxConns, maxSats, d.conns, strangers, d.courier, reservedFiles, all)
				}
				if d.conns > maxConns || d.conns < fewestConns && d.conns < maxConns || d.kept() > d.courier {
					t.Errorf("shareOut(%d, %d, %d) = %+v, %d kept", limit, maxConns, maxSats, d, d.kept())
				}
			}
		}
	}
	for _, tt := range []struct{ limit, maxConns, maxSats, conns, kept int }{
		{256, 8192, 1000, 42, 126},
		{1024, 8192, 10_000, 210, 630},
		{20_000, 8192, 10_000, 8192, 11_424},
		{1 << 20, 8192, 10_000, 8192, 1<<20 - 64 - 8256 - 256},
		{4096, 8192, 1000, 2712, 1099},
		{10, 8192, 10, fewestConns, 1},
	} {
		d := shareOut(tt.limit, tt.maxConns, tt.maxSats)
		if d.conns != tt.conns || d.kept() != tt.kept {
			t.Errorf("shareOut(%d, %d, %d): %d connections and %d kept, want %d and %d", tt.limit, tt.maxConns, tt.maxSats, d.conns, d.kept(), tt.conns, tt.kept)
		}
	}
}

func TestBodyMemoryFor(t *testing.T) {
	for size := octets(1); size <= bodyCeiling; size = size*3/2 + 1 {
		if m := bodyMemoryFor(size); m/8*7 < size {
			t.Errorf("bodyMemoryFor(%d) = %d, which does not hold it", size, m)
		}
	}
}
