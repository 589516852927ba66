package relay

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// What somebody takes away from under a relay that has nothing to write is
// there again with the next trial, durably, and the log says so; a trial that
// finds all in place writes nothing.
func TestDumpTakenAway(t *testing.T) {
	doc, _ := hundred()
	for _, crashed := range []bool{false, true} {
		d := newDisk()
		d.names[dumpName] = &inode{data: doc, durable: len(doc)}
		var log strings.Builder
		dump, want := d.open(t)
		dump.log = slog.New(slog.NewTextHandler(&log, nil))
		d.step = func() { t.Error("a trial touched a disk on which all is in place") }
		d.names[dumpName].durable = len(doc)
		if err := dump.Commit(t.Context(), Change{}); err != nil || log.Len() > 0 {
			t.Errorf("Commit with all in place = %v, logged %q", err, &log)
		}
		d.step = nil
		delete(d.names, dumpName)
		if err := dump.Commit(t.Context(), Change{}); err != nil || !strings.Contains(log.String(), "taken the dump away") {
			t.Errorf("Commit without the file = %v, logged %q", err, &log)
		}
		if crashed {
			d = d.crash(survival{})
		}
		if _, got := d.open(t); !reflect.DeepEqual(got, want) {
			t.Errorf("Load (after a crash: %v) = %d satellites, want %d", crashed, len(got), len(want))
		}
	}
}

// A state folder that somebody removes, file by file or whole, is made and
// locked again; one that another relay has taken meanwhile is left to it.
func TestFolderTakenAway(t *testing.T) {
	for name, take := range map[string]func(dir string) error{
		"folder": os.RemoveAll,
		"lock":   func(dir string) error { return os.Remove(filepath.Join(dir, lockName)) },
		"moved":  func(dir string) error { return os.Rename(dir, dir+".moved") },
	} {
		dir := filepath.Join(t.TempDir(), "state")
		dump, err := OpenDump(dir, discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := dump.Commit(t.Context(), Change{Put: benchRecords(3)}); err != nil {
			t.Fatalf("%s: Commit = %v", name, err)
		}
		if err := take(dir); err != nil {
			t.Fatal(err)
		}
		if err := dump.Commit(t.Context(), Change{}); err != nil {
			t.Errorf("%s: Commit = %v", name, err)
		}
		if _, err := OpenDump(dir, discard); !errors.Is(err, ErrStateLocked) {
			t.Errorf("%s: OpenDump of the folder = %v, want it locked", name, err)
		}
		if report, err := CheckDumpFile(filepath.Join(dir, dumpName)); err != nil || report.Satellites != 3 || len(report.Problems) > 0 {
			t.Errorf("%s: the dump is %+v, %v; want 3 satellites", name, report, err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		other, err := OpenDump(dir, discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Commit(t.Context(), Change{Put: benchRecords(1)}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []Change{{}, {Put: benchRecords(2)}} {
			if err := dump.Commit(t.Context(), c); !errors.Is(err, ErrStateLocked) {
				t.Errorf("%s: Commit in another's folder = %v, want %v", name, err, ErrStateLocked)
			}
		}
		if report, err := CheckDumpFile(filepath.Join(dir, dumpName)); err != nil || report.Satellites != 1 {
			t.Errorf("%s: the other's dump is %+v, %v; want its 1 satellite", name, report, err)
		}
		for _, d := range []*Dump{dump, other} {
			if err := d.Close(); err != nil {
				t.Errorf("%s: Close = %v", name, err)
			}
		}
	}
}

// A relay in which nothing happens finds out within a minute that its dump is
// gone, and one that cannot write it anew says so.
func TestRelayWithoutItsDump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doc, _ := hundred()
		d := newDisk()
		d.names[dumpName] = &inode{data: doc, durable: len(doc)}
		dump := newDump(d, "/state/"+dumpName, discard)
		dump.lock = heldLock{}
		r, err := New(t.Context(), Config{PingInterval: -1}, dump, new(timedOut), discard)
		if err != nil {
			t.Fatal(err)
		}
		ctx, halt := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.roster.Run(ctx) }()
		live := func() {
			time.Sleep(saveEvery + time.Second)
			synctest.Wait()
		}
		inRun := func(do func()) { // on the goroutine that uses the disk
			mark := func(m Marks) Marks { do(); return m }
			if err := r.roster.Mark(ctx, r.roster.Satellites()[0].HostID, SatPin, "", mark); err != nil {
				t.Fatal(err)
			}
		}
		live()
		inRun(func() { delete(d.names, dumpName) })
		live()
		if inRun(func() {}); d.names[dumpName] == nil {
			t.Error("the dump is not there again")
		}
		inRun(func() {
			delete(d.names, dumpName)
			d.readOnly = true
		})
		live()
		if n := r.Events().Counts()[DumpFail]; n != 1 {
			t.Errorf("DUMP-FAIL events = %d, want 1", n)
		}
		inRun(func() { d.readOnly = false })
		time.Sleep(2 * retryEvery)
		synctest.Wait()
		if n := r.Events().Counts()[DumpOK]; n != 1 || d.names[dumpName] == nil {
			t.Errorf("DUMP-OK events = %d, want 1 and the dump there", n)
		}
		halt()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// A commit ends, and tells what failed, on a disk that can no longer say which
// names are there.
func TestBlindDisk(t *testing.T) {
	doc, _ := hundred()
	d := newDisk()
	d.names[dumpName] = &inode{data: doc, durable: len(doc)}
	dump, _ := d.open(t)
	d.blind, d.fail = true, func(op, name string) error {
		if name == dumpName {
			return errFault
		}
		return nil
	}
	if err := dump.Commit(t.Context(), Change{Put: benchRecords(1)}); !errors.Is(err, errFault) {
		t.Errorf("Commit = %v, want %v", err, errFault)
	}
}

// A disk that is full when the relay starts is known from the start, harms
// nothing, and is written when there is room.
func TestFullDiskAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doc, _ := hundred()
		d := newDisk()
		d.names[dumpName] = &inode{data: doc, durable: len(doc)}
		d.room = len(doc) / 2
		dump := newDump(d, "/state/"+dumpName, discard)
		dump.lock = heldLock{}
		r, err := New(t.Context(), Config{PingInterval: -1}, dump, new(timedOut), discard)
		if err != nil {
			t.Fatal(err)
		}
		if trouble := r.StoreTrouble(); trouble.Failed != 1 || !errors.Is(trouble.Err, syscall.ENOSPC) || r.Directory().Len() != 100 {
			t.Errorf("StoreTrouble = %+v with %d satellites, want one failure, %v, and 100", trouble, r.Directory().Len(), syscall.ENOSPC)
		}
		if names, _ := d.Names(); len(names) != 1 || string(d.names[dumpName].data) != string(doc) {
			t.Errorf("files = %q, want the dump as it was and nothing else", names)
		}
		d.room = -1
		ctx, halt := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.roster.Run(ctx) }()
		time.Sleep(2 * retryEvery)
		synctest.Wait()
		if n := r.Events().Counts()[DumpOK]; n != 1 || r.StoreTrouble().Failed != 0 {
			t.Errorf("DUMP-OK events = %d, trouble %+v; want 1 and none", n, r.StoreTrouble())
		}
		halt()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// Who starts with an older generation because the newest is missing is told
// that, not only which is used.
func TestMissingDumpIsTold(t *testing.T) {
	_, previous := hundred()
	d := newDisk()
	d.names[generations[1]] = &inode{data: previous}
	dump, _ := d.open(t)
	if got := dump.Trouble(); len(got) != 1 || !strings.HasPrefix(got[0], "dump.xml is missing: dump.xml.1 is used, saved ") {
		t.Errorf("Trouble = %q, want what is missing and what is used", got)
	}
}
