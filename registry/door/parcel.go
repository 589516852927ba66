package door

import (
	"slices"
	"sync/atomic"
)

// A budget bounds the octets of all bodies in flight (L20). The last eighth of
// it is for small bodies, so that a few large ones leave room for the many.
type budget struct {
	max    int64
	used   atomic.Int64
	thrift thrift
}

// take takes n octets for a body that has so many in all then.
func (b *budget) take(n, all int64) bool {
	max := b.max
	if all > firstRoom {
		max -= b.max / 8
	}
	if b.used.Add(n) <= max {
		return true
	}
	b.used.Add(-n)
	return false
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// holds reports whether a body of n octets finds room as it is now.
func (b *budget) holds(n int64) bool {
	if n > firstRoom {
		n += b.max / 8
	}
	return b.used.Load()+n <= b.max
}

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
	if !p.memory.take(to-p.held, to) {
		return false
	}
	p.held = to
	p.octets = slices.Grow(p.octets, int(to)-len(p.octets))
	return true
}

// free gives back what p holds. Nothing is left to free after it.
func (p *parcel) free() {
	if p.buf == nil {
		return
	}
	p.memory.give(p.held)
	p.memory.thrift.after(p.held)
	*p.buf = p.octets
	putBuffer(p.buf)
	*p = parcel{}
}

// become makes p what other is, and frees what it was.
func (p *parcel) become(other *parcel) {
	*p, *other = *other, *p
	other.free()
}
