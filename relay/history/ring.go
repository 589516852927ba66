package history

// A ring holds the latest of what was put in, up to its limit. It grows as it
// fills, so that a young one is small.
type ring[T any] struct {
	slots []T
	next  int // where the next one goes; 0 while it is not full
	limit int
}

func (r *ring[T]) push(v T) {
	if len(r.slots) < r.limit {
		if len(r.slots) == cap(r.slots) {
			grown := make([]T, len(r.slots), min(max(2*cap(r.slots), 8), r.limit))
			copy(grown, r.slots)
			r.slots = grown
		}
		r.slots = append(r.slots, v)
		return
	}
	r.slots[r.next] = v
	r.next = (r.next + 1) % r.limit
}

func (r *ring[T]) len() int { return len(r.slots) }

// at returns the one that came i before the latest. The pointer is good until
// the next push.
func (r *ring[T]) at(i int) *T {
	n := len(r.slots)
	return &r.slots[((r.next-1-i)%n+n)%n]
}

// latest returns copies of the latest n, or of all if they are fewer, newest first.
func (r *ring[T]) latest(n int) []T {
	n = min(n, r.len())
	list := make([]T, n)
	for i := range list {
		list[i] = *r.at(i)
	}
	return list
}
