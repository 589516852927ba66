package door

import (
	"slices"
	"sync/atomic"
)

// A budget bounds the octets of all bodies in flight (L20).
type budget struct {
	max  int64
	used atomic.Int64
}

func (b *budget) take(n int64) bool {
	if b.used.Add(n) <= b.max {
		return true
	}
	b.used.Add(-n)
	return false
}

func (b *budget) give(n int64) { b.used.Add(-n) }

func (b *budget) free() int64 { return b.max - b.used.Load() }

// A parcel is a body, held within the budget. Room is made as octets come,
// whatever length was announced: a lie costs nothing.
type parcel struct {
	octets []byte
	buf    *[]byte // where octets began
	held   int64   // of the budget
	memory *budget
}

// firstRoom is what is held for a body before more of it has come, in octets.
const firstRoom = 64 << 10

func newParcel(memory *budget, announced int64) parcel {
	buf := getBuffer(announced > smallBuffer)
	return parcel{octets: (*buf)[:0], buf: buf, memory: memory}
}

// grow makes room for more octets, of at most want in all.
func (p *parcel) grow(want int64) bool {
	to := min(want, max(2*p.held, firstRoom))
	if !p.memory.take(to - p.held) {
		return false
	}
	p.held = to
	p.octets = slices.Grow(p.octets, int(to)-len(p.octets))
	return true
}

// free gives back what p holds.
func (p *parcel) free() {
	p.memory.give(p.held)
	*p.buf = p.octets
	putBuffer(p.buf)
	*p = parcel{}
}

// become makes p what other is, and frees what it was.
func (p *parcel) become(other *parcel) {
	*p, *other = *other, *p
	other.free()
}
