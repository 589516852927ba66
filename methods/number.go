package methods

import (
	"fmt"
	"math"
	"reflect"
)

func isInt(v reflect.Value) bool { return v.CanInt() || v.CanUint() }

// setNumber stores an integer of any size in a number of any kind.
func setNumber(to, from reflect.Value) *ParamError {
	if from.CanUint() && from.Uint() > math.MaxInt64 {
		return &ParamError{Got: fmt.Sprint(from.Uint()), Want: "at most 64 bits with a sign"}
	}
	n := from.Convert(reflect.TypeFor[int64]()).Int()
	switch {
	case to.CanFloat():
		to.SetFloat(float64(n))
		return nil
	case to.CanUint():
		return setUint(to, n)
	}
	return setInt(to, n)
}

func setFloat(to reflect.Value, f float64) *ParamError {
	if to.OverflowFloat(f) {
		return &ParamError{Got: fmt.Sprint(f), Want: fmt.Sprintf("a double of %d bits", to.Type().Bits())}
	}
	to.SetFloat(f)
	return nil
}

func setInt(to reflect.Value, n int64) *ParamError {
	if to.OverflowInt(n) {
		return outOfRange(to, n)
	}
	to.SetInt(n)
	return nil
}

func setUint(to reflect.Value, n int64) *ParamError {
	if n < 0 || to.OverflowUint(uint64(n)) {
		return outOfRange(to, n)
	}
	to.SetUint(uint64(n))
	return nil
}

func outOfRange(to reflect.Value, n int64) *ParamError {
	lo, hi := int64(0), int64(math.MaxInt64)
	if bits := to.Type().Bits(); to.CanInt() {
		lo, hi = -1<<(bits-1), 1<<(bits-1)-1
	} else if bits < 64 {
		hi = 1<<bits - 1
	}
	return &ParamError{Got: fmt.Sprint(n), Want: fmt.Sprintf("an int from %d to %d", lo, hi)}
}
