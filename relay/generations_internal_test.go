package relay

import (
	"errors"
	"reflect"
	"syscall"
	"testing"
	"time"
)

// commits registers satellite after satellite, one every step, for as long.
func commits(t *testing.T, d *disk, dump *Dump, step, as time.Duration) {
	t.Helper()
	for n := 1; time.Duration(n)*step <= as; n++ {
		d.now = d.now.Add(step)
		if err := dump.Commit(t.Context(), Change{Put: []Record{sat(1+n%5, n)}}); err != nil {
			t.Fatalf("Commit = %v", err)
		}
	}
}

// The first generation is the dump before; the others are old enough to be
// from before a mistake.
func TestGenerations(t *testing.T) {
	d := newDisk()
	dump, _ := d.open(t)
	commits(t, d, dump, time.Minute, 4*24*time.Hour)
	for n, want := range [...]struct{ from, to time.Duration }{{0, 0}, {time.Minute, time.Minute}, {0, time.Hour}, {time.Hour, 26 * time.Hour}} {
		f := d.names[generations[n]]
		if f == nil {
			t.Fatalf("there is no %s", generations[n])
		}
		if age := d.now.Sub(f.written); age < want.from || age > want.to {
			t.Errorf("%s is %v old, want %v to %v", generations[n], age, want.from, want.to)
		}
		if _, err := ParseDump(f.data); err != nil {
			t.Errorf("%s: %v", generations[n], err)
		}
	}
	if len(d.names) != len(generations) {
		names, _ := d.Names()
		t.Errorf("files = %v", names)
	}
}

// A clock that is set back, or far ahead and back, does not stop them.
func TestGenerationsAndClock(t *testing.T) {
	d := newDisk()
	dump, _ := d.open(t)
	commits(t, d, dump, time.Minute, 50*time.Hour)
	d.now = d.now.AddDate(10, 0, 0)
	commits(t, d, dump, time.Minute, 3*time.Hour)
	d.now = d.now.AddDate(-10, 0, 0)
	commits(t, d, dump, time.Minute, 50*time.Hour)
	for n := range generations {
		if age := d.now.Sub(d.names[generations[n]].written).Abs(); age > 26*time.Hour {
			t.Errorf("%s is %v old", generations[n], age)
		}
	}
}

// Whichever generations are damaged, the newest good one is used.
func TestNewestGoodGeneration(t *testing.T) {
	for bad := range 1 << len(generations) {
		d := newDisk()
		dump, _ := d.open(t)
		commits(t, d, dump, 40*time.Minute, 60*time.Hour)
		var want []Record
		for n := len(generations) - 1; n >= 0; n-- {
			f := d.names[generations[n]]
			if bad&(1<<n) != 0 {
				f.data = f.data[1:]
				continue
			}
			records, err := ParseDump(f.data)
			if err != nil {
				t.Fatal(err)
			}
			if want != nil && reflect.DeepEqual(records, want) {
				t.Fatal("two generations are alike")
			}
			want = records
		}
		if _, records := d.open(t); !reflect.DeepEqual(records, want) {
			t.Errorf("Load with generations %04b damaged = %+v\nwant %+v", bad, records, want)
		}
	}
}

// A folder that cannot be written is read all the same; bad dumps stay in
// place until it can, and then do not push out good ones.
func TestUnwritableFolder(t *testing.T) {
	doc, previous := hundred()
	d := newDisk()
	d.names[dumpName], d.names[generations[1]] = &inode{data: doc[1:]}, &inode{data: previous}
	d.readOnly = true
	dump := newDump(d, "/state/"+dumpName, discard)
	dump.failed, dump.takeLock = true, func() (folderLock, error) {
		return heldLock{}, d.begin("lock", lockName)
	}
	records, err := dump.Load(t.Context())
	if err != nil || len(records) != 99 {
		t.Fatalf("Load = %d satellites, %v; want 99", len(records), err)
	}
	if err := dump.Commit(t.Context(), Change{}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("Commit = %v, want %v", err, syscall.EROFS)
	}
	d.readOnly = false
	if err := dump.Commit(t.Context(), Change{}); err != nil {
		t.Errorf("Commit = %v", err)
	}
	names, _ := d.Names()
	if len(names) != 3 || string(d.names[generations[1]].data) != string(previous) || string(d.names[names[2]].data) != string(doc[1:]) {
		t.Errorf("files = %v, want the dump, the generation before as it was, and the bad one aside", names)
	}
}
