package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A quantile is wrong by at most 1/16, or by 1 µs, and never above the longest.
func TestHistogram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, most := range []time.Duration{time.Nanosecond, 10 * time.Microsecond, time.Millisecond, time.Second, time.Hour} {
		for _, n := range []int{1, 2, 99, 100, 101, 5000} {
			h, all := new(histogram), make([]time.Duration, n)
			for i := range all {
				all[i] = time.Duration(math.Exp(random.Float64() * math.Log(float64(most)+1)))
				h.add(all[i])
			}
			slices.Sort(all)
			for _, part := range []float64{0.5, 0.99, 1} {
				want := all[int(math.Ceil(part*float64(n)-1e-9))-1]
				got := h.quantile(part)
				if off := (got - want).Abs(); off > want/16+time.Microsecond || got > all[n-1] {
					t.Errorf("quantile(%g) of %d up to %v = %v, want %v", part, n, most, got, want)
				}
			}
			if h.n != n || h.longest != all[n-1] {
				t.Errorf("n, longest = %d, %v, want %d, %v", h.n, h.longest, n, all[n-1])
			}
		}
	}
}

func TestHistogramEnds(t *testing.T) {
	h := new(histogram)
	if h.quantile(0.5) != 0 {
		t.Errorf("quantile of nothing = %v, want 0", h.quantile(0.5))
	}
	h.add(-time.Second)
	h.add(30 * 24 * time.Hour)
	if h.quantile(0.5) != 0 || h.longest != 30*24*time.Hour || h.counts[histogramSize-1] != 1 {
		t.Errorf("quantile, longest, last bucket = %v, %v, %d, want 0, 720h, 1", h.quantile(0.5), h.longest, h.counts[histogramSize-1])
	}
	for d, last := time.Duration(0), -1; d < 100*time.Minute; d += d/50 + 500*time.Nanosecond {
		k := bucketOf(d)
		if k < last || k > last+1 || k >= histogramSize {
			t.Fatalf("bucketOf(%v) = %d after %d, want the same or the next", d, k, last)
		}
		last = k
	}
}

func TestReading(t *testing.T) {
	for n := range 2048 {
		if got := readingOf(float64(n)).value(); got != float64(n) {
			t.Fatalf("reading of %d = %v", n, got)
		}
	}
	for v := 1e-9; v < 8e9; v *= 1.37 {
		if got := readingOf(v).value(); math.Abs(got-v) > v/2048 {
			t.Errorf("reading of %v = %v, want within 1/2048", v, got)
		}
	}
	for _, v := range []float64{math.Inf(1), math.MaxFloat64, 1e12} {
		if got := readingOf(v).value(); !(got > 8e9 && got < 9e9) {
			t.Errorf("reading of %v = %v, want the largest", v, got)
		}
	}
	for _, v := range []float64{-1, 0, math.NaN(), math.Inf(-1)} {
		if got := readingOf(v); got != 0 {
			t.Errorf("reading of %v = %d, want 0", v, got)
		}
	}
	if got := readingOf(1e-300).value(); !(got > 0 && got < 1e-9) {
		t.Errorf("reading of 1e-300 = %v, want the least above 0", got)
	}
	if !math.IsNaN(nothing.value()) || !math.IsNaN(failure.value()) {
		t.Errorf("value of what is no number = %v, %v, want NaN", nothing.value(), failure.value())
	}
}

func TestRing(t *testing.T) {
	for _, limit := range []int{1, 7, 8, 50} {
		r := ring[int]{limit: limit}
		for n := range 3 * limit {
			r.push(n)
			var want []int
			for k := n; k >= max(0, n-limit+1); k-- {
				want = append(want, k)
			}
			if got := r.latest(limit + 5); !slices.Equal(got, want) || cap(r.slots) > limit && limit > 8 {
				t.Fatalf("latest of %d in %d = %v (%d slots), want %v", n+1, limit, got, cap(r.slots), want)
			}
		}
	}
}

// A plot holds what a list of all that happened says, whatever seconds are
// missed, and whenever it began.
func TestPlot(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, began := range []int64{0, 7, 1000} {
		p := newPlot(began)
		in := map[int64]int{} // by second
		now := began
		for range 4000 {
			for range random.IntN(4) {
				p.now.in++
				in[now]++
			}
			step := int64(1)
			if random.IntN(50) == 0 {
				step = random.Int64N(100)
			}
			now += step
			p.roll(now)
			p.roll(now - 1) // never back
		}
		check := func(what string, r *ring[point], width, limit int64) {
			t.Helper()
			over := now / width
			if want := min(over-began/width, limit); int64(r.len()) != want {
				t.Fatalf("%s buckets since %d = %d, want %d", what, began, r.len(), want)
			}
			for i := range int64(r.len()) {
				n := over - 1 - i
				sum, most, length := 0, 0, int64(0)
				for s := max(n*width, began); s < (n+1)*width; s++ {
					sum, most, length = sum+in[s], max(most, in[s]), length+1
				}
				c := r.at(int(i))
				mean := float64(sum) / float64(length)
				if got := c[colIn].value(); math.Abs(got-mean) > mean/2048 || c[colInMost].value() != float64(most) {
					t.Fatalf("%s bucket %d since %d = %v, at most %v, want %v, %d", what, n, began, got, c[colInMost].value(), mean, most)
				}
			}
		}
		check("fine", &p.fine, 1, fineLimit)
		check("rough", &p.rough, perRough, roughLimit)
	}
}

// A gap of any length costs no more than what is kept.
func TestPlotLongGap(t *testing.T) {
	p := newPlot(0)
	p.now.in = 5
	p.roll(math.MaxInt64 / 2)
	if p.fine.len() != fineLimit || p.rough.len() != roughLimit || p.fine.at(0)[colIn] != 0 || p.rough.at(roughLimit - 1)[colIn] != 0 {
		t.Errorf("buckets after ages = %d, %d, want %d, %d without anything", p.fine.len(), p.rough.len(), fineLimit, roughLimit)
	}
}

func TestPoint(t *testing.T) {
	var fails, pings, idle tally
	fails.pingFails = 2
	pings.pingFails = 1
	pings.pinged(time.Second)
	pings.pinged(3 * time.Second)
	for i := range 100 {
		pings.delivered(time.Duration(i+1) * time.Second)
	}
	pings.look(4, time.Minute)
	pings.look(0, 0)
	got := func(t *tally, columns ...column) (s string) {
		p := t.point(10)
		for _, c := range columns {
			s += fmt.Sprintf("%.3g ", p[c].value())
		}
		return s
	}
	for _, c := range []struct{ what, got, want string }{
		{"ping", got(&pings, colPing, colPingMost), "2 3 "},
		{"failed ping", got(&fails, colPing, colPingMost), "NaN NaN "},
		{"no ping", got(&idle, colPing, colPingMost), "NaN NaN "},
		{"waiting", got(&pings, colWaiting, colWaitingMost, colOldest), "2 4 60 "},
		{"nobody looked", got(&fails, colWaiting, colWaitingMost, colOldest), "NaN NaN NaN "},
		{"times", got(&pings, colOut, colLongest), "10 100 "},
		{"no times", got(&idle, colOut, colP50, colP99, colLongest), "0 NaN NaN NaN "},
	} {
		if c.got != c.want {
			t.Errorf("%s = %s, want %s", c.what, c.got, c.want)
		}
	}
	if p := fails.point(1); p[colPing] != failure {
		t.Errorf("failed ping is kept as %d, want %d", p[colPing], failure)
	}
}
