package relay

// A ring holds messages in the order they came. Each has a number, one more
// than that of the message before it, which it keeps until the ring says that
// it numbered them anew. Messages may be taken from anywhere. An empty ring
// and one with a single message own no memory beside themselves.
type ring struct {
	slots []*Message // message n is in slots[n mod its length], a power of two; nil: there is only one
	one   *Message   // the slot of a ring without slots
	left  int        // all up to this number have left; unless the ring is empty the next has not
	last  int        // the latest number given
	count int
}

// leastSlots is the size of the smallest ring that holds more than one.
const leastSlots = 4

func (r *ring) slot(n int) **Message {
	if r.slots == nil {
		return &r.one
	}
	return &r.slots[n&(len(r.slots)-1)]
}

// at returns message n, nil if it has left.
func (r *ring) at(n int) *Message {
	if n <= r.left || n > r.last {
		return nil
	}
	return *r.slot(n)
}

// front returns the number of the oldest message; there must be one.
func (r *ring) front() int { return r.left + 1 }

// push adds m at the end, and tells when that gave all messages new numbers.
func (r *ring) push(m *Message) (number int, renumbered bool) {
	if r.count == 0 {
		r.left = r.last
	}
	renumbered = r.makeRoom()
	r.last++
	r.count++
	*r.slot(r.last) = m
	return r.last, renumbered
}

// pushFront puts m before all others.
func (r *ring) pushFront(m *Message) (renumbered bool) {
	if r.count == 0 {
		r.left = r.last + 1
		r.last++
	}
	renumbered = r.makeRoom()
	*r.slot(r.left) = m
	r.left--
	r.count++
	return renumbered
}

// take removes message n, which must be there.
func (r *ring) take(n int) *Message {
	slot := r.slot(n)
	m := *slot
	*slot = nil
	if r.count--; r.count == 0 {
		r.slots, r.left = nil, r.last
	}
	for r.left < r.last && *r.slot(r.left + 1) == nil {
		r.left++
	}
	r.shrink()
	return m
}

// makeRoom frees a slot for one more message: by closing gaps where they are
// at least half of the ring, so that each message pays for few moves, else by
// a ring twice as large.
func (r *ring) makeRoom() (renumbered bool) {
	span := r.last - r.left
	switch {
	case span < max(len(r.slots), 1):
	case r.count <= span/2:
		r.closeGaps()
		r.shrink()
		return true
	default:
		r.resize(max(2*len(r.slots), leastSlots))
	}
	return false
}

// shrink gives memory back that was needed once.
func (r *ring) shrink() {
	if size := len(r.slots); size > leastSlots && r.last-r.left <= size/4 {
		r.resize(size / 2)
	}
}

func (r *ring) resize(size int) {
	slots := make([]*Message, size)
	for n := r.left + 1; n <= r.last; n++ {
		slots[n&(size-1)] = *r.slot(n)
	}
	r.slots, r.one = slots, nil
}

func (r *ring) closeGaps() {
	next := r.left + 1
	for n := next; n <= r.last; n++ {
		if m := *r.slot(n); m != nil {
			*r.slot(n) = nil
			*r.slot(next) = m
			next++
		}
	}
	r.last = next - 1
}
