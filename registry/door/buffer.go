package door

import "sync"

// Buffers for bodies and answers. Those of a few calls that are large do not
// serve the many that are small.
var smallBuffers, largeBuffers sync.Pool

// The sizes of buffers in octets. Larger ones are left to the garbage collector.
const (
	smallBuffer = 8 << 10
	largeBuffer = 64 << 10
	keptBuffer  = 2 << 20
)

func getBuffer(large bool) *[]byte {
	pool, size := &smallBuffers, smallBuffer
	if large {
		pool, size = &largeBuffers, largeBuffer
	}
	if b, ok := pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, size)
	return &b
}

func putBuffer(b *[]byte) {
	*b = (*b)[:0]
	switch {
	case cap(*b) < largeBuffer:
		smallBuffers.Put(b)
	case cap(*b) <= keptBuffer:
		largeBuffers.Put(b)
	}
}
