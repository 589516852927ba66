package history

import (
	"math"
	"time"
)

// A reading is a number of a plot in two octets: 0, or one between 1 ns and
// about 8e9 within 1/2048 of what was put in. Whole numbers below 2048 are
// exact; what is outside is taken for the nearest that fits.
type reading uint16

// What is no number.
const (
	nothing reading = math.MaxUint16 - iota // nothing was measured
	failure                                 // it was tried, and failed
	largest
)

// A reading is the upper part of a float32: exponent and 10 bits, with the
// exponent counted from a lower bound.
const (
	readingBits = 10
	readingBias = (127 - 31) << readingBits
	dropped     = 23 - readingBits
)

func readingOf(v float64) reading {
	if !(v > 0) {
		return 0
	}
	bits := math.Float32bits(float32(min(v, math.MaxFloat32)))
	code := int64(bits+1<<(dropped-1))>>dropped - readingBias
	return reading(min(max(code, 1), int64(largest)))
}

// seconds is exact enough for a reading, and quicker than Duration.Seconds.
func seconds(d time.Duration) float64 { return float64(d) * 1e-9 }

// value is NaN for what is no number.
func (r reading) value() float64 {
	switch {
	case r > largest:
		return math.NaN()
	case r == 0:
		return 0
	}
	return float64(math.Float32frombits((uint32(r) + readingBias) << dropped))
}
