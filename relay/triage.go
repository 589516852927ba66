package relay

import (
	"container/heap"
	"time"
)

// A triage knows what a full outbox gives up first, without looking through
// it: each step costs at most the logarithm of what waits. It is made when the
// outbox is full for the first time, so others pay nothing for it.
type triage struct {
	start    time.Time // deadlines count from here
	expiring ranking   // messages with a time to live, by deadline
	outdated ranking   // messages of which a newer one came, by number
	newest   map[topic]int
	kin      map[int]kin
	most     int // messages that were in kin at once
}

// A topic is what messages are about: a key means something to its sender.
type topic struct{ sender, key string }

// kin are the numbers of the messages of the same topic next to one in an
// outbox; 0: none.
type kin struct{ older, newer int }

// newTriage looks through all that waits. Keys count only where asked for.
func newTriage(waiting *ring, keys bool, now time.Time) *triage {
	t := &triage{start: now}
	if keys {
		t.newest, t.kin = map[topic]int{}, map[int]kin{}
	}
	for n := waiting.front(); n <= waiting.last; n++ {
		if m := waiting.at(n); m != nil {
			t.add(n, m)
		}
	}
	return t
}

func (t *triage) keys() bool { return t.newest != nil }

// size is how many entries it holds, or has room for.
func (t *triage) size() int { return len(t.expiring) + len(t.outdated) + t.most }

// memory is about what it takes, in octets.
func (t *triage) memory() int {
	const ofRanked, ofKin = 16, 128
	return ofRanked*(len(t.expiring)+len(t.outdated)) + ofKin*t.most
}

// add takes in a message newer than all before.
func (t *triage) add(n int, m *Message) {
	if m.TTL > 0 {
		t.expiring.add(int64(m.arrived.Add(m.TTL).Sub(t.start)), n)
	}
	if !t.keys() || m.Key == "" {
		return
	}
	about := topic{m.Sender, m.Key}
	older := t.newest[about]
	if older != 0 {
		t.kin[older] = kin{t.kin[older].older, n}
		t.outdated.add(int64(older), older)
	}
	t.kin[n], t.newest[about] = kin{older: older}, n
	t.most = max(t.most, len(t.kin))
}

// remove tells that a message has left. The rankings find out by themselves.
func (t *triage) remove(n int, m *Message) {
	if !t.keys() || m.Key == "" {
		return
	}
	k := t.kin[n]
	delete(t.kin, n)
	if k.older != 0 {
		t.kin[k.older] = kin{t.kin[k.older].older, k.newer}
	}
	switch {
	case k.newer != 0:
		t.kin[k.newer] = kin{k.older, t.kin[k.newer].newer}
	case k.older != 0:
		t.newest[topic{m.Sender, m.Key}] = k.older
	default:
		delete(t.newest, topic{m.Sender, m.Key})
	}
}

// nextExpired returns the number of a message past its time to live, 0 if
// there is none.
func (t *triage) nextExpired(waiting *ring, now time.Time) int {
	for len(t.expiring) > 0 {
		first := t.expiring[0]
		here := waiting.at(first.number) != nil
		if here && first.by >= int64(now.Sub(t.start)) {
			break
		}
		heap.Pop(&t.expiring)
		if here {
			return first.number
		}
	}
	return 0
}

// nextOutdated returns the number of the oldest message of which a newer one
// waits, 0 if there is none.
func (t *triage) nextOutdated() int {
	for len(t.outdated) > 0 {
		if n := heap.Pop(&t.outdated).(ranked).number; t.kin[n].newer != 0 {
			return n
		}
	}
	return 0
}

// A ranking is a heap of message numbers, least first.
type ranking []ranked

type ranked struct {
	by     int64
	number int
}

func (r *ranking) add(by int64, number int) { heap.Push(r, ranked{by, number}) }

func (r ranking) Len() int           { return len(r) }
func (r ranking) Less(i, j int) bool { return r[i].by < r[j].by }
func (r ranking) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *ranking) Push(x any)        { *r = append(*r, x.(ranked)) }

func (r *ranking) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}
