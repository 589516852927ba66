package history

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that grow with them: eight for each
// doubling. A quantile is the middle of a bucket, so it is wrong by at most
// 1/16 of the duration, or by 1 µs. All from 71 minutes on are in the last bucket.
type histogram struct {
	n       int
	longest time.Duration // exact
	counts  [histogramSize]uint32
}

const (
	histogramSize = 8 * (histogramTop - 1)
	histogramTop  = 31 // the last bucket holds 2^31 µs
)

func bucketOf(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < 8 {
		return int(us)
	}
	top := bits.Len64(us) - 1
	if top > histogramTop {
		return histogramSize - 1
	}
	return 8*(top-2) + int(us>>(top-3)&7)
}

// middleOf is the duration that stands for those of a bucket.
func middleOf(bucket int) time.Duration {
	if bucket < 8 {
		return time.Duration(bucket) * time.Microsecond
	}
	width := time.Microsecond << (bucket/8 - 1)
	return time.Duration(8+bucket%8)*width + width/2
}

func (h *histogram) add(d time.Duration) {
	h.n++
	h.longest = max(h.longest, d)
	h.counts[bucketOf(d)]++
}

func (h *histogram) merge(o *histogram) {
	if o.n == 0 {
		return
	}
	h.n += o.n
	h.longest = max(h.longest, o.longest)
	for i, c := range o.counts {
		h.counts[i] += c
	}
}

// quantile returns the duration that this part of all are not longer than, 0
// if there are none.
func (h *histogram) quantile(part float64) time.Duration {
	rank := max(int(part*float64(h.n)+0.999999), 1)
	for i, c := range h.counts {
		if rank -= int(c); rank <= 0 {
			return min(middleOf(i), h.longest)
		}
	}
	return h.longest
}
