package wire_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"co2/methods/wire"
)

func TestAppendResponseWithin(t *testing.T) { // L13
	front := []byte("front")
	for _, v := range []any{"text", strings.Repeat("<", 100), []any{1, []any{"a"}}, map[string]any{"a": 1.5}, map[string]int{"a": 1, "b": 2}, anArray(9), struct{}{}, nil} {
		whole, err := wire.AppendResponse(front, v)
		if err != nil {
			t.Fatal(err)
		}
		n := len(whole) - len(front)
		if got, err := wire.AppendResponseWithin(front, n, v); err != nil || !slices.Equal(got, whole) {
			t.Errorf("%v within its %d octets = %q, %v", v, n, got, err)
		}
		for short := range n {
			if got, err := wire.AppendResponseWithin(front, short, v); !errors.Is(err, wire.ErrTooLong) || string(got) != "front" {
				t.Fatalf("%v within %d of its %d octets = %q, %v, want ErrTooLong", v, short, n, got, err)
			}
		}
		raw, err := wire.NewRaw(v)
		if err != nil {
			t.Fatal(err)
		}
		n = len(raw.String())
		again, err := wire.NewRawWithin(n, v)
		if err != nil || again != raw {
			t.Errorf("%v within its %d octets = %s, %v", v, n, again, err)
		}
		for _, v := range []any{v, raw} {
			if got, err := wire.NewRawWithin(n-1, v); !errors.Is(err, wire.ErrTooLong) {
				t.Errorf("%v within %d octets = %s, %v, want ErrTooLong", v, n-1, got, err)
			}
		}
	}
}

// anArray is an array of n numbers that are short to read and long to write.
func anArray(n int) []float64 { return slices.Repeat([]float64{1e308}, n) }

// 8 MiB of 1e308 were spelled out as 75 MB, three times, before they were
// found to be too long.
func TestTooLongIsNotBuilt(t *testing.T) {
	list := make([]any, 100_000)
	for i := range list {
		list[i] = 1e308
	}
	for _, v := range []any{list, anArray(len(list)), [][]any{list}, map[string]any{"a": list}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := wire.AppendResponseWithin(nil, 1<<20, v)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, wire.ErrTooLong) || took > 16<<20 {
			t.Errorf("%T within 1 MiB took %d octets, %v", v, took, err)
		}
	}
}
