package courier

import (
	"errors"
	"sync/atomic"
)

// A room bounds the memory of all long answers that are on their way, in
// octets; a satellite that drips one holds it until its deadline.
type room struct {
	size int64
	held atomic.Int64
}

const (
	longAnswer = 64 << 10 // from where an answer is counted
	answerRoom = 32 << 20
)

var errNoRoom = ownTrouble{errors.New("the relay is reading as many long answers as it has room for")}

// grow counts an answer that was counted with held octets as one of n, and
// reports whether there was room.
func (r *room) grow(held *int64, n int) bool {
	more := int64(n) - *held
	if n < longAnswer || more <= 0 {
		return true
	}
	if r.held.Add(more) > r.size {
		r.held.Add(-more)
		return false
	}
	*held += more
	return true
}

func (r *room) shrink(held *int64) {
	r.held.Add(-*held)
	*held = 0
}
