package relay

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var discard = slog.New(slog.DiscardHandler)

// sat is the nth satellite of a test; its nick tells registrations apart.
func sat(n, registration int) Record {
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 2004)
	return Record{Registration: Registration{
		HostID: at.String(), Callback: Callback{usualScheme, at, usualPath}, Seen: at.Addr(),
		Nick: fmt.Sprintf("%d of %d", registration, n), Registered: saved.Add(time.Duration(n) * time.Second),
	}}
}

// A history is what a relay was told, and what it answered.
type history struct {
	nick  map[string]string // by host id: what was acknowledged
	doubt []map[string]string
}

// holds reports whether records are what was acknowledged, or that and a
// change in doubt.
func (h *history) holds(records []Record) bool {
	got := map[string]string{}
	for _, r := range records {
		got[r.HostID] = r.Nick
	}
	return equalNicks(got, h.nick) || slices.ContainsFunc(h.doubt, func(d map[string]string) bool { return equalNicks(got, d) })
}

func equalNicks(a, b map[string]string) bool {
	return fmt.Sprint(a) == fmt.Sprint(b) // maps print in order
}

// changes are commits of registrations and removals, alone and together.
func changes() []Change {
	return []Change{
		{Put: []Record{sat(1, 1)}},
		{Put: []Record{sat(2, 1), sat(3, 1)}},
		{Remove: []string{sat(2, 1).HostID}},
		{Put: []Record{sat(1, 2)}, Remove: []string{sat(3, 1).HostID}},
		{Put: []Record{sat(2, 2)}},
		{Remove: []string{sat(1, 1).HostID, sat(2, 1).HostID}},
	}
}

func applied(nick map[string]string, c Change) map[string]string {
	after := map[string]string{}
	for id, n := range nick {
		after[id] = n
	}
	for _, r := range c.Put {
		after[r.HostID] = r.Nick
	}
	for _, id := range c.Remove {
		delete(after, id)
	}
	return after
}

// crashes plays changes on a disk and crashes it before every operation, with
// octet also after every octet, in every way it can crash. It returns how
// often it did, and what was lost.
func crashes(t *testing.T, d *disk, allOrders bool) (count int, lost []string) {
	t.Helper()
	h := history{nick: map[string]string{}}
	dump, _ := d.open(t)
	d.step = func() {
		for _, s := range d.survivals(allOrders) {
			count++
			after := d.crash(s)
			if _, records := after.open(t); !h.holds(records) && len(lost) < 5 {
				lost = append(lost, fmt.Sprintf("after the crash %+v with %v pending: %d satellites, want %v", s, d.pending, len(records), h.nick))
			}
		}
	}
	for _, c := range changes() {
		d.now = d.now.Add(40 * time.Minute) // so that generations move on
		next := applied(h.nick, c)
		h.doubt = []map[string]string{next}
		if err := dump.Commit(t.Context(), c); err != nil {
			t.Fatalf("Commit = %v", err)
		}
		h.nick, h.doubt = next, nil
		d.step()
	}
	return count, lost
}

// Whenever the machine crashes, what was acknowledged is there, and what was
// removed is not.
func TestCrashAnywhere(t *testing.T) {
	for _, noLinks := range []bool{false, true} {
		d := newDisk()
		d.octet, d.noLinks = true, noLinks
		count, lost := crashes(t, d, true)
		if lost != nil {
			t.Errorf("without links %v: %s", noLinks, strings.Join(lost, "\n"))
		}
		if count < 10_000 {
			t.Errorf("only %d crashes were played", count)
		}
		t.Logf("without links %v: %d crashes", noLinks, count)
	}
}

// The test above finds the mistakes it is there for.
func TestCrashFindsMistakes(t *testing.T) {
	for name, mistake := range map[string]func(*disk){
		"no fsync of the file":   func(d *disk) { d.lazy = true },
		"no fsync of the folder": func(d *disk) { d.lazyDir = true },
		"no renaming":            func(d *disk) { d.inPlace = true },
	} {
		d := newDisk()
		mistake(d)
		if count, lost := crashes(t, d, false); lost == nil {
			t.Errorf("%s: nothing was lost in %d crashes", name, count)
		} else {
			t.Logf("%s: %s", name, lost[0])
		}
	}
}

// Whatever operation of a commit fails, the commit fails or holds; what was
// refused is not there after a restart of the relay, and once the disk works
// again not after a crash of the machine either.
func TestEveryFault(t *testing.T) {
	for _, noLinks := range []bool{false, true} {
		for n := 0; ; n++ {
			if !faultAt(t, n, noLinks) {
				if n < 20 {
					t.Errorf("only %d operations could fail", n)
				}
				break
			}
		}
	}
}

// faultAt lets the nth operation fail, and reports whether there was one.
func faultAt(t *testing.T, n int, noLinks bool) bool {
	t.Helper()
	d := newDisk()
	d.noLinks = noLinks
	dump, _ := d.open(t)
	h := history{nick: map[string]string{}}
	op := ""
	count := 0
	d.fail = func(what, name string) error {
		if count++; count-1 == n {
			op = what + " " + name
			return errFault
		}
		return nil
	}
	for _, c := range changes() {
		d.now = d.now.Add(40 * time.Minute)
		next := applied(h.nick, c)
		err := dump.Commit(t.Context(), c)
		if err == nil {
			h.nick = next
			continue
		}
		if _, records := d.crash(survival{^uint(0), 1 << 30}).open(t); !h.holds(records) {
			t.Errorf("without links %v: Commit = %v when operation %d (%s) failed, and a restart finds it made", noLinks, err, n, op)
		}
		if err := dump.Commit(t.Context(), Change{}); err != nil {
			t.Errorf("Commit of nothing after operation %d (%s) failed = %v", n, op, err)
		}
		for _, s := range d.survivals(true) {
			if _, records := d.crash(s).open(t); !h.holds(records) {
				t.Errorf("without links %v: after operation %d (%s) failed and the next commit did not, a crash finds what was refused", noLinks, n, op)
			}
		}
	}
	if d.names[tempName] != nil && op != "" && !strings.HasPrefix(op, "remove") {
		t.Errorf("without links %v: after operation %d (%s) failed, %s is left", noLinks, n, op, tempName)
	}
	return op != ""
}

// Long walks over changes, faults, full disks, restarts and crashes at random.
func TestRandomCrashes(t *testing.T) {
	for seed := range uint64(60) {
		walk(t, rand.New(rand.NewPCG(seed, 2003)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func walk(t *testing.T, random *rand.Rand) {
	t.Helper()
	d := newDisk()
	dump, _ := d.open(t)
	h := history{nick: map[string]string{}}
	for i := range 60 {
		d.now = d.now.Add(time.Duration(random.IntN(int(3 * time.Hour))))
		d.fail, d.room = nil, -1
		switch random.IntN(6) {
		case 0:
			d.room = random.IntN(600)
		case 1:
			d.fail = func(op, _ string) error {
				if op != "open" && random.IntN(6) == 0 {
					return errFault
				}
				return nil
			}
		case 2: // a crash of the machine
			all := d.survivals(true)
			d = d.crash(all[random.IntN(len(all))])
			var records []Record
			if dump, records = d.open(t); !h.holds(records) {
				t.Errorf("after %d steps and a crash: %d satellites, want %v or one of %v", i, len(records), h.nick, h.doubt)
				return
			}
			h.nick, h.doubt = map[string]string{}, nil
			for _, r := range records {
				h.nick[r.HostID] = r.Nick
			}
			continue
		}
		c := randomChange(random, i)
		next := applied(h.nick, c)
		if err := dump.Commit(t.Context(), c); err != nil {
			h.doubt = append(h.doubt, next)
			continue
		}
		h.nick, h.doubt = next, nil
	}
}

func randomChange(random *rand.Rand, i int) (c Change) {
	for range 1 + random.IntN(3) {
		r := sat(1+random.IntN(9), i)
		if random.IntN(3) == 0 {
			c.Remove = append(c.Remove, r.HostID)
		} else {
			c.Put = append(c.Put, r)
		}
	}
	return c
}
