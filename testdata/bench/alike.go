package main

import (
	"maps"
	"math"
	"reflect"
	"slices"
)

// alike reports whether two plain values mean the same. Floats may differ in
// the last of their digits: xmlrpc-c writes 0.75 as 0.7500000000000001.
func alike(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, alike)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, alike)
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= 1e-12*math.Abs(b)
	}
	return reflect.DeepEqual(a, b)
}
