package relay

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"syscall"
	"testing"
	"time"
)

// A disk is files that forgets in a crash what was not synced: the octets of
// a file, cut or as zeros, and what was done to the names, the latest first
// or any of it. It fails on demand, and it can lie.
type disk struct {
	names    map[string]*inode // as programs see them
	durable  map[string]*inode // as of the latest Sync
	pending  []nameChange      // since then
	now      time.Time
	room     int                         // octets left; negative: no bound
	fail     func(op, name string) error // before each operation; nil: none fails
	step     func()                      // before each operation and each octet written; nil: none
	octet    bool                        // step for each octet, not only for each operation
	lazy     bool                        // newFile.Sync does nothing
	lazyDir  bool                        // Sync does nothing
	inPlace  bool                        // a dump is written over the one before
	noLinks  bool
	readOnly bool
	blind    bool // nobody is told when a file was written
}

type inode struct {
	data    []byte
	durable int // octets of data that are synced
	written time.Time
}

// A nameChange is one change of names. A nil inode frees the name.
type nameChange []nameTo

type nameTo struct {
	name string
	to   *inode
}

func newDisk() *disk {
	return &disk{names: map[string]*inode{}, durable: map[string]*inode{}, now: saved, room: -1}
}

func (d *disk) begin(op, name string) error {
	if d.step != nil {
		d.step()
	}
	if d.readOnly && op != "open" {
		return &fs.PathError{Op: op, Path: name, Err: syscall.EROFS}
	}
	if d.fail != nil {
		return d.fail(op, name)
	}
	return nil
}

func (d *disk) change(c nameChange) {
	for _, n := range c {
		if n.to == nil {
			delete(d.names, n.name)
		} else {
			d.names[n.name] = n.to
		}
	}
	d.pending = append(d.pending, c)
}

func (d *disk) find(op, name string) (*inode, error) {
	if f := d.names[name]; f != nil {
		return f, nil
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

type diskReader struct {
	*bytes.Reader
	io.Closer
}

func (d *disk) Open(name string) (savedFile, error) {
	f, err := d.find("open", name)
	if err == nil {
		err = d.begin("open", name)
	}
	if err != nil {
		return nil, err
	}
	return diskReader{bytes.NewReader(f.data), io.NopCloser(nil)}, nil
}

func (d *disk) Create(name string) (newFile, error) {
	if err := d.begin("create", name); err != nil {
		return nil, err
	}
	if d.inPlace && name == tempName {
		name = dumpName
		if f := d.names[name]; f != nil {
			f.data, f.durable = nil, 0
			return &diskWriter{d, f, name}, nil
		}
	}
	if d.names[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	f := &inode{written: d.now}
	d.change(nameChange{{name, f}})
	return &diskWriter{d, f, name}, nil
}

type diskWriter struct {
	disk *disk
	file *inode
	name string
}

func (w *diskWriter) Write(b []byte) (int, error) {
	if err := w.disk.begin("write", w.name); err != nil {
		return 0, err
	}
	if w.disk.room < 0 && !w.disk.octet {
		w.file.data = append(w.file.data, b...)
		return len(b), nil
	}
	for i, c := range b {
		if w.disk.room == 0 {
			return i, &fs.PathError{Op: "write", Path: w.name, Err: syscall.ENOSPC}
		}
		w.disk.room--
		w.file.data = append(w.file.data, c)
		if w.disk.octet && w.disk.step != nil {
			w.disk.step()
		}
	}
	return len(b), nil
}

func (w *diskWriter) Sync() error {
	err := w.disk.begin("sync", w.name)
	if err == nil && !w.disk.lazy {
		w.file.durable = len(w.file.data)
	}
	return err
}

func (w *diskWriter) Close() error { return w.disk.begin("close", w.name) }

func (d *disk) Link(name, second string) error {
	f, err := d.find("link", name)
	if err == nil {
		err = d.begin("link", name)
	}
	switch {
	case err != nil:
		return err
	case d.noLinks:
		return &fs.PathError{Op: "link", Path: name, Err: syscall.EPERM}
	case d.names[second] != nil:
		return &fs.PathError{Op: "link", Path: second, Err: fs.ErrExist}
	}
	d.change(nameChange{{second, f}})
	return nil
}

func (d *disk) Rename(from, to string) error {
	if d.inPlace && from == tempName {
		return nil
	}
	f, err := d.find("rename", from)
	if err == nil {
		err = d.begin("rename", from)
	}
	if err != nil || d.names[to] == f { // two names of one file: POSIX does nothing
		return err
	}
	d.change(nameChange{{from, nil}, {to, f}})
	return nil
}

func (d *disk) Remove(name string) error {
	_, err := d.find("remove", name)
	if err == nil {
		err = d.begin("remove", name)
	}
	if err == nil {
		d.change(nameChange{{name, nil}})
	}
	return err
}

func (d *disk) Written(name string) (time.Time, error) {
	if d.blind {
		return time.Time{}, &fs.PathError{Op: "lstat", Path: name, Err: syscall.EIO}
	}
	f, err := d.find("lstat", name)
	if err != nil {
		return time.Time{}, err
	}
	return f.written, nil
}

func (d *disk) Names() ([]string, error) { return slices.Sorted(maps.Keys(d.names)), nil }

func (d *disk) Sync() error {
	err := d.begin("sync folder", "")
	if err == nil && !d.lazyDir {
		d.durable, d.pending = maps.Clone(d.names), nil
	}
	return err
}

// A survival says what of the pending changes outlives a crash.
type survival struct {
	names  uint // bit n: the nth pending change of names does
	octets int  // of those that were not synced; negative: all, but as zeros
}

// survivals are the ways to crash now. All orders: any pending changes of
// names may have come to the disk, else only those before one that did not.
func (d *disk) survivals(allOrders bool) (list []survival) {
	var names []uint
	for n := range len(d.pending) + 1 {
		names = append(names, 1<<n-1)
	}
	if allOrders && len(d.pending) <= 8 {
		names = nil
		for n := range uint(1) << len(d.pending) {
			names = append(names, n)
		}
	}
	loose := d.loose()
	for _, n := range names {
		list = append(list, survival{n, 0})
		if loose > 0 {
			list = append(list, survival{n, -1}, survival{n, loose / 2}, survival{n, loose - 1}, survival{n, loose})
		}
	}
	return list
}

// loose is how many octets at most are not synced in one file that has a name.
func (d *disk) loose() (n int) {
	for _, f := range d.names {
		n = max(n, len(f.data)-f.durable)
	}
	return n
}

// crash returns the disk as a machine finds it that starts again.
func (d *disk) crash(s survival) *disk {
	after := newDisk()
	after.now, after.noLinks = d.now, d.noLinks
	left := maps.Clone(d.durable)
	for n, c := range d.pending {
		if s.names&(1<<n) == 0 {
			continue
		}
		for _, to := range c {
			if to.to == nil {
				delete(left, to.name)
			} else {
				left[to.name] = to.to
			}
		}
	}
	copies := map[*inode]*inode{}
	for name, f := range left {
		if copies[f] == nil {
			copies[f] = f.crash(s.octets)
		}
		after.names[name] = copies[f]
	}
	after.durable = maps.Clone(after.names)
	return after
}

func (f *inode) crash(octets int) *inode {
	data := bytes.Clone(f.data)
	if octets < 0 {
		clear(data[f.durable:])
	} else {
		data = data[:min(len(data), f.durable+octets)]
	}
	return &inode{data, len(data), f.written}
}

// A heldLock is always held.
type heldLock struct{}

func (heldLock) Held() bool   { return true }
func (heldLock) Close() error { return nil }

// open returns the dump on a disk, and what it holds.
func (d *disk) open(t *testing.T) (*Dump, []Record) {
	t.Helper()
	dump := newDump(d, "/state/"+dumpName, discard)
	dump.lock, dump.now = heldLock{}, func() time.Time { return d.now }
	records, err := dump.Load(t.Context())
	if err != nil {
		t.Fatalf("Load = %v", err)
	}
	return dump, records
}

var errFault = errors.New("fault")
